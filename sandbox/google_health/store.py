"""Which data points each account has now: the made-up days, up to the clock, plus what tests changed.

Belongs here: windows, what has been told by now, changes. Not here: what is made up (`routines.py`),
JSON (`wire.py`), the account's own answers (`accounts.py`), and calls (`data_calls.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sandbox.clock import Clock
from sandbox.google_health import accounts, making, merging, rollups, seeded
from sandbox.google_health.changes import Changes
from sandbox.google_health.gear import gear_of
from sandbox.google_health.kinds import INTERVAL, KIND_OF, MEASURES, ROLLED, TYPES
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.routines import MAKERS
from sandbox.google_health.rows import LISTED, RECONCILED, as_row
from sandbox.google_health.wearers import ONE_DAY, Wearer
from sandbox.people import Person
from sandbox.withings import gear as worn
from sandbox.withings.habits import make_habits
from sandbox.withings.life import Life
from sandbox.withings.readings import EVERYTHING, HISTORY_DAYS

# Days of these are large: few are kept in memory.
_LARGE = frozenset(
    {"steps", "distance", "total-calories", "heart-rate", "heart-rate-variability"}
    | {"oxygen-saturation", "electrocardiogram"}
)


SOUGHT_AT_ONCE = 20 * ONE_DAY


class UnknownPoint(Exception):
    """There is no such point in the account."""


class Store:
    """Every account's points."""

    def __init__(self, people: Sequence[Person], clock: Clock, *, data: str = EVERYTHING) -> None:
        """Open all accounts 400 days ago; with `data="measures"` they weigh and measure alone."""
        self._clock = clock
        self.has_everything = data == EVERYTHING
        today = self._today()
        self._opened = today - HISTORY_DAYS * ONE_DAY
        self._wearers = {
            login: Wearer(
                life=Life(habits=habits, gear=worn.gear_of(habits), started=today),
                gear=gear_of(habits.way),
                opened=self._opened,
            )
            for login, habits in make_habits(people).items()
        }
        self._changes = Changes()
        self._small_day = lru_cache(maxsize=8_000)(self._make)
        self._large_day = lru_cache(maxsize=600)(self._make)

    def wearer(self, person: Person) -> Wearer:
        """Give how a person lives."""
        return self._wearers[person.login]

    def raw(self, person: Person, type_: str, first: date, last: date) -> list[Point]:
        """Give a type's points of civil days, both included, from every source, newest first."""
        days = max(first, self._opened), min(last, self._today() + ONE_DAY)
        known = self._known(person, type_, *days)
        return merging.newest_first(self._changes.applied(person.login, type_, known, days=days))

    def merged(self, person: Person, type_: str, first: date, last: date) -> list[Point]:
        """Give the vendor's one stream of them: of what two sources tell, the preferred one's."""
        if KIND_OF[type_] == INTERVAL:
            by_day = self._by_day(self.raw(person, type_, first, last))
            each = (merging.merged(type_, by_day[day]) for day in sorted(by_day, reverse=True))
            return [point for points in each for point in points]
        # A session may reach into the next day, where another source has the same.
        around = self.raw(person, type_, _before(first), _after(last))
        return [one for one in merging.merged(type_, around) if first <= one.day <= last]

    def totals(self, person: Person, type_: str, first: date, last: date) -> dict[date, Value]:
        """Give each day's roll-up value, by day; a day without data is not there."""
        by_day = self._by_day(self.merged(person, type_, first, last))
        if type_ in rollups.TRUE_ZEROS:
            by_day |= {
                day: [] for day in self._days_of_any_data(person, first, last) if day not in by_day
            }
        return {day: rollups.roll_up(type_, by_day[day]) for day in sorted(by_day)}

    def settings(self, person: Person) -> dict[str, Any]:
        """Give `users/me/settings`: the zone is that of where somebody is today."""
        now, wearer = self._clock.now(), self.wearer(person)
        zone = wearer.zone_at(now) if self.has_everything else wearer.life.habits.zone
        return accounts.settings_json(zone, now)

    def paired(self, person: Person) -> list[dict[str, Any]]:
        """Give the members of `pairedDevices`."""
        wearer = self.wearer(person)
        watch = wearer.gear.watch if self.has_everything else None
        return accounts.paired_json(person, (watch, wearer.gear.scale), self._clock.now())

    def identity(self, person: Person) -> dict[str, Any]:
        """Give `users/me/identity`."""
        return accounts.identity_json(person)

    def find(self, person: Person, type_: str, point_id: str) -> Point:
        """Give one point that is listed now; raises UnknownPoint."""
        last = self._today() + ONE_DAY
        while last >= self._opened:
            first = last - SOUGHT_AT_ONCE
            for one in self.raw(person, type_, first, last):
                if one.id == point_id:
                    return one
            last = first - ONE_DAY
        raise UnknownPoint(point_id)

    def add(
        self,
        person: Person,
        type_: str,
        day: date,
        *,
        value: Value | None = None,
        at: int | None = None,
        source: Source | None = None,
    ) -> Point:
        """Store one more point of a civil day, told now; `at` is its start in milliseconds.

        Raises ValueError without a watch that does it, or without a value where none is usual.
        """
        count, now = self._changes.count(person.login, type_), self._clock.now()
        seconds = None if at is None else at / 1_000
        wish = making.Wish(type=type_, day=day, count=count, at=seconds, value=value, source=source)
        made = making.make(self.wearer(person), wish)
        point = replace(made, created=now, updated=now)
        self._changes.add(person.login, point)
        return point

    def edit(self, person: Person, type_: str, point_id: str, value: Value) -> Point:
        """Give fields of a point other values, now, and take away what is None.

        Raises UnknownPoint.
        """
        before = self.find(person, type_, point_id)
        told = {name: one for name, one in (before.value | value).items() if one is not None}
        # Later than what it changes, also within the second in which that was made.
        updated = max(self._clock.now(), before.updated + 1)
        point = replace(before, value=told, updated=updated)
        self._changes.replace(person.login, type_, point_id, point)
        return point

    def delete(self, person: Person, type_: str, point_id: str) -> Point:
        """Take a point away and give it; raises UnknownPoint."""
        point = self.find(person, type_, point_id)
        self._changes.replace(person.login, type_, point_id, None)
        return point

    def change_many(  # noqa: PLR0913 (whose, when, and how many of each)
        self,
        people: Sequence[Person],
        first: date,
        last: date,
        seed: int,
        *,
        edits: int = 0,
        deletions: int = 0,
        late: int = 0,
    ) -> Counter[str]:
        """Change so many points of each person, chosen by a seed; gives how many of each kind."""
        wishes = seeded.Wishes(edits=edits, deletions=deletions, late=late)
        done: Counter[str] = Counter()
        for person in people:
            done += seeded.change_by_seed(
                self, person, days=(first, last), seed=seed, wishes=wishes
            )
        return done

    def rows(self, person: Person, first: date, last: date) -> dict[str, Any]:
        """Give everything of civil days for the reader: points, merged points, totals.

        Points are of the types that are listed, nights and exercises too; merged ones of those that
        are reconciled; totals, by type and day, of those that are rolled up.
        """
        days = (first, last)
        return {
            "points": {t: [as_row(one) for one in self.raw(person, t, *days)] for t in LISTED},
            "merged": {
                t: [as_row(one) for one in self.merged(person, t, *days)] for t in RECONCILED
            },
            "totals": {
                t: {day.isoformat(): one for day, one in self.totals(person, t, *days).items()}
                for t in ROLLED
            },
        }

    def _known(self, person: Person, type_: str, first: date, last: date) -> Iterator[Point]:
        """Give what has been told by now, each in its latest version."""
        now, make = self._clock.now(), self._large_day if type_ in _LARGE else self._small_day
        for number in range((last - first).days + 1):
            latest = {
                one.id: one
                for one in make(person.login, type_, first + number * ONE_DAY)
                if one.created <= now and one.updated <= now
            }
            yield from latest.values()

    def _make(self, login: str, type_: str, day: date) -> tuple[Point, ...]:
        if type_ not in TYPES:
            raise KeyError(type_)
        if not self.has_everything and type_ not in MEASURES:
            return ()
        return tuple(MAKERS[type_](self._wearers[login], day))

    def _days_of_any_data(self, person: Person, first: date, last: date) -> set[date]:
        return {one.day for one in self.raw(person, "total-calories", first, last)}

    def _by_day(self, points: Sequence[Point]) -> dict[date, list[Point]]:
        by_day: dict[date, list[Point]] = {}
        for one in points:
            by_day.setdefault(one.day, []).append(one)
        return by_day

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now(), UTC).date()


def _before(day: date) -> date:
    return max(day, date.min + ONE_DAY) - ONE_DAY


def _after(day: date) -> date:
    return min(day, date.max - ONE_DAY) + ONE_DAY
