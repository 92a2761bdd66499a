"""Which readings each account has now: the made-up days, up to the clock, plus what tests changed.

Belongs here: windows, what has been uploaded by now, changes. Not here: what is made up
(`routines.py`), and calls (`data_calls.py`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sandbox.clock import Clock
from sandbox.omron.entries import Entry, Row, added_id
from sandbox.omron.habits import Habits, make_habits
from sandbox.omron.routines import entries_of
from sandbox.omron.scopes import ACTIVITY, LISTS, OXYGEN, PRESSURE, TEMPERATURE, TYPES, WEIGHT
from sandbox.omron.settings import Settings
from sandbox.people import Person
from sandbox.withings.readings import EVERYTHING, HISTORY_DAYS

ONE_DAY = timedelta(days=1)
_NOON = 12
_MEASURES = frozenset({PRESSURE, WEIGHT})
_USUAL: Mapping[str, Mapping[str, Any]] = {
    PRESSURE: {"systolic": 128, "diastolic": 81, "bloodPressureUnits": "mmHg", "pulse": 66},
    ACTIVITY: {"steps": 4_321, "distance": 3.1, "distanceUnits": "km"},
    WEIGHT: {"weight": 70.5, "weightUnits": "kg"},
    TEMPERATURE: {"temperature": 37.1, "temperatureUnits": "C"},
    OXYGEN: {"oxygenSaturation": 96, "oxygenSaturationUnits": "%", "pulse": 64},
}


class UnknownReading(Exception):
    """There is no such reading in the account."""


class Store:
    """Every account's readings."""

    def __init__(
        self,
        people: Sequence[Person],
        clock: Clock,
        settings: Settings,
        *,
        data: str = EVERYTHING,
    ) -> None:
        """Open all accounts 400 days ago; with `data="measures"` they weigh and measure alone."""
        self._clock = clock
        self._settings = settings
        self._types = frozenset(TYPES) if data == EVERYTHING else _MEASURES
        self._habits = make_habits(people)
        self._opened = self._today() - HISTORY_DAYS * ONE_DAY
        self._lock = threading.Lock()
        # By login and id: other values of some fields, None for a reading that is gone.
        self._changed: dict[tuple[str, int], Mapping[str, Any] | None] = {}
        self._added: dict[str, list[Entry]] = {person.login: [] for person in people}
        self._numbers = itertools.count()
        self._day = lru_cache(maxsize=20_000)(self._make)

    def habits(self, person: Person) -> Habits:
        """Give how a person lives."""
        return self._habits[person.login]

    def listed(
        self, person: Person, type_: str, since: date, until: date | None = None
    ) -> list[Entry]:
        """Give what was uploaded by now of local days, both included, oldest first."""
        now = self._clock.now()
        last = min(until or date.max - ONE_DAY, self._today() + ONE_DAY)
        with self._lock:
            changed = dict(self._changed)
            added = [one for one in self._added[person.login] if one.type == type_]
        made = self._made(person.login, type_, max(since, self._opened), last)
        found = []
        for one in itertools.chain(made, added):
            told = changed.get((person.login, one.id), {})
            if since <= one.day <= last and one.uploaded_at <= now and told is not None:
                found.append(_with(one.by(now), told))
        return sorted(found, key=lambda one: (one.day, one.at, one.id))

    def rows(self, person: Person, first: date, last: date) -> dict[str, list[Row]]:
        """Give the rows of every list of local days, both included, as calls give them."""
        return {
            name: [self.row(one) for one in self.listed(person, type_, first, last)]
            for type_, name in LISTS.items()
        }

    def row(self, entry: Entry) -> Row:
        """Give a reading as calls give it: without the fields that a deployment leaves out."""
        left_out = self._settings.leave_out
        return {name: value for name, value in entry.row().items() if name not in left_out}

    def now(self) -> float:
        """Give the second until which there are readings."""
        return self._clock.now()

    def find(self, person: Person, type_: str, number: int) -> Entry:
        """Give one reading that is listed now; raises UnknownReading."""
        listed = self.listed(person, type_, date.min)
        found = next((one for one in listed if one.id == number), None)
        if found is None:
            raise UnknownReading(number)
        return found

    def add(
        self,
        person: Person,
        type_: str,
        day: date,
        *,
        value: Mapping[str, Any] | None = None,
        at: int | None = None,
    ) -> Entry:
        """List one more reading of a local day, uploaded now; `at` are epoch seconds (noon).

        A total of a day begins with it. A `deviceType` in the value names another device than the
        person's own; None, none.
        """
        habits, given = self.habits(person), dict(_USUAL[type_] if value is None else value)
        begin = habits.midnight(day) if type_ == ACTIVITY else habits.at(day, _NOON, 0)
        moment = begin if at is None else at
        own = {PRESSURE: habits.cuff, WEIGHT: habits.scale, ACTIVITY: habits.tracker}
        with self._lock:
            entry = Entry(
                type=type_,
                id=added_id(next(self._numbers)),
                day=day,
                at=moment,
                offset=habits.offset(day, moment),
                uploaded_at=int(self._clock.now()),
                device=given.pop("deviceType", own.get(type_)),
                fields=given,
                is_without_colon=habits.is_without_colon,
            )
            self._added[person.login].append(entry)
        return entry

    def edit(self, person: Person, type_: str, number: int, value: Mapping[str, Any]) -> Entry:
        """Give fields of a reading other values, and take away what is None.

        Raises UnknownReading.
        """
        self.find(person, type_, number)
        with self._lock:
            before = self._changed.get((person.login, number)) or {}
            self._changed[person.login, number] = {**before, **value}
        return self.find(person, type_, number)

    def delete(self, person: Person, type_: str, number: int) -> Entry:
        """Take a reading away and give it: the vendor tells nobody. Raises UnknownReading."""
        found = self.find(person, type_, number)
        with self._lock:
            self._changed[person.login, number] = None
        return found

    def devices(self, person: Person) -> list[str]:
        """Give the models that the person's readings name, of all time."""
        listed = (one for type_ in TYPES for one in self.listed(person, type_, date.min))
        return sorted({one.device for one in listed if one.device is not None})

    def _made(self, login: str, type_: str, first: date, last: date) -> Iterator[Entry]:
        for number in range((last - first).days + 1):
            yield from self._day(login, type_, first + number * ONE_DAY)

    def _make(self, login: str, type_: str, day: date) -> tuple[Entry, ...]:
        return entries_of(self._habits[login], type_, day) if type_ in self._types else ()

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now(), UTC).date()


def _with(entry: Entry, told: Mapping[str, Any]) -> Entry:
    if not told:
        return entry
    fields = {**entry.fields, **told}
    return replace(entry, device=fields.pop("deviceType", entry.device), fields=fields)
