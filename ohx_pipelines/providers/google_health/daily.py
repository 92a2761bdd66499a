"""What Google works out for a civil date: resting heart rate, a night's averages, fitness.

Belongs here: points of a date and their fields. Not here: totals of a day (`totals.py`), or samples
through it (`series.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import ABOUT, leave_out_unclear
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    DATE,
    Row,
    civil_date,
    double,
    int64,
    object_of,
    rows_of,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, taking_of_day
from ohx_pipelines.providers.google_health.sources import source_of

_RMSSD = Metric.HEART_RATE_VARIABILITY_RMSSD
_DEEP_RMSSD = Metric.DEEP_SLEEP_HEART_RATE_VARIABILITY_RMSSD
# The bounds of oxygen saturation are those of a confidence interval: no minimum, no maximum.
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "daily_resting_heart_rate": {
        "beatsPerMinute": Field(Metric.RESTING_HEART_RATE, "/min", int64, living=True),
    },
    "daily_heart_rate_variability": {
        "averageHeartRateVariabilityMilliseconds": Field(_RMSSD, "ms", double, living=True),
        "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": Field(
            _DEEP_RMSSD, "ms", double, living=True
        ),
    },
    "daily_oxygen_saturation": {
        "averagePercentage": Field(Metric.MEAN_OXYGEN_SATURATION, "%", double, living=True),
    },
    "daily_respiratory_rate": {
        "breathsPerMinute": Field(Metric.MEAN_RESPIRATORY_RATE, "/min", double, living=True),
    },
    "daily_sleep_temperature_derivations": {
        "nightlyTemperatureCelsius": Field(
            Metric.MEAN_SKIN_TEMPERATURE, "Cel", double, living=True
        ),
        "baselineTemperatureCelsius": Field(
            Metric.SKIN_TEMPERATURE_BASELINE, "Cel", double, living=True
        ),
    },
    "daily_vo2_max": {"vo2Max": Field(Metric.VO2_MAX, "mL/min/kg", double, living=True)},
}


def read_daily(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read the points of dates; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    is_clear = True
    seen: set[date] = set()
    for position, row in enumerate(rows_of(pages, listing)):
        value = object_of(row, listing.member)
        day = civil_date(value.get(DATE)) if value is not None else None
        if day is None or value is None or not isinstance(row, dict):
            # A date is all that tells one from another: an id says nothing.
            leave_out_unclear(row, listing, reading, at=position)
            is_clear = False
        elif reading.is_inside(day):
            _take(row, value, day, listing, reading, is_copy=day in seen)
            seen.add(day)
    return is_clear


def _take(
    row: Row, value: Row, day: date, listing: Listing, reading: Reading, *, is_copy: bool
) -> None:
    taking = taking_of_day(day, listing, reading, source_of(row, value))
    if is_copy:
        taking.ignore("copy")
        return
    fields = FIELDS[listing.name]
    for name, known in fields.items():
        taking.take(known, value.get(name))
    taking.count_unmapped(value, known={DATE, *fields})
    taking.count_unmapped(row, known={*ABOUT, listing.member})
