"""When somebody moves on a day, and when their devices last told the vendor.

Belongs here: walks, workouts, the times of uploads. Not here: what a device records of them
(`minutes.py`, `workout_days.py`), or sleep (`nights.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sandbox.withings.gear import Gear, midnight, on_the_clock, zone_on
from sandbox.withings.habits import (
    DILIGENT,
    HOUSEMATE,
    NIGHT_OWL,
    PLAIN,
    TRAVELLER,
    TYPIST,
    Habits,
)

MINUTE, HOUR, DAY = 60, 3_600, 86_400
UPLOAD_SECONDS = HOUR // 2
TEN_HOURS = 10 * HOUR
WALK, RUN, BICYCLE, FITNESS, OTHER = 1, 2, 6, 17, 36
NO_ACTIVITY = 128
# The vendor's list grows: 999 is on none.
UNKNOWN = 999
MANUAL, AMBIGUOUS = 2, 1


@dataclass(frozen=True, kw_only=True)
class Bout:
    """Some minutes on the move; those of a workout have a category."""

    start: int
    minutes: int
    pace: int  # steps per minute
    heart_rate: int
    category: int | None = None
    attrib: int = 0
    pause_seconds: int = 0
    by_phone: bool = False

    @property
    def end(self) -> int:
        """Give the second after it."""
        return self.start + self.minutes * MINUTE


@dataclass(frozen=True, kw_only=True)
class Life:
    """One person, as their devices see them; `started` is the day the sandbox was started."""

    habits: Habits
    started: date
    gear: Gear

    def zone(self, day: date) -> ZoneInfo:
        """Give where the person is on a day."""
        return zone_on(self.habits, day, self.started)

    def start(self, day: date) -> int:
        """Give the first second of a day there."""
        return midnight(day, self.zone(day))

    def end(self, day: date) -> int:
        """Give the second after a day there."""
        return midnight(day + timedelta(days=1), self.zone(day))

    def chance(self, day: date, what: str) -> random.Random:
        """Give the same dice for the same day and purpose."""
        return random.Random(f"{self.habits.seed} {day} {what}")  # noqa: S311 (no secret)

    def turn(self, day: date) -> int:
        """Give a number that goes up by one a day, by which oddities take turns."""
        return day.toordinal() + self.habits.number

    def seen_until(self, day: date, now: float) -> int:
        """Give up to when a day's minutes are at the vendor's."""
        if self.uploads_late(day):
            return self.end(day) if now >= self.end(day) + TEN_HOURS else self.start(day)
        return min(uploads_by(now), self.end(day))

    def uploaded_at(self, day: date, now: float) -> int:
        """Give when a day's row was last modified by an upload."""
        if self.uploads_late(day):
            return self.end(day) + TEN_HOURS
        return min(uploads_by(now), -(-self.end(day) // UPLOAD_SECONDS) * UPLOAD_SECONDS)

    def uploads_late(self, day: date) -> bool:
        """Tell whether the watch was out of reach until the next morning."""
        return self.habits.way == PLAIN and self.turn(day) % 5 == 0

    def walks(self, day: date) -> list[Bout]:
        """Give a day's walks, in order."""
        rng = self.chance(day, "walks")
        if self.habits.way == TYPIST and self.turn(day) % 4 == 0:
            return []  # the phone lay at home
        hours = (8, 12, 18) if self.habits.way != NIGHT_OWL else (11, 15, 20)
        return [
            Bout(
                start=self.at(day, hour, rng.randrange(40)),
                minutes=rng.randrange(8, 34),
                pace=rng.randrange(82, 118),
                heart_rate=rng.randrange(84, 104),
            )
            for hour in hours
        ]

    def workouts(self, day: date) -> list[Bout]:
        """Give the workouts that begin on a day, in order."""
        return list(_WORKOUTS[self.habits.way](self, day, self.chance(day, "workouts")))

    def at(self, day: date, hour: int, minute: int) -> int:
        """Give the vendor's number for what a clock shows there."""
        since_midnight = timedelta(hours=hour, minutes=minute)
        return on_the_clock(day, self.zone(day), since_midnight)


def uploads_by(now: float) -> int:
    """Give when devices last told the vendor."""
    return int(now // UPLOAD_SECONDS) * UPLOAD_SECONDS


def _diligent(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    if life.turn(day) % 2 == 0:
        yield _run(life, day, rng, hour=17)
    if life.turn(day) % 7 == 3:  # noqa: PLR2004 (a turn of a week)
        start = life.at(day, 14, 5)
        yield Bout(start=start, minutes=30, pace=4, heart_rate=104, category=UNKNOWN)


def _housemate(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    """Take the phone along: it lists a walk that the watch lists, too."""
    if life.turn(day) % 3 == 0:
        start, minutes = life.at(day, 16, rng.randrange(30)), rng.randrange(25, 45)
        walk = Bout(start=start, minutes=minutes, pace=104, heart_rate=108, category=WALK)
        yield walk
        yield replace(walk, start=start + 2 * MINUTE, by_phone=True)


def _typist(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    """Type in a workout, which no device counted."""
    if life.turn(day) % 4 == 1:
        start, minutes = life.at(day, 19, 0), rng.randrange(20, 60)
        yield Bout(
            start=start, minutes=minutes, pace=0, heart_rate=0, category=FITNESS, attrib=MANUAL
        )


def _night_owl(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    """Work out across midnight."""
    if life.turn(day) % 3 == 1:
        start = life.at(day, 23, 30)
        minutes = rng.randrange(45, 70)
        yield Bout(start=start, minutes=minutes, pace=52, heart_rate=131, category=BICYCLE)


def _traveller(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    if life.turn(day) % 2 == 1:
        yield _run(life, day, rng, hour=10)
    if life.turn(day) % 6 == 0:
        start = life.at(day, 20, 30)
        yield Bout(
            start=start, minutes=25, pace=60, heart_rate=112, category=OTHER, attrib=AMBIGUOUS
        )


def _plain(life: Life, day: date, rng: random.Random) -> Iterator[Bout]:
    if life.turn(day) % 4 == 2:  # noqa: PLR2004 (a turn of four days)
        yield _run(life, day, rng, hour=9)
    if life.turn(day) % 9 == 4:  # noqa: PLR2004 (a turn of nine days)
        start = life.at(day, 14, 0)
        yield Bout(start=start, minutes=10, pace=1, heart_rate=71, category=NO_ACTIVITY)


def _run(life: Life, day: date, rng: random.Random, *, hour: int) -> Bout:
    return Bout(
        start=life.at(day, hour, rng.randrange(30)),
        minutes=rng.randrange(22, 55),
        pace=rng.randrange(148, 172),
        heart_rate=rng.randrange(128, 158),
        category=RUN,
        pause_seconds=rng.choice((0, 0, 90, 240)),
    )


_WORKOUTS = {
    DILIGENT: _diligent,
    HOUSEMATE: _housemate,
    TYPIST: _typist,
    NIGHT_OWL: _night_owl,
    TRAVELLER: _traveller,
    PLAIN: _plain,
}
