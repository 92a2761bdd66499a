"""What becomes of a month of readings afterwards: changes that a seed chooses, the same every time.

Belongs here: which groups are chosen, and what happens to each. Not here: the order
(`sandbox/control_seeded.py`), and listing (`readings.py`).

Of each person, of the readings of the given days that are listed now:

- `edits`: a sure group gets another value of one measure;
- `deletions`: a sure group is taken away; of those with a whole body composition at most one, and none
  that has each limb's as well, for a vendor's user deletes a reading, not a device;
- `late`: a group that nobody saw before, taken on one of the days and uploaded now: a cuff without
  pulse, a weighing, a weight typed in. The first lies in the night of the clock change, if there is one;
- `attributed`: a group of a doubtful user is now surely this person's, unless another group of the same
  second had settled that;
- `additions`: a cuff without pulse gets one.

Of days, workouts, nights and ECGs as many are edited, deleted and late besides (`seeded_rows.py`).
No group meets two of these at once. Where fewer can be chosen than are asked for, fewer are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.people import Person
from sandbox.withings.habits import CUFF, SCALE
from sandbox.withings.readings import Group, Readings
from sandbox.withings.routines import AMBIGUOUS, CONFIRMED, GUIDED, MANUAL, SERIES, SURE
from sandbox.withings.seeded_rows import change_rows_by_seed
from sandbox.withings.wire import REAL_MEASURE, measure

WEIGHT, DIASTOLIC, SYSTOLIC, PULSE = 1, 9, 10, 11
EDITED = frozenset({WEIGHT, 5, 6, 8, DIASTOLIC, SYSTOLIC, PULSE, 76})
# `attrib` of what is surely this person's; 0 is what the vendor never doubted.
SURELY = frozenset({0, MANUAL, SERIES, CONFIRMED, SURE, GUIDED})
SMALL = 3  # measures of a cuff
LARGE = 12  # a whole body composition, but not of each limb as well
HOUR = 3_600


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How many changes of each kind, per person."""

    edits: int = 0
    deletions: int = 0
    late: int = 0
    attributed: int = 0
    additions: int = 0


KINDS = tuple(one.name for one in fields(Wishes))


def change_by_seed(
    readings: Readings,
    person: Person,
    *,
    days: tuple[date, date],
    seed: int,
    wishes: Wishes,
) -> Counter[str]:
    """Change a person's readings; gives how many changes of each kind were made."""
    changes = _Changes(readings, person, days, random.Random(f"{seed} {person.login}"))  # noqa: S311 (no secret)
    of_groups = Counter(
        {
            "additions": changes.each(changes.without_pulse(), wishes.additions, changes.add_pulse),
            "attributed": changes.each(changes.doubted(), wishes.attributed, changes.attribute),
            "deletions": changes.each(
                changes.deletable(wishes.deletions), wishes.deletions, changes.delete
            ),
            "edits": changes.each(changes.editable(), wishes.edits, changes.edit),
            "late": changes.late(wishes.late),
        }
    )
    return of_groups + change_rows_by_seed(
        readings.collection,
        person,
        days=days,
        rng=random.Random(f"{seed} {person.login} rows"),  # noqa: S311 (no secret)
        edits=wishes.edits,
        deletions=wishes.deletions,
        late=wishes.late,
    )


