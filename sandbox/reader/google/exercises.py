"""What must stand for an exercise: its kind, with its length and amounts as components.

Belongs here: the fields of an exercise. Not here: the vendor's kinds (`exercise_words.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.reader.google.exercise_words import OTHER, WORDS
from sandbox.reader.google.points import merged_points, once, record_of
from sandbox.reader.google.rules import Field, When, over, reading, said_by
from sandbox.reader.google.wire_values import MS_PER_SECOND, milliseconds, seconds
from sandbox.reader.readings import Amount, Listing, Reading, Row, Said, Word
from sandbox.reader.rules import minutes

WORKOUT, DURATION = "73985-4", "55411-3"
FIELDS = (
    Field(name="caloriesKcal", code="41981-2", unit="kcal"),
    Field(name="distanceMillimeters", code="103208-5", unit="m", shift=-3),
    Field(name="steps", code="55423-8", unit="{steps}", is_whole=True),
    Field(
        name="averageHeartRateBeatsPerMinute", code="103205-1", unit="/min", is_whole=True,
        living=True,
    ),
)  # fmt: skip
CODES = frozenset({WORKOUT, DURATION, *(one.code for one in FIELDS)})


def exercise_readings(listing: Listing) -> Iterator[Reading]:
    """Give the reading of each exercise, of the civil day that it starts on."""
    if not listing.asked.shares("workouts"):
        return
    for point in once(merged_points(listing, "exercise")):
        when = over(point, listing)
        if when is not None:
            yield reading(
                listing,
                when,
                point,
                record=record_of(point),
                code=WORKOUT,
                amounts=_amounts(point["value"], when),
            )


def _amounts(value: Row, when: When) -> dict[str, Said]:
    return {
        "": Word(WORDS.get(value.get("exerciseType", ""), OTHER)),
        DURATION: Amount(minutes(_worked(value, when)), "min"),
        **dict(said_by(FIELDS, value.get("metricsSummary") or {})),
    }


def _worked(value: Row, when: When) -> Decimal:
    """Give the seconds that somebody was active; all of them where the vendor does not say."""
    active = seconds(value.get("activeDuration"))
    if active is not None and active >= 0:
        return active
    length = milliseconds((when.end or when.start) - when.start)
    whole_seconds, rest = divmod(length, MS_PER_SECOND)
    return Decimal(length) / MS_PER_SECOND if rest else Decimal(whole_seconds)
