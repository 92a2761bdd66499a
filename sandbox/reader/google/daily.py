"""What must stand for the values that the vendor derives once a day, most of them from a night.

Belongs here: the daily types. Not here: totals of a day (`totals.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sandbox.reader.google.points import merged_points
from sandbox.reader.google.rules import Field, reading, said_by, whole_day
from sandbox.reader.readings import Listing, Reading, Row
from sandbox.reader.rules import codes

CELSIUS = "Cel"
OXYGEN = codes("2708-6", "59408-5")
RMSSD = "heart-rate-variability-rmssd"
RESTING = codes("40443-4", "8867-4")


@dataclass(frozen=True, kw_only=True)
class Daily:
    """One daily type: as what it is shared, and its fields.

    `is_vital` says that a profile allows it no period: it stands on its date.
    """

    type: str
    of: str
    fields: Sequence[Field]
    is_vital: bool = False


DAILY = (
    Daily(
        type="daily-resting-heart-rate",
        of="heart_rate",
        fields=[
            Field(name="beatsPerMinute", code=RESTING, unit="/min", is_whole=True, living=True)
        ],
        is_vital=True,
    ),
    Daily(
        type="daily-heart-rate-variability",
        of="heart_rate_variability",
        fields=[
            Field(
                name="averageHeartRateVariabilityMilliseconds", code=RMSSD, unit="ms", living=True
            ),
            Field(
                name="deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds",
                code="deep-sleep-heart-rate-variability-rmssd",
                unit="ms",
                living=True,
            ),
        ],
    ),
    Daily(
        type="daily-oxygen-saturation",
        of="oxygen",
        fields=[Field(name="averagePercentage", code=OXYGEN, unit="%", living=True)],
    ),
    Daily(
        type="daily-respiratory-rate",
        of="breathing",
        fields=[Field(name="breathsPerMinute", code="9279-1", unit="/min", living=True)],
    ),
    Daily(
        type="daily-sleep-temperature-derivations",
        of="skin_temperature",
        fields=[
            Field(name="nightlyTemperatureCelsius", code="61008-9", unit=CELSIUS, living=True),
            Field(
                name="baselineTemperatureCelsius",
                code="skin-temperature-baseline",
                unit=CELSIUS,
                living=True,
            ),
        ],
    ),
    Daily(
        type="daily-vo2-max",
        of="fitness",
        fields=[Field(name="vo2Max", code="94122-9", unit="mL/min/kg", living=True)],
    ),
)
CODES = frozenset(field.code for one in DAILY for field in one.fields)


def daily_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each day's derived values."""
    for kind in DAILY:
        if listing.asked.shares(kind.of):
            for point in _once(merged_points(listing, kind.type)):
                yield from _of_point(listing, kind, point)


def _once(points: Sequence[Row]) -> list[Row]:
    """Give each day once, as it is listed first: no later form of it is told from an earlier."""
    kept: dict[str, Row] = {}
    for point in points:
        kept.setdefault(point["day"], point)
    return [*kept.values()]


def _of_point(listing: Listing, kind: Daily, point: Row) -> Iterator[Reading]:
    day = date.fromisoformat(point["day"])
    when = whole_day(day, listing.zone)
    for code, said in said_by(kind.fields, point["value"], surely=listing.surely):
        yield reading(
            listing,
            when.by_date() if kind.is_vital else when,
            point,
            record=f"{kind.type.replace('-', '_')}-{day}",
            code=code,
            amounts={"": said},
        )
