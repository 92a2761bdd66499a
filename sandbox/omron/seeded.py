"""What becomes of a month of readings afterwards: changes that a seed chooses, the same every time.

Belongs here: which readings are chosen, and what happens to each. Not here: the order
(`sandbox/control_omron.py`), and what a change is (`store.py`).

Of each person, of the readings of the given days that are listed now: `edits` get another value,
`deletions` are taken away, and `late` are uploaded now and were not before. Totals of days are edited
but not deleted, and rows without pressures are left alone. The first late one lies in the night of the
clock change, if there is one. No reading meets two of these at once. Where fewer can be chosen than
are asked for, fewer are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sandbox.omron.entries import Entry
from sandbox.omron.habits import Habits
from sandbox.omron.routines import DAY, HOUR
from sandbox.omron.scopes import ACTIVITY, OXYGEN, PRESSURE, TEMPERATURE, TYPES, WEIGHT
from sandbox.omron.store import Store
from sandbox.people import Person

_NAMES = {
    PRESSURE: "systolic",
    ACTIVITY: "steps",
    WEIGHT: "weight",
    TEMPERATURE: "temperature",
    OXYGEN: "pulse",
}
_DELETABLE = (PRESSURE, WEIGHT, TEMPERATURE, OXYGEN)


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
    """Change a person's readings; gives how many changes of each kind were made."""
    rng = random.Random(f"omron {seed} {person.login}")  # noqa: S311 (no secret)
    waiting = {type_: _changeable(store, person, type_, days) for type_ in TYPES}
    types = [type_ for type_ in TYPES if waiting[type_]]
    for listed in waiting.values():
        rng.shuffle(listed)
    edited = _of_each(waiting, types, wishes.edits)
    for one in edited:
        store.edit(person, one.type, one.id, _edited(one, rng))
    deletable = [type_ for type_ in types if type_ in _DELETABLE]
    deleted = _of_each(waiting, deletable, wishes.deletions)
    for one in deleted:
        store.delete(person, one.type, one.id)
    late = _add(store, person, days, rng, wishes.late)
    return Counter({"edits": len(edited), "deletions": len(deleted), "late": late})


def _changeable(store: Store, person: Person, type_: str, days: tuple[date, date]) -> list[Entry]:
    listed = store.listed(person, type_, *days)
    return [one for one in listed if one.fields.get(_NAMES[type_])]


def _of_each(waiting: dict[str, list[Entry]], types: Sequence[str], most: int) -> list[Entry]:
    """Take so many readings out, of all types in turn as far as they go."""
    chosen: list[Entry] = []
    while len(chosen) < most and any(waiting[type_] for type_ in types):
        for type_ in types:
            if waiting[type_] and len(chosen) < most:
                chosen.append(waiting[type_].pop())
    return chosen


def _edited(entry: Entry, rng: random.Random) -> dict[str, Any]:
    name = _NAMES[entry.type]
    before = entry.fields[name]
    more = rng.randrange(1, 9)
    return {name: before + more if isinstance(before, int) else round(before + more / 10, 1)}


def _add(
    store: Store, person: Person, days: tuple[date, date], rng: random.Random, late: int
) -> int:
    habits, span = store.habits(person), (days[1] - days[0]).days + 1
    change = _clock_change(habits, days)
    for number in range(late):
        is_first = number == 0 and change is not None
        day = change if is_first and change else days[0] + timedelta(days=rng.randrange(span))
        start = habits.midnight(day)
        length = 4 * HOUR if is_first else habits.end(day) - start
        # Today is not over yet, and nobody measures in the future.
        at = max(start, min(start + rng.randrange(length), int(store.now()) - HOUR))
        value = _late_value(habits, number, rng)
        store.add(person, (PRESSURE, WEIGHT)[number % 2], day, at=at, value=value)
    return late


def _late_value(habits: Habits, number: int, rng: random.Random) -> dict[str, Any]:
    if number % 2 == 0:
        systolic = rng.randrange(110, 150)
        sides = {"systolic": systolic, "diastolic": systolic * 5 // 8}
        return sides | {"bloodPressureUnits": "mmHg", "pulse": rng.randrange(55, 90)}
    units = "lb" if habits.is_american else "kg"
    return {"weight": rng.randrange(600, 900) / 10, "weightUnits": units}


def _clock_change(habits: Habits, days: tuple[date, date]) -> date | None:
    """Give a day of 23 or 25 hours."""
    for number in range((days[1] - days[0]).days + 1):
        day = days[0] + timedelta(days=number)
        if habits.end(day) - habits.midnight(day) != DAY:
            return day
    return None
