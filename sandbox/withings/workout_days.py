"""The workouts that begin on a day as the vendor's `getworkouts` lists them.

Belongs here: rows and their sums. Not here: when somebody works out (`life.py`), or lists
(`collection.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.withings.activity_days import sum_of
from sandbox.withings.gear import SCANWATCH_2
from sandbox.withings.life import MANUAL, Bout, Life
from sandbox.withings.minutes import workout_minutes
from sandbox.withings.wire import group_number

Row = dict[str, Any]
UPLOADED_AFTER = 140
# Apart from the numbers of measure groups and of nights.
APART = 1_000_000_000


def workout_rows(life: Life, day: date) -> list[Row]:
    """Give the rows of a day in order; one is listed from `modified` on."""
    return [_row(life, day, number, bout) for number, bout in enumerate(life.workouts(day))]


def _row(life: Life, day: date, number: int, bout: Bout) -> Row:
    watch, phone = life.gear.watch, life.gear.phone
    is_watch = watch is not None and not bout.by_phone and bout.attrib != MANUAL
    return {
        "id": group_number(life.habits.number, day, number) - APART,
        "category": bout.category,
        "timezone": life.zone(day).key,
        "model": watch.model_id if is_watch and watch else phone[0] if phone else None,
        "attrib": bout.attrib,
        "startdate": bout.start,
        "enddate": bout.end,
        "date": day.isoformat(),
        "modified": bout.end + UPLOADED_AFTER,
        "deviceid": watch.id if is_watch and watch else None,
        "data": _data(life, day, number, bout),
    }


def _data(life: Life, day: date, number: int, bout: Bout) -> Row:
    if bout.attrib == MANUAL:
        return {
            "calories": None,
            "distance": None,
            "manual_calories": bout.minutes * 6,
            "manual_distance": bout.minutes * 31,
            "intensity": 30,
            "manual_intensity": 30,
        }
    entries = [entry for _, entry in workout_minutes(life, day, number, bout)]
    moved = {
        "calories": round(sum_of(entries, "calories"), 1),
        "steps": sum_of(entries, "steps"),
        "distance": round(sum_of(entries, "distance"), 1),
        "elevation": sum_of(entries, "elevation"),
        "intensity": min(100, bout.heart_rate // 2),
    }
    if bout.by_phone:
        return moved
    rates = [entry["heart_rate"] for entry in entries]
    watch = life.gear.watch
    return moved | {
        "hr_average": round(sum(rates) / len(rates)),
        "hr_min": min(rates),
        "hr_max": max(rates),
        "hr_zone_0": 0,
        "hr_zone_1": bout.end - bout.start,
        "hr_zone_2": 0,
        "hr_zone_3": 0,
        "pause_duration": bout.pause_seconds,
        "algo_pause_duration": None,
        "spo2_average": 95 if watch and watch.model_id == SCANWATCH_2 else None,
        "manual_calories": None,
        "manual_distance": None,
    }
