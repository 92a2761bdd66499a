"""What the people own of this vendor, how they are, and where they are: constants behind readings.

Belongs here: devices, bodies, units, journeys. Not here: the readings of a day (`routines.py`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.people import Person

# Five ways of using devices, dealt out in turn.
WAYS = 5
TWO_TRACKERS, TRAVELLER, LATE, TYPIST, PLAIN = range(WAYS)
# An away stay begins every seventh week and lasts eight days.
_ROUND_DAYS, _AWAY_DAYS = 49, 8
_ASIA, _EUROPE = "Asia/Tokyo", "Europe/Berlin"
# By where somebody lives.
_KILOPASCALS, _STONES, _KILOJOULES = {"Asia/Kolkata"}, {"Africa/Nairobi"}, {"Pacific/Auckland"}
_CUFFS = ("HEM-7361T", "HEM-7156T", "BP7450")
_SCALES = ("HBF-228T", "BCM-500", "VIVA-HBF-222T")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """One person's devices and body."""

    number: int
    way: int
    seed: int
    home: ZoneInfo
    away: ZoneInfo
    is_american: bool
    cuff: str
    scale: str
    tracker: str
    systolic: int
    weight_kilograms: float
    height_metres: float
    fat_percent: float
    steps: int
    # Other units than are usual, and how offsets are written.
    is_in_kilopascals: bool
    is_in_stones: bool
    is_in_kilojoules: bool
    is_without_colon: bool

    def zone(self, day: date) -> ZoneInfo:
        """Give the zone in which somebody spends a day."""
        is_away = self.way == TRAVELLER and day.toordinal() % _ROUND_DAYS < _AWAY_DAYS
        return self.away if is_away else self.home

    def midnight(self, day: date) -> int:
        """Give the second in which a day begins where somebody is."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone(day)).timestamp())

    def end(self, day: date) -> int:
        """Give the second in which a day ends where it began: 23 to 25 hours later."""
        after = day + timedelta(days=1)
        return int(datetime(after.year, after.month, after.day, tzinfo=self.zone(day)).timestamp())

    def at(self, day: date, hour: int, minute: int, second: int = 0) -> int:
        """Give the second in which a wall clock there shows this."""
        shown = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=self.zone(day))
        return int(shown.timestamp())

    def offset(self, day: date, at: int) -> int:
        """Give the seconds east of UTC, there and then."""
        shift = datetime.fromtimestamp(at, self.zone(day)).utcoffset() or timedelta()
        return int(shift.total_seconds())

    def chance(self, day: date, purpose: str) -> random.Random:
        """Give the same chances for the same purpose of the same day."""
        return random.Random(f"omron {self.seed} {day} {purpose}")  # noqa: S311 (no secret)


def make_habits(people: Sequence[Person]) -> dict[str, Habits]:
    """Give everybody's habits by login."""
    return {person.login: _habits(number, person) for number, person in enumerate(people)}


def _habits(number: int, person: Person) -> Habits:
    rng = random.Random(f"omron {person.user_id}")  # noqa: S311 (the same readings at every start)
    height = rng.randrange(155, 192) / 100
    return Habits(
        number=number,
        way=number % WAYS,
        seed=person.user_id,
        home=ZoneInfo(person.zone),
        away=ZoneInfo(_EUROPE if person.zone.startswith(("Asia", "America")) else _ASIA),
        is_american=person.zone.startswith("America/"),
        cuff=_CUFFS[number % len(_CUFFS)],
        scale=_SCALES[number % len(_SCALES)],
        tracker="HJA-405T",
        systolic=rng.randrange(114, 146),
        weight_kilograms=round(height**2 * rng.randrange(200, 300) / 10, 1),
        height_metres=height,
        fat_percent=rng.randrange(180, 340) / 10,
        steps=rng.randrange(4_500, 9_500),
        is_in_kilopascals=person.zone in _KILOPASCALS,
        is_in_stones=person.zone in _STONES,
        is_in_kilojoules=person.zone in _KILOJOULES,
        is_without_colon=person.zone.startswith("America/"),
    )
