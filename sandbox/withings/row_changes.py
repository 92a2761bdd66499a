"""What can be done to a listed row, or made into one more, so that all of the vendor agrees on it.

Belongs here: one change at a time. Not here: which is ordered (`sandbox/control_readings.py`) or drawn
by lot (`seeded_rows.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.people import Person
from sandbox.withings.changes import ACTIVITY, ECG, NIGHT, WORKOUT, Row
from sandbox.withings.collection import Collection
from sandbox.withings.life import MANUAL, MINUTE, WALK, Life
from sandbox.withings.nights import TRACKER_MODEL, summary
from sandbox.withings.stages import DEEP, LIGHT, make_segments
from sandbox.withings.strips import NEGATIVE, UPLOADED_AFTER

# A field that no row has: it stands for what is listed beside the row, sample by sample.
SAMPLE = "sample"
SAMPLED = frozenset({NIGHT, ECG})
NO_WATCH = "this account has no watch"
_LATE = 9  # of a day's nights; what is made up has lower numbers


def set_field(
    kept: Collection, person: Person, kind: str, row: Row, *, name: str, value: Any
) -> None:
    """Give a row another value of a field; a day's steps are taken in some minute of it."""
    if kind == NIGHT and name == SAMPLE:
        _beat(kept, person, row, value)
        kept.replace(kind, person, row, row)
        return
    if kind == ACTIVITY and name == "steps":
        _take_steps(kept, person, row, value - row["steps"])
    if name in row.get("data", {}):
        changed = row | {"data": row["data"] | {name: value}}
    elif name in row.get("ecg", {}):
        changed = row | {"ecg": row["ecg"] | {name: value}}
    else:
        changed = row | {name: value}
    kept.replace(kind, person, row, changed)


def deepen(kept: Collection, person: Person, night: Row) -> bool:
    """Make one light stage of a night deep, and say so in its summary; gives whether there was one."""
    segments = _own_segments(kept, person, night)
    place = next((n for n, one in enumerate(segments) if one["state"] == LIGHT), None)
    if place is None or not night["data"].get("lightsleepduration"):
        return False
    light = segments[place]
    lasted = light["enddate"] - light["startdate"]
    data = night["data"] | {
        "lightsleepduration": night["data"]["lightsleepduration"] - lasted,
        "deepsleepduration": night["data"]["deepsleepduration"] + lasted,
    }
    changed = [*segments[:place], light | {"state": DEEP}, *segments[place + 1 :]]
    kept.changes(person).segments[night["id"]] = changed
    kept.replace(NIGHT, person, night, night | {"data": data})
    return True


def _own_segments(kept: Collection, person: Person, night: Row) -> list[Row]:
    return [
        one
        for one in kept.segments(person, night["startdate"], night["enddate"] - 1)
        if one["hash_deviceid"] == night["hash_deviceid"]
    ]


def _beat(kept: Collection, person: Person, night: Row, rate: float) -> None:
    """Give the first heart rate in a night's stages another value."""
    segments = _own_segments(kept, person, night)
    place = next((n for n, one in enumerate(segments) if one["hr"]), None)
    if place is not None:
        rates = segments[place]["hr"]
        segments[place] = segments[place] | {"hr": rates | {min(rates, key=int): rate}}
        kept.changes(person).segments[night["id"]] = segments


def add(kept: Collection, person: Person, kind: str, day: date) -> Row:
    """List one more workout, nap or ECG of a day, uploaded now; raises ValueError without a watch."""
    make = {WORKOUT: _walk, NIGHT: _nap, ECG: _strip}[kind]
    row = make(kept, person, day) | {"modified": kept.now()}
    kept.changes(person).add(kind, row)
    return row


def _take_steps(kept: Collection, person: Person, row: Row, more: int) -> None:
    life, day = kept.life(person), date.fromisoformat(row["date"])
    entries = kept.minutes(person, life.start(day), life.end(day) - 1)
    own = {at: one for at, one in entries.items() if one["hash_deviceid"] == row["hash_deviceid"]}
    counted = [at for at, one in own.items() if one.get("steps", 0) + more > 0 and "steps" in one]
    if counted:
        at = counted[len(counted) // 2]
        kept.changes(person).entries[at] = own[at] | {"steps": own[at]["steps"] + more}


def _walk(kept: Collection, person: Person, day: date) -> Row:
    """Make a walk that somebody typed in."""
    life = kept.life(person)
    start = life.at(day, 13, 10)
    data = {"manual_calories": 96, "manual_distance": 1_750, "calories": None, "distance": None}
    return _dated(kept, person, day, (start, start + 25 * MINUTE)) | {
        "category": WALK,
        "model": None,
        "attrib": MANUAL,
        "deviceid": None,
        "data": data,
    }


def _nap(kept: Collection, person: Person, day: date) -> Row:
    life = kept.life(person)
    watch = life.gear.watch
    if watch is None:
        raise ValueError(NO_WATCH)
    start = life.at(day, 16, 5)
    span = (start, start + 42 * MINUTE)
    segments = make_segments(life, day, _LATE, span, device=watch, is_mat=False)
    row = _dated(kept, person, day, span) | {
        "model": TRACKER_MODEL,
        "model_id": watch.model_id,
        "hash_deviceid": watch.id,
        "created": kept.now(),
        "completed": True,
        "data": summary(segments, span, is_mat=False),
    }
    kept.changes(person).segments[row["id"]] = list(segments)
    return row


def _strip(kept: Collection, person: Person, day: date) -> Row:
    life = kept.life(person)
    watch = life.gear.watch
    if watch is None:
        raise ValueError(NO_WATCH)
    return {
        "deviceid": watch.id,
        "hash_deviceid": watch.id,
        "model": watch.model_id,
        "ecg": {"signalid": kept.changes(person).new_number(), "afib": NEGATIVE},
        "heart_rate": 71,
        "timestamp": life.at(day, 16, 20) + UPLOADED_AFTER,
    }


def _dated(kept: Collection, person: Person, day: date, span: tuple[int, int]) -> Row:
    life: Life = kept.life(person)
    return {
        "id": kept.changes(person).new_number(),
        "timezone": life.zone(day).key,
        "date": day.isoformat(),
        "startdate": span[0],
        "enddate": span[1],
    }
