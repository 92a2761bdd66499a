"""The store at a known moment, and arithmetic of civil days that shares nothing with it.

Belongs here: people, days, offsets, spans. Not here: what a test expects.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.google_health.store import Store
from sandbox.people import make_people

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, a Saturday
TODAY = date(2026, 11, 21)
ONE_DAY = timedelta(days=1)
HOUR = 3_600
MONTH = (date(2026, 10, 20), date(2026, 11, 18))
PEOPLE = make_people(6)
ASTRID, MARCUS, PRIYA, AROHA, JOAO, WANJIRU = PEOPLE
WATCHERS = [ASTRID, MARCUS, AROHA, JOAO, WANJIRU]
STAY_AT_HOME = [ASTRID, MARCUS, PRIYA, AROHA, WANJIRU]
INTERVALS = (
    "steps", "distance", "floors", "altitude", "active-energy-burned", "total-calories",
    "active-minutes", "active-zone-minutes", "sedentary-period", "time-in-heart-rate-zone",
)  # fmt: skip
DAILY = (
    "daily-resting-heart-rate", "daily-heart-rate-variability", "daily-oxygen-saturation",
    "daily-respiratory-rate", "daily-sleep-temperature-derivations", "daily-vo2-max",
)  # fmt: skip
SAMPLES = (
    "heart-rate", "heart-rate-variability", "oxygen-saturation", "vo2-max", "run-vo2-max", "weight",
    "body-fat", "height", "blood-glucose", "core-body-temperature",
)  # fmt: skip
SESSIONS = (
    "sleep", "exercise", "electrocardiogram", "irregular-rhythm-notification", "hydration-log",
    "nutrition-log",
)  # fmt: skip
EVERY_TYPE = (*INTERVALS, *SAMPLES, *DAILY, *SESSIONS)


class Hands:
    """A clock that a test turns."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


def new_store(now=NOON, **settings):
    hands = Hands(now)
    return Store(PEOPLE, Clock(hands), **settings), hands


@cache
def known():
    """One store for all tests that only read."""
    return new_store()[0]


def days(first, last):
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def told(person, type_, first=MONTH[0], last=MONTH[1]):
    return known().raw(person, type_, first, last)


def at(text):
    return int(datetime.fromisoformat(text).timestamp() * 1_000)


def shown(milliseconds, offset):
    """What a clock of this offset shows."""
    return datetime.fromtimestamp(milliseconds / 1_000, UTC).replace(tzinfo=None) + timedelta(
        seconds=offset
    )


def offset_in(zone, milliseconds):
    moment = datetime.fromtimestamp(milliseconds / 1_000, ZoneInfo(zone))
    return int(moment.utcoffset().total_seconds())


def midnight(day, zone):
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() * 1_000)


def overlap(one, other):
    return one.start < other.end and other.start < one.end


def seconds(duration):
    assert duration.endswith("s"), duration
    return int(duration[:-1])
