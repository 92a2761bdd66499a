"""Exercises as the vendor lists them, by the civil day on which they begin.

Belongs here: who tells an exercise, and what of it. Not here: when somebody works out (`moves.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from sandbox.google_health.gear import FITNESS_APP, TYPED_IN, actively
from sandbox.google_health.moves import Minute, walks, workout_minutes, workouts
from sandbox.google_health.points import Point, Source, Value, without_zeros
from sandbox.google_health.wearers import Wearer
from sandbox.google_health.wire import instant
from sandbox.withings.habits import TYPIST
from sandbox.withings.life import (
    BICYCLE,
    FITNESS,
    MINUTE,
    NO_ACTIVITY,
    OTHER,
    RUN,
    UNKNOWN,
    WALK,
    Bout,
)

# Type and display name by the kind of workout; the last but one is on no list.
_NAMES = {
    WALK: ("WALKING", "Walking"),
    RUN: ("RUNNING", "Run"),
    BICYCLE: ("BIKING", "Bike"),
    FITNESS: ("STRENGTH_TRAINING", "Strength training"),
    OTHER: ("OTHER", "Beach tennis"),
    UNKNOWN: ("UNDERWATER_HOCKEY", "Underwater hockey"),
    NO_ACTIVITY: ("MEDITATE", "Meditation"),
}
_ZONES = ((150, "peakTime"), (130, "vigorousTime"), (110, "moderateTime"), (0, "lightTime"))
_POINTS = {"peakTime": 2, "vigorousTime": 2, "moderateTime": 1}
_OF_APP = 50  # apart from the places of what a watch tells


def exercises(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a day's exercises, of the watch, typed in, and of an app on the phone."""
    for number, bout in enumerate(workouts(wearer, day)):
        yield _exercise(wearer, day, number, bout)
    if wearer.way == TYPIST and wearer.turn(day) % 4 == 3:  # noqa: PLR2004 (a turn of four days)
        for bout in walks(wearer, day)[:1]:
            yield _made(
                wearer,
                day,
                bout,
                place=_OF_APP,
                source=FITNESS_APP,
                value=_WALKED | _of_app(bout),
            )


_WALKED: Value = {"exerciseType": "WALKING", "displayName": "Walking"}


def walked(bout: Bout) -> Value:
    """Give the value of a walk that somebody types in."""
    return _WALKED | {
        "activeDuration": f"{bout.minutes * MINUTE}s",
        "metricsSummary": {"caloriesKcal": 96, "distanceMillimeters": 1_750_000},
    }


def _exercise(wearer: Wearer, day: date, number: int, bout: Bout) -> Point:
    type_, name = _NAMES[bout.category or OTHER]
    named: Value = {"exerciseType": type_, "displayName": name}
    if bout.by_phone:
        return _made(
            wearer, day, bout, place=number, source=FITNESS_APP, value=named | _of_app(bout)
        )
    watch = wearer.gear.watch
    if watch is None or bout.pace == 0:
        summary: Value = {"metricsSummary": {"caloriesKcal": 5 * bout.minutes}}
        told = named | summary | {"activeDuration": f"{bout.minutes * MINUTE}s"}
        return _made(wearer, day, bout, place=number, source=TYPED_IN, value=told)
    minutes = list(workout_minutes(wearer, day, number, bout))
    value = named | _of_watch(wearer, bout, minutes)
    return _made(wearer, day, bout, place=number, source=actively(watch), value=value)


def _made(
    wearer: Wearer, day: date, bout: Bout, *, place: int, source: Source, value: Value
) -> Point:
    number = wearer.number("exercise", day, place, source)
    return wearer.point("exercise", (bout.start, bout.end), value, source, day=day, point_id=number)


def _of_app(bout: Bout) -> Value:
    """Give what an app passes on: no pulse, no pause."""
    metres = bout.minutes * bout.pace * 70 // 100
    return {"metricsSummary": {"distanceMillimeters": metres * 1_000}}


def _of_watch(wearer: Wearer, bout: Bout, minutes: Sequence[Minute]) -> Value:
    stride = 690 + wearer.life.habits.seed % 90
    counted = sum(one.steps for one in minutes)
    zones = Counter(_zone_of(one) for one in minutes)
    is_far = bout.category in {RUN, WALK, BICYCLE}
    summary = {
        "caloriesKcal": round(sum(one.kcal for one in minutes), 1),
        "distanceMillimeters": counted * stride if is_far else 0,
        "steps": str(counted),
        "averageHeartRateBeatsPerMinute": str(sum(one.rate for one in minutes) // len(minutes)),
        "activeZoneMinutes": str(sum(_POINTS.get(zone, 0) * n for zone, n in zones.items())),
        "heartRateZoneDurations": {zone: f"{zones[zone] * MINUTE}s" for _, zone in _ZONES},
    }
    active = bout.minutes * MINUTE - bout.pause_seconds
    told = {"activeDuration": f"{active}s", "metricsSummary": without_zeros(summary)}
    metadata = {"exerciseMetadata": {"hasGps": True}} if is_far else {}
    return told | metadata | {"exerciseEvents": _events(wearer, bout)}


def _zone_of(minute: Minute) -> str:
    return next(zone for least, zone in _ZONES if minute.rate >= least)


def _events(wearer: Wearer, bout: Bout) -> list[Value]:
    return [
        {
            "eventTime": instant(at * 1_000),
            "eventUtcOffset": f"{wearer.offset(at)}s",
            "exerciseEventType": type_,
        }
        for at, type_ in ((bout.start, "START"), (bout.end, "STOP"))
    ]