class _Changes:
    """The readings of one person, and which of them were changed already."""

    def __init__(
        self, readings: Readings, person: Person, days: tuple[date, date], rng: random.Random
    ) -> None:
        self._readings = readings
        self._person = person
        self._days = days
        self._rng = rng
        listed = readings.on_days(person, *days)
        self._groups = {g["grpid"]: g for g in listed if g["category"] == REAL_MEASURE}
        self._taken_at = Counter(group["date"] for group in self._groups.values())

    def each(self, chosen: Sequence[Group], most: int, change: Callable[[Group], None]) -> int:
        """Change so many of the groups, drawn by lot; gives how many."""
        drawn = self._rng.sample(chosen, min(most, len(chosen)))
        for group in drawn:
            change(group)
            del self._groups[group["grpid"]]
        return len(drawn)

    def without_pulse(self) -> list[Group]:
        return [group for group in self._sure() if _types(group) == {SYSTOLIC, DIASTOLIC}]

    def doubted(self) -> list[Group]:
        return [
            group
            for group in self._groups.values()
            if group["attrib"] == AMBIGUOUS and self._taken_at[group["date"]] == 1
        ]

    def editable(self) -> list[Group]:
        return [group for group in self._sure() if _types(group) & EDITED]

    def deletable(self, most: int) -> list[Group]:
        """Give so many sure groups, or all small ones and one other, of no segmental scale."""
        small = [group for group in self._sure() if len(group["measures"]) <= SMALL]
        large = [group for group in self._sure() if SMALL < len(group["measures"]) <= LARGE]
        one = [self._rng.choice(large)] if large and most else []
        return [*one, *self._rng.sample(small, min(len(small), most - len(one)))]

    def add_pulse(self, group: Group) -> None:
        pulse = measure(PULSE, self._rng.randrange(55, 90), 0)
        self._replace(group, {"measures": [*group["measures"], pulse]})

    def attribute(self, group: Group) -> None:
        self._replace(group, {"attrib": self._rng.choice((0, SURE))})

    def delete(self, group: Group) -> None:
        self._readings.replace(self._person, group["grpid"], None)

    def edit(self, group: Group) -> None:
        measures = group["measures"]
        places = [n for n, one in enumerate(measures) if one["type"] in EDITED]
        place = self._rng.choice(places)
        value = measures[place]["value"] + self._rng.randrange(1, 9)
        edited = measures[place] | {"value": value}
        self._replace(group, {"measures": [*measures[:place], edited, *measures[place + 1 :]]})

    def late(self, count: int) -> int:
        devices = {one["type"]: one for one in self._readings.devices(self._person)}
        for number in range(count):
            at = self._moment(is_first=number == 0)
            self._taken_at[at] += 1
            taking = self._taking(number, devices)
            self._readings.add(self._person, taking | {"date": at})
        return count

    def _taking(self, number: int, devices: dict[str, Any]) -> Group:
        grams = self._rng.randrange(5_000, 9_000)
        if number % SMALL == 0:
            systolic = self._rng.randrange(110, 150)
            sides = [measure(SYSTOLIC, systolic, 0), measure(DIASTOLIC, systolic * 5 // 8, 0)]
            return _group(sides, devices[CUFF])
        if number % SMALL == 1:
            return _group([measure(WEIGHT, grams, -2)], devices[SCALE])
        return _group([measure(WEIGHT, grams, -2, fm=1)], None)

    def _moment(self, *, is_first: bool) -> int:
        """Give a second of the days at which nothing else was taken, the first at a clock change."""
        change = self._clock_change() if is_first else None
        first, last = self._days
        start = _midnight(first, self._zone) if change is None else change + HOUR
        end = (
            _midnight(last + timedelta(days=1), self._zone) if change is None else start + 3 * HOUR
        )
        while True:
            at = self._rng.randrange(start, end)
            if self._taken_at[at] == 0:
                return at

    def _clock_change(self) -> int | None:
        """Give the midnight that starts a day of 23 or 25 hours."""
        first, last = self._days
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            start = _midnight(day, self._zone)
            if _midnight(day + timedelta(days=1), self._zone) - start != 24 * HOUR:
                return start
        return None

    @property
    def _zone(self) -> ZoneInfo:
        return self._readings.zone(self._person)

    def _sure(self) -> list[Group]:
        return [group for group in self._groups.values() if group["attrib"] in SURELY]

    def _replace(self, group: Group, changes: Group) -> None:
        self._readings.replace(self._person, group["grpid"], group | changes)


def _types(group: Group) -> set[int]:
    return {one["type"] for one in group["measures"]}


def _group(measures: list[dict[str, Any]], device: dict[str, Any] | None) -> Group:
    return {
        "attrib": 0 if device else MANUAL,
        "category": REAL_MEASURE,
        "deviceid": device["deviceid"] if device else None,
        "hash_deviceid": device["hash_deviceid"] if device else None,
        "measures": measures,
        "modelid": device["model_id"] if device else None,
        "model": device["model"] if device else None,
        "comment": None,
    }


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
