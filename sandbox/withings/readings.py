"""Which readings the vendor lists now: the made-up days, up to the clock, plus what tests changed.

Belongs here: windows, changes, deletions of measure groups, and all rows of some days. Not here:
filters and paging of the call (`data.py`), rows of other kinds (`collection.py`), devices
(`device_rows.py`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.changes import ACTIVITY, NIGHT, WORKOUT
from sandbox.withings.collection import Collection
from sandbox.withings.device_rows import device_rows
from sandbox.withings.further_measures import further_takings
from sandbox.withings.gear import midnight
from sandbox.withings.habits import make_habits
from sandbox.withings.life import uploads_by
from sandbox.withings.routines import groups_of_day
from sandbox.withings.strips import with_signal

Group = dict[str, Any]
HISTORY_DAYS = 400
EVERYTHING, MEASURES_ALONE = "all", "measures"
DATA = (EVERYTHING, MEASURES_ALONE)
# No upload comes later than this after its taking.
LATEST_UPLOAD = timedelta(days=1)
DAY_SECONDS = 86_400
DEVICE_LOOK_BACK_SECONDS = 14 * DAY_SECONDS
# Far from the numbers that days have.
_FIRST_ADDED = 9_000_000_000


class UnknownReading(Exception):
    """There is no such group in the account."""


class Readings:
    """Every account's groups."""

    def __init__(self, people: Sequence[Person], clock: Clock, *, data: str = EVERYTHING) -> None:
        """Open all accounts 400 days ago."""
        self._clock = clock
        self._habits = make_habits(people)
        self._opened = _day_of(clock.now()) - timedelta(days=HISTORY_DAYS)
        self._has_everything = data == EVERYTHING
        self.collection = Collection(
            self._habits, clock, opened=self._opened, is_on=self._has_everything
        )
        self._lock = threading.Lock()
        self._replaced: dict[tuple[str, int], Group | None] = {}
        self._added: dict[str, list[Group]] = {person.login: [] for person in people}
        self._numbers = itertools.count(_FIRST_ADDED)
        self._day = lru_cache(maxsize=20_000)(self._made_up)

    def taken(self, person: Person, start: float | None, end: float | None) -> list[Group]:
        """Give groups with start <= date <= end, newest first; None leaves a side open."""
        first = start if start is not None else 0
        last = min(end, self._clock.now()) if end is not None else self._clock.now()
        found = (group for group in self._listed(person, first, last))
        return _newest_first(group for group in found if first <= group["date"] <= last)

    def modified_since(self, person: Person, since: float) -> list[Group]:
        """Give groups that came or changed since then, newest first, however old the taking."""
        now = self._clock.now()
        found = list(self._listed(person, since - LATEST_UPLOAD.total_seconds(), now))
        seen = {group["grpid"] for group in found}
        found += [group for group in self._changed(person) if group["grpid"] not in seen]
        return _newest_first(group for group in found if group["modified"] >= since)

    def on_days(self, person: Person, first: date, last: date) -> list[Group]:
        """Give the groups of local days, both included."""
        zone = self.zone(person)
        start = datetime(first.year, first.month, first.day, tzinfo=zone)
        after = last + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=zone)
        return self.taken(person, start.timestamp(), end.timestamp() - 1)

    def zone(self, person: Person) -> ZoneInfo:
        """Give the zone of the person's profile."""
        return self._habits[person.login].zone

    def profile_zone(self, person: Person) -> str:
        """Give the zone that the vendor's profile names today: where a traveller is."""
        if not self._has_everything:
            return person.zone
        life = self.collection.life(person)
        return life.zone(datetime.fromtimestamp(self._clock.now(), life.habits.zone).date()).key

    def rows(self, person: Person, first: date, last: date) -> dict[str, Any]:
        """Give the rows of every kind of local days, both included, with all their fields.

        Of the vendor's own date where a row has one, else of the person's zone. Minutes are by day
        and second, segments by night; an ECG has its signal with it.
        """
        kept, zone = self.collection, self.zone(person)
        start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone) - 1
        nights = kept.dated(NIGHT, person, first, last)
        return {
            "measures": self.on_days(person, first, last),
            "activities": kept.dated(ACTIVITY, person, first, last),
            "workouts": kept.dated(WORKOUT, person, first, last),
            "nights": nights,
            "stages": {
                one["id"]: kept.segments(person, one["startdate"], one["enddate"] - 1)
                for one in nights
            },
            "ecgs": [with_signal(one) for one in kept.ecgs(person, start, end)],
            "minutes": self._minutes(person, first, last),
        }

    def devices(self, person: Person) -> list[dict[str, Any]]:
        """Give the rows of `getdevice`, with the last two weeks' use."""
        now = self._clock.now()
        habits = self._habits[person.login]
        recent = self.taken(person, now - DEVICE_LOOK_BACK_SECONDS, now)
        more = self.collection.life(person).gear.devices if self._has_everything else ()
        return device_rows(
            [*habits.devices, *more],
            recent,
            zone=self.profile_zone(person),
            battery="medium" if person.user_id % 2 else "high",
            opened=self._opened,
            uploaded_at=uploads_by(now),
        )

    def find(self, person: Person, number: int) -> Group:
        """Give one listed group; raises UnknownReading."""
        everything = self.taken(person, None, None)
        found = next((group for group in everything if group["grpid"] == number), None)
        if found is None:
            raise UnknownReading(number)
        return found

    def replace(self, person: Person, number: int, group: Group | None) -> None:
        """Put another group in the place of one, modified now; None takes it away."""
        # Later than what it changes, also within the second in which that was made.
        now = max(int(self._clock.now()), self.find(person, number)["modified"] + 1)
        with self._lock:
            self._replaced[person.login, number] = group and group | {"modified": now}

    def add(self, person: Person, group: Group) -> Group:
        """List one more group, created now, however old its taking; gives it with its number."""
        now = int(self._clock.now())
        with self._lock:
            numbered = group | {"grpid": next(self._numbers), "created": now, "modified": now}
            self._added[person.login].append(numbered)
        return numbered

    def _listed(self, person: Person, start: float, end: float) -> Iterator[Group]:
        """Give everything uploaded by now from the days around start to end, and what was added."""
        now = self._clock.now()
        with self._lock:
            added, replaced = list(self._added[person.login]), dict(self._replaced)
        first = max(_day_of(max(start, 0)) - timedelta(days=1), self._opened)
        count = (_day_of(end) - first).days + 2
        days = (first + timedelta(days=n) for n in range(count))
        made_up = itertools.chain.from_iterable(self._day(person.login, day) for day in days)
        for group in itertools.chain(made_up, added):
            shown = replaced.get((person.login, group["grpid"]), group)
            if shown is not None and shown["created"] <= now:
                yield shown

    def _changed(self, person: Person) -> list[Group]:
        with self._lock:
            changed = [g for (login, _), g in self._replaced.items() if login == person.login]
        return [group for group in changed if group is not None]

    def _made_up(self, login: str, day: date) -> tuple[Group, ...]:
        habits = self._habits[login]
        if not self._has_everything:
            return tuple(groups_of_day(habits, day, opened=self._opened))
        more = further_takings(self.collection.lives[login], day)
        return tuple(groups_of_day(habits, day, opened=self._opened, more=more))

    def _minutes(self, person: Person, first: date, last: date) -> dict[str, dict[str, Any]]:
        zone, found = self.zone(person), {}
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
            entries = self.collection.minutes(person, start, end - 1)
            if entries:
                found[day.isoformat()] = {str(at): entry for at, entry in entries.items()}
        return found


def _day_of(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def _newest_first(groups: Iterable[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (group["date"], group["grpid"]), reverse=True)
