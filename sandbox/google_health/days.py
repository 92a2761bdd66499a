"""A day's intervals of activity: steps, distance, floors, energy, minutes by effort, sitting.

Belongs here: points of interval types. Not here: when somebody moves (`moves.py`), and sums of a day
(`rollups.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from sandbox.google_health.gear import derived
from sandbox.google_health.moves import Minute, phone_chunks, watch_minutes
from sandbox.google_health.points import Point, Value
from sandbox.google_health.wearers import Wearer
from sandbox.withings.life import HOUR, MINUTE

QUARTER = HOUR // 4
QUARTERS_A_DAY = 96
FLOOR_MILLIMETRES = 3_048
BRISK, HARD = 100, 125  # steps and beats a minute
_ZONES = ((150, "PEAK", "PEAK"), (130, "VIGOROUS", "CARDIO"), (110, "MODERATE", "FAT_BURN"))
_POINTS_PER_MINUTE = {"FAT_BURN": 1, "CARDIO": 2, "PEAK": 2}


def steps(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a watch's minutes with steps, and a phone's spans of the same walks."""
    yield from _each_minute(wearer, day, "steps", lambda one: {"count": str(one.steps)})
    for chunk in phone_chunks(wearer, day):
        value = {"count": str(chunk.steps)}
        yield wearer.point("steps", (chunk.start, chunk.end), value, wearer.gear.phone)


def distance(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give how far those steps went, by two lengths of a stride."""
    stride = 690 + wearer.life.habits.seed % 90
    yield from _each_minute(
        wearer, day, "distance", lambda one: {"millimeters": str(one.steps * stride)}
    )
    for chunk in phone_chunks(wearer, day):
        value = {"millimeters": str(chunk.steps * 700)}
        yield wearer.point("distance", (chunk.start, chunk.end), value, wearer.gear.phone)


def floors(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the minutes in which a watch with an altimeter climbs a floor."""
    return _climbs(wearer, day, "floors", {"count": "1"})


def altitude(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give how high those floors are."""
    return _climbs(wearer, day, "altitude", {"gainMillimeters": str(FLOOR_MILLIMETRES)})


def active_energy(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the energy of every quarter of an hour on the move."""
    for at, kcal in _burned(wearer, day).items():
        yield _quarter(wearer, day, "active-energy-burned", at, {"kcal": kcal})


def total_calories(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the energy of every quarter of an hour, of a body at rest too, once anything counts."""
    burned = _burned(wearer, day)
    if wearer.gear.watch is None and not burned:
        return
    basal = round(wearer.life.habits.weight_grams / 1_000 * 22 / QUARTERS_A_DAY, 2)
    for at in range(wearer.start(day), wearer.end(day), QUARTER):
        value = {"kcal": round(basal + burned.get(at, 0), 2)}
        yield _quarter(wearer, day, "total-calories", at, value)


def active_minutes(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give, by quarter of an hour, the minutes of each level."""
    by_quarter: dict[int, Counter[str]] = {}
    for one in watch_minutes(wearer, day):
        if one.steps >= BRISK // 2 or one.is_workout:
            by_quarter.setdefault(_quarter_of(one.at), Counter())[_level(one)] += 1
    for at, levels in by_quarter.items():
        told = [
            {"activityLevel": level, "activeMinutes": str(levels[level])}
            for level in sorted(levels)
        ]
        value = {"activeMinutesByActivityLevel": told}
        yield _quarter(wearer, day, "active-minutes", at, value)


def active_zone_minutes(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the minutes whose pulse earns some."""
    for one in _paced(wearer, day):
        zone = next((name for least, _, name in _ZONES if one.rate >= least), None)
        if zone is not None:
            value = {"heartRateZone": zone, "activeZoneMinutes": str(_POINTS_PER_MINUTE[zone])}
            span = (one.at, one.at + MINUTE)
            yield wearer.point("active-zone-minutes", span, value, wearer.gear.watch, day=day)


def zone_times(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give each stretch on the move whose pulse stays in one zone."""
    stretches: list[tuple[int, int, str]] = []
    for one in _paced(wearer, day):
        zone = next((name for least, name, _ in _ZONES if one.rate >= least), "LIGHT")
        if stretches and stretches[-1][1:] == (one.at, zone):
            stretches[-1] = (stretches[-1][0], one.at + MINUTE, zone)
        else:
            stretches.append((one.at, one.at + MINUTE, zone))
    for start, end, zone in stretches:
        value = {"heartRateZoneType": zone}
        source = wearer.gear.watch
        yield wearer.point("time-in-heart-rate-zone", (start, end), value, source, day=day)


def sedentary(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the stretches between eight and ten without a quarter of an hour on the move."""
    if wearer.gear.watch is None:
        return
    first, last = wearer.at(day, 8), wearer.at(day, 22)
    moved = sorted({_quarter_of(one.at) for one in watch_minutes(wearer, day)})
    edges = [first - QUARTER, *(at for at in moved if first <= at < last), last]
    for before, after in pairwise(edges):
        if after > before + QUARTER:
            span = (before + QUARTER, after)
            yield wearer.point("sedentary-period", span, {}, wearer.gear.watch, day=day)


def _each_minute(
    wearer: Wearer, day: date, type_: str, value_of: Callable[[Minute], Value]
) -> Iterator[Point]:
    for one in watch_minutes(wearer, day):
        span = (one.at, one.at + MINUTE)
        yield wearer.point(type_, span, value_of(one), wearer.gear.watch, day=day)


def _climbs(wearer: Wearer, day: date, type_: str, value: Value) -> Iterator[Point]:
    if wearer.gear.counts_zones:
        for one in watch_minutes(wearer, day):
            if one.climbs:
                span = (one.at, one.at + MINUTE)
                yield wearer.point(type_, span, value, wearer.gear.watch, day=day)


def _burned(wearer: Wearer, day: date) -> dict[int, float]:
    """Give the energy of movement by the start of its quarter of an hour."""
    counted = [(one.at, one.kcal) for one in watch_minutes(wearer, day)]
    if wearer.gear.watch is None:
        counted = [(one.start, one.steps * 0.039) for one in phone_chunks(wearer, day)]
    burned: dict[int, float] = {}
    for at, kcal in counted:
        burned[_quarter_of(at)] = burned.get(_quarter_of(at), 0) + kcal
    return {at: round(kcal, 2) for at, kcal in burned.items()}


def _paced(wearer: Wearer, day: date) -> list[Minute]:
    if not wearer.gear.counts_zones:
        return []
    return [one for one in watch_minutes(wearer, day) if one.steps >= BRISK // 2 or one.is_workout]


def _level(minute: Minute) -> str:
    if minute.is_workout:
        return "VIGOROUS" if minute.rate >= HARD else "MODERATE"
    return "MODERATE" if minute.steps >= BRISK else "LIGHT"


def _quarter_of(at: int) -> int:
    return at // QUARTER * QUARTER


def _quarter(wearer: Wearer, day: date, type_: str, at: int, value: Value) -> Point:
    source = derived(wearer.gear.watch)
    return wearer.point(type_, (at, at + QUARTER), value, source, day=day)
