"""The totals of a day as the vendor's `getactivity` lists them: a row per source.

Belongs here: sums of a day's minutes. Not here: the minutes (`minutes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sandbox.withings.life import DAY, MINUTE, Life
from sandbox.withings.minutes import TEN_MINUTES, Entry, named

Row = dict[str, Any]
WITHINGS, EXTERNAL = 1, 18  # `brand`
# Beats per minute from which on a zone begins: moderate, intense, maximal.
ZONES = (100, 135, 160)
BRISK, FAST = 100, 130  # steps per minute
KCAL_PER_KILOGRAM = 22


def activity_rows(life: Life, day: date, entries: Mapping[int, Entry], now: float) -> list[Row]:
    """Give the rows of a day as far as it has been uploaded, the tracker's first."""
    seen_until, modified = life.seen_until(day, now), life.uploaded_at(day, now)
    if seen_until <= life.start(day):
        return []
    seen = {at: entry for at, entry in entries.items() if at < seen_until}
    dated = {"timezone": life.zone(day).key, "date": day.isoformat(), "modified": modified}
    rows = []
    if life.gear.watch is not None:
        watch = life.gear.watch
        own = {at: one for at, one in seen.items() if one["deviceid"] == watch.id}
        device = named(watch)
        model_id = device.pop("model_id")
        rest_kcal = life.habits.weight_grams * KCAL_PER_KILOGRAM / 1000
        rest_kcal *= (seen_until - life.start(day)) / DAY
        rows.append(
            _moved(own.values())
            | _lasted(own.values())
            | _beats(own)
            | {"totalcalories": round(rest_kcal + sum_of(own.values(), "calories"), 1)}
            | device
            | {"modelid": model_id, "brand": WITHINGS, "is_tracker": True}
            | dated
        )
    if life.gear.phone is not None:
        model_id, model = life.gear.phone
        own = {at: one for at, one in seen.items() if one["model_id"] == model_id}
        device = {"deviceid": None, "hash_deviceid": None, "modelid": model_id, "model": model}
        source = {"brand": EXTERNAL, "is_tracker": False}
        rows.append(_moved(own.values()) | _PHONE_KNOWS_NOT | device | source | dated)
    return rows


_PHONE_KNOWS_NOT = {
    "soft": 0,
    "moderate": 0,
    "intense": 0,
    "active": 0,
    "totalcalories": 0,
    "hr_average": None,
    "hr_min": None,
    "hr_max": None,
}


def sum_of(entries: Iterable[Entry], name: str) -> Any:
    """Add up a field of entries, exact to a hundredth."""
    return round(sum(one.get(name, 0) for one in entries), 2)


def _moved(entries: Iterable[Entry]) -> Row:
    counted = [one for one in entries if "steps" in one]
    return {
        "steps": sum_of(counted, "steps"),
        "distance": round(sum_of(counted, "distance"), 1),
        "elevation": sum_of(counted, "elevation"),
        "calories": round(sum_of(counted, "calories"), 1),
    }


def _lasted(entries: Iterable[Entry]) -> Row:
    """Give how long somebody moved slowly, briskly and fast."""
    paces = [one["steps"] for one in entries if "steps" in one]
    soft = sum(pace < BRISK for pace in paces) * MINUTE
    moderate = sum(BRISK <= pace < FAST for pace in paces) * MINUTE
    intense = sum(pace >= FAST for pace in paces) * MINUTE
    return {"soft": soft, "moderate": moderate, "intense": intense, "active": moderate + intense}


def _beats(entries: Mapping[int, Entry]) -> Row:
    rates = [one["heart_rate"] for one in entries.values() if one.get("heart_rate")]
    if not rates:
        return {"hr_average": None, "hr_min": None, "hr_max": None}
    seconds = [0] * (len(ZONES) + 1)
    for one in entries.values():
        if one.get("heart_rate"):
            zone = sum(one["heart_rate"] >= least for least in ZONES)
            seconds[zone] += MINUTE if "steps" in one else TEN_MINUTES
    return {
        "hr_average": round(sum(rates) / len(rates)),
        "hr_min": min(rates),
        "hr_max": max(rates),
        **{f"hr_zone_{number}": lasted for number, lasted in enumerate(seconds)},
    }
