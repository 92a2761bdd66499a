"""Which rows of days, workouts, nights, ECGs and minutes the vendor lists now.

Belongs here: windows, what has been uploaded, changes. Not here: what is made up (`activity_days.py`,
`workout_days.py`, `nights.py`, `strips.py`, `minutes.py`), filters and paging (`row_calls.py`), and
measure groups (`readings.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.activity_days import activity_rows
from sandbox.withings.changes import ACTIVITY, ECG, NIGHT, WORKOUT, Changes, Row, key_of
from sandbox.withings.gear import gear_of
from sandbox.withings.habits import Habits
from sandbox.withings.life import Life
from sandbox.withings.minutes import Entries, minutes_of
from sandbox.withings.nights import Night, nights_of
from sandbox.withings.stages import within
from sandbox.withings.strips import signal_body, strips_of
from sandbox.withings.workout_days import workout_rows

ONE_DAY = timedelta(days=1)
# No upload comes later than this after its day.
LATEST_UPLOAD = timedelta(days=3)


class UnknownRow(Exception):
    """There is no such row in the account."""


class Collection:
    """Every account's rows; one that is not `is_on` has none."""

    def __init__(
        self, habits: Mapping[str, Habits], clock: Clock, *, opened: date, is_on: bool
    ) -> None:
        """Open all accounts on a day, and start today."""
        started = day_of(clock.now())
        self._clock = clock
        self._opened = opened
        self._is_on = is_on
        self.lives = {
            login: Life(habits=one, gear=gear_of(one), started=started)
            for login, one in habits.items()
        }
        self._changes = {login: Changes() for login in habits}
        self._minutes_of = lru_cache(maxsize=3_000)(self._make_minutes)
        self._nights_of = lru_cache(maxsize=3_000)(self._make_nights)

    def now(self) -> int:
        """Give the second that it is."""
        return int(self._clock.now())

    def life(self, person: Person) -> Life:
        """Give how a person lives."""
        return self.lives[person.login]

    def changes(self, person: Person) -> Changes:
        """Give what was changed of a person's rows."""
        return self._changes[person.login]

    def dated(self, kind: str, person: Person, first: date, last: date) -> list[Row]:
        """Give the activity, workout or night rows of vendor's dates, both included, in order."""
        first, last = max(first, self._opened), min(last, day_of(self._clock.now()) + ONE_DAY)
        made_up = (row for day in _days(first, last) for row in self._made_up(kind, person, day))
        found = (row for row in self._now(kind, person, made_up))
        return sorted(
            (row for row in found if first.isoformat() <= row["date"] <= last.isoformat()),
            key=lambda row: row["date"],
        )

    def modified_since(self, kind: str, person: Person, since: float) -> list[Row]:
        """Give the rows that came or changed since then, however old their date."""
        recent = day_of(max(since, 0)) - LATEST_UPLOAD
        changes = self.changes(person)
        rows = [
            *self.dated(kind, person, recent, date.max),
            *changes.changed(kind),
            *changes.applied(kind, ()),
        ]
        once = {key_of(kind, row): row for row in rows}
        return [row for row in once.values() if row["modified"] >= since]

    def ecgs(self, person: Person, start: float, end: float) -> list[Row]:
        """Give the heart's list of start <= timestamp <= end, oldest first."""
        days = _days(*self._around(start, end))
        life = self.life(person)
        made_up = (row for day in days if self._is_on for row in strips_of(life, day))
        found = self._now(ECG, person, made_up)
        return sorted(
            (row for row in found if start <= row["timestamp"] <= end),
            key=lambda row: row["timestamp"],
        )

    def signal(self, person: Person, number: int) -> Row:
        """Give an ECG's signal; raises UnknownRow."""
        for row in self.ecgs(person, 0, self._clock.now()):
            if row.get("ecg", {}).get("signalid") == number:
                return signal_body(row)
        raise UnknownRow(number)

    def segments(self, person: Person, start: int, end: int) -> list[Row]:
        """Give the segments of all nights that reach into a window."""
        first, last = self._around(start, end)
        nights = {row["id"]: row for row in self.dated(NIGHT, person, first, last)}
        made_up = {
            night.row["id"]: night.segments
            for day in _days(first, last)
            for night in self._nights(person, day)
        }
        of_night = made_up | self.changes(person).segments
        return within([one for number in nights for one in of_night.get(number, ())], start, end)

    def minutes(self, person: Person, start: float, end: float) -> Entries:
        """Give the entries of start <= time <= end that have been uploaded, in order."""
        now, life = self._clock.now(), self.life(person)
        found: Entries = {}
        for day in _days(*self._around(start, end)):
            seen_until = life.seen_until(day, now)
            entries = self._minutes(person, day)
            found |= {at: one for at, one in entries.items() if at < seen_until}
        found |= {at: one for at, one in self.changes(person).entries.items() if at in found}
        return {at: found[at] for at in sorted(found) if start <= at <= end}

    def find(self, kind: str, person: Person, key: Any) -> Row:
        """Give one listed row by its number, a day's by its date; raises UnknownRow."""
        now = self._clock.now()
        if kind == ECG:
            rows = self.ecgs(person, 0, now)
        else:
            rows = self.dated(kind, person, self._opened, day_of(now) + ONE_DAY)
        for row in rows:
            if key in {key_of(kind, row), row.get("date") if kind == ACTIVITY else None}:
                return row
        raise UnknownRow(key)

    def replace(self, kind: str, person: Person, row: Row, changed: Row | None) -> None:
        """Put another row in the place of one, modified now; None takes it away."""
        # Later than what it changes, also within the second in which that was made.
        now = max(int(self._clock.now()), row["modified"] + 1)
        self.changes(person).replace(
            kind, key_of(kind, row), changed and changed | {"modified": now}
        )

    def _made_up(self, kind: str, person: Person, day: date) -> Sequence[Row]:
        if not self._is_on:
            return []
        life, now = self.life(person), self._clock.now()
        if kind == ACTIVITY:
            return activity_rows(life, day, self._minutes(person, day), now)
        if kind == WORKOUT:
            return workout_rows(life, day)
        listed = (night.listed(now) for night in self._nights(person, day))
        return [row for row in listed if row is not None]

    def _now(self, kind: str, person: Person, made_up: Iterable[Row]) -> Iterator[Row]:
        """Give what has been uploaded by now, as it was changed since, and what was added."""
        now = self._clock.now()
        uploaded = (row for row in made_up if (row.get("created") or row["modified"]) <= now)
        return self.changes(person).applied(kind, uploaded)

    def _around(self, start: float, end: float) -> tuple[date, date]:
        """Give the days that a window may touch somewhere on earth."""
        now = self._clock.now()
        first = max(day_of(max(start, 0)) - ONE_DAY, self._opened)
        return first, day_of(max(0, min(end, now))) + ONE_DAY

    def _minutes(self, person: Person, day: date) -> Entries:
        return self._minutes_of(person.login, day) if self._is_on else {}

    def _nights(self, person: Person, day: date) -> tuple[Night, ...]:
        return self._nights_of(person.login, day) if self._is_on else ()

    def _make_minutes(self, login: str, day: date) -> Entries:
        return minutes_of(self.lives[login], day)

    def _make_nights(self, login: str, day: date) -> tuple[Night, ...]:
        return tuple(nights_of(self.lives[login], day))


def day_of(seconds: float) -> date:
    """Give the day in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date()


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
