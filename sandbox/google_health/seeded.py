"""What becomes of a month of points afterwards: changes that a seed chooses, the same every time.

Belongs here: which points are chosen, and what happens to each. Not here: the order (`sandbox/control_google.py`), and
what a change is (`store.py`).

Of each person, of the points of the given days that count now: `edits` get another value, `deletions`
are taken away, and `late` are told now and were not before. Weights, fat, glucose, nights, exercises,
ECGs and minutes of steps are edited; of them one nap at most, and no minute of steps, is deleted: a
vendor's user deletes some readings, not an account. The first late weight lies in the night of the
clock change, if there is one. No point meets two of these at once. Where fewer can be chosen than are
asked for, fewer are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from sandbox.google_health.deepening import deepened
from sandbox.google_health.points import Point, Value
from sandbox.google_health.stages import is_processed
from sandbox.google_health.wearers import ONE_DAY, Wearer
from sandbox.people import Person
from sandbox.withings.life import DAY, HOUR

if TYPE_CHECKING:
    from sandbox.google_health.store import Store

_TYPES = ("sleep", "weight", "exercise", "blood-glucose", "steps", "electrocardiogram", "body-fat")
_LISTED = frozenset({"weight", "body-fat", "blood-glucose", "electrocardiogram"})
_DELETABLE = ("weight", "exercise", "blood-glucose", "electrocardiogram", "body-fat")
_LATE = ("weight", "exercise", "blood-glucose", "sleep", "electrocardiogram", "steps")
_MEASURES_LATE = ("weight", "body-fat")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How many changes of each kind, per person."""

    edits: int = 0
    deletions: int = 0
    late: int = 0


KINDS = tuple(one.name for one in fields(Wishes))


def change_by_seed(
    store: Store, person: Person, *, days: tuple[date, date], seed: int, wishes: Wishes
) -> Counter[str]:
    """Change a person's points; gives how many changes of each kind were made."""
    rng = random.Random(f"google {seed} {person.login}")  # noqa: S311 (no secret)
    waiting = {type_: _counting(store, person, type_, days) for type_ in _TYPES}
    for points in waiting.values():
        rng.shuffle(points)
    edited = _of_each(waiting, _TYPES, wishes.edits)
    for one in edited:
        store.edit(person, one.type, one.id, _edited(one, rng))
    naps = [one for one in waiting["sleep"] if one.value["metadata"].get("nap")]
    deleted = _of_each(waiting | {"sleep": naps[:1]}, (*_DELETABLE, "sleep"), wishes.deletions)
    for one in deleted:
        store.delete(person, one.type, one.id)
    late = _add(store, person, days, rng, wishes.late)
    return Counter({"edits": len(edited), "deletions": len(deleted), "late": late})


def _counting(store: Store, person: Person, type_: str, days: tuple[date, date]) -> list[Point]:
    """Give the points that a reader may see: of nights those that are done."""
    points = (store.raw if type_ in _LISTED else store.merged)(person, type_, *days)
    return [one for one in points if one.type != "sleep" or is_processed(one.value)]


def _of_each(waiting: dict[str, list[Point]], types: Sequence[str], most: int) -> list[Point]:
    """Take so many points out, of all types in turn as far as they go."""
    chosen: list[Point] = []
    while len(chosen) < most and any(waiting[type_] for type_ in types):
        for type_ in types:
            if waiting[type_] and len(chosen) < most:
                chosen.append(waiting[type_].pop())
    return chosen


def _edited(point: Point, rng: random.Random) -> Value:
    """Give the fields that change; of a night one stage, or how long somebody slept."""
    if point.type == "sleep":
        return deepened(point.value)
    if point.type == "exercise":
        summary = point.value["metricsSummary"]
        name = "caloriesKcal" if "caloriesKcal" in summary else "distanceMillimeters"
        return {"metricsSummary": summary | {name: summary[name] + rng.randrange(1, 9)}}
    return _NUMBERS[point.type](point.value, rng.randrange(1, 9))


_NUMBERS: dict[str, Callable[[Value, int], Value]] = {
    "weight": lambda value, more: {"weightGrams": value["weightGrams"] + 50 * more},
    "body-fat": lambda value, more: {"percentage": round(value["percentage"] + more / 10, 1)},
    "blood-glucose": lambda value, more: {
        (name := "bloodGlucoseMilligramsPerDeciliter"): round(value[name] + more, 4)
    },
    "steps": lambda value, more: {"count": str(int(value["count"]) + more)},
    "electrocardiogram": lambda value, more: {
        (name := "beatsPerMinuteAvg"): str(int(value[name]) + more)
    },
}


def _add(
    store: Store, person: Person, days: tuple[date, date], rng: random.Random, late: int
) -> int:
    """Add points on days of their own: two naps of one hour would be one."""
    wearer, types = store.wearer(person), _types_late(store, person)
    span = (days[1] - days[0]).days + 1
    drawn = [days[0] + number * ONE_DAY for number in rng.sample(range(span), min(late, span))]
    for number, day in enumerate(drawn):
        change = _clock_change(wearer, days) if number == 0 else None
        if change is None:
            store.add(person, types[number % len(types)], day)
        else:
            at = (wearer.start(change) + HOUR + rng.randrange(3 * HOUR)) * 1_000
            store.add(person, types[0], change, at=at)
    return len(drawn)


def _types_late(store: Store, person: Person) -> Sequence[str]:
    wearer = store.wearer(person)
    if not store.has_everything:
        return _MEASURES_LATE
    without = set()
    if wearer.gear.watch is None:
        without |= {"sleep", "steps"}
    if not wearer.gear.takes_ecgs:
        without.add("electrocardiogram")
    return [type_ for type_ in _LATE if type_ not in without]


def _clock_change(wearer: Wearer, days: tuple[date, date]) -> date | None:
    """Give a day of 23 or 25 hours."""
    for number in range((days[1] - days[0]).days + 1):
        day = days[0] + number * ONE_DAY
        if wearer.end(day) - wearer.start(day) != DAY:
            return day
    return None
