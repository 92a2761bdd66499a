"""What must stand for samples that come by the minute: a series of each civil day.

Belongs here: which series there are, and the span of each. Not here: samples that are readings by
themselves (`samples.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.reader.google.daily import OXYGEN, RMSSD
from sandbox.reader.google.points import merged_points, once, start_day, start_of
from sandbox.reader.google.rules import Field, When, reading, zone_span
from sandbox.reader.google.wire_values import milliseconds
from sandbox.reader.readings import Listing, Reading, Samples, midnight

Sampled = dict[datetime, Decimal]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series: its type, as what it is shared, and its field.

    `is_vital` says that a profile allows it no period: it stands at its start.
    """

    type: str
    of: str
    field: Field
    is_vital: bool = False


SERIES = (
    Series(
        type="heart-rate",
        of="intraday",
        field=Field(name="beatsPerMinute", code="8867-4", unit="/min", is_whole=True, living=True),
        is_vital=True,
    ),
    Series(
        type="oxygen-saturation",
        of="oxygen",
        field=Field(name="percentage", code=OXYGEN, unit="%", living=True),
        is_vital=True,
    ),
    Series(
        type="heart-rate-variability",
        of="heart_rate_variability",
        field=Field(
            name="rootMeanSquareOfSuccessiveDifferencesMilliseconds",
            code=RMSSD,
            unit="ms",
            living=True,
        ),
    ),
    Series(
        type="heart-rate-variability",
        of="heart_rate_variability",
        field=Field(name="standardDeviationMilliseconds", code="112429-6", unit="ms", living=True),
    ),
)
CODES = frozenset(one.field.code for one in SERIES)


def series_readings(listing: Listing) -> Iterator[Reading]:
    """Give each civil day's series."""
    for kind in SERIES:
        if listing.asked.shares(kind.of):
            for day, samples in _by_day(listing, kind).items():
                yield _of_day(listing, kind, day, samples)


def _by_day(listing: Listing, kind: Series) -> dict[date, Sampled]:
    found: dict[date, Sampled] = {}
    for point in once(merged_points(listing, kind.type)):
        said = kind.field.said(point["value"])
        if said is not None and said.value is not None:
            found.setdefault(start_day(point, listing), {})[start_of(point)] = said.value
        elif not listing.surely:
            found.setdefault(start_day(point, listing), {})
    return found


def _of_day(listing: Listing, kind: Series, day: date, samples: Sampled) -> Reading:
    when = _span(day, samples, listing)
    timed = (
        (Decimal(milliseconds(at - when.start)), value) for at, value in sorted(samples.items())
    )
    return reading(
        listing,
        when.by_start() if kind.is_vital else when,
        None,
        record=f"{kind.type.replace('-', '_')}-{day}",
        code=kind.field.code,
        amounts={"": Samples(tuple(timed), kind.field.unit)},
    )


def _span(day: date, samples: Sampled, listing: Listing) -> When:
    """Give the day of the link's zone, and as much more as somebody took with them elsewhere."""
    zone = listing.zone
    start = min([midnight(day, zone), *samples])
    end = max([midnight(day + timedelta(days=1), zone), *samples])
    return zone_span(start, end, day, zone)
