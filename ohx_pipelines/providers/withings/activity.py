"""Withings' daily activity: the totals of a local day, of the one source that counts.

Belongs here: rows of a date and their fields. Not here: which of several rows counts
(`sources.py`), or what was measured through the day (`intraday.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ohx_pipelines.local_day import day_start
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.rows import Row, row_day, row_device, row_zone, rows_of
from ohx_pipelines.providers.withings.sessions import Field, Session, take_fields
from ohx_pipelines.providers.withings.sources import chosen_activity

FIELDS = {
    "steps": Field(Metric.STEPS_PER_DAY, "{steps}"),
    "distance": Field(Metric.DISTANCE_PER_DAY, "m"),
    "elevation": Field(Metric.FLOORS_CLIMBED_PER_DAY, "{flights}"),
    "soft": Field(Metric.LIGHT_ACTIVITY_DURATION, "s"),
    "moderate": Field(Metric.MODERATE_ACTIVITY_DURATION, "s"),
    "intense": Field(Metric.VIGOROUS_ACTIVITY_DURATION, "s"),
    "calories": Field(Metric.ACTIVE_ENERGY_PER_DAY, "kcal"),
    "totalcalories": Field(Metric.ENERGY_EXPENDED_PER_DAY, "kcal"),
    "hr_average": Field(Metric.MEAN_HEART_RATE_PER_DAY, "/min", living=True),
    "hr_min": Field(Metric.MINIMUM_HEART_RATE_PER_DAY, "/min", living=True),
    "hr_max": Field(Metric.MAXIMUM_HEART_RATE_PER_DAY, "/min", living=True),
    "hr_zone_0": Field(Metric.LIGHT_HEART_RATE_ZONE_DURATION, "s"),
    "hr_zone_1": Field(Metric.MODERATE_HEART_RATE_ZONE_DURATION, "s"),
    "hr_zone_2": Field(Metric.INTENSE_HEART_RATE_ZONE_DURATION, "s"),
    "hr_zone_3": Field(Metric.MAXIMUM_HEART_RATE_ZONE_DURATION, "s"),
}
# The sum of `moderate` and `intense`.
SUM = "active"
# What a row says of itself.
ABOUT = frozenset(
    {
        "date", "timezone", "deviceid", "hash_deviceid", "modified", "brand", "modelid",
        "model_id", "model", "is_tracker",
    }
)  # fmt: skip


def read_activity(pages: Sequence[Page], into: Collected) -> bool:
    """Read the rows of days; tells whether every one was clear.

    Raises Malformed when an answer has no list of them.
    """
    by_day: dict[date, list[Row]] = {}
    is_clear = True
    for position, row in enumerate(row for page in pages for row in rows_of(page, "activities")):
        day = row_day(row) if isinstance(row, dict) else None
        if day is None or not isinstance(row, dict):
            _leave_out(position, into)
            is_clear = False
        elif day in into.window.days:
            by_day.setdefault(day, []).append(row)
        else:
            is_clear = False
    for day, rows in by_day.items():
        chosen = chosen_activity(rows)
        for row in rows:
            # One row that is listed twice is no second source.
            if row is not chosen:
                into.ignore(day, "copy" if row == chosen else "other_source")
        _take(day, chosen, into)
    return is_clear


def _leave_out(position: int, into: Collected) -> None:
    into.leave_out(
        metric=None,
        record=f"{Listing.ACTIVITY.prefix}-unreadable-{position}",
        day=into.window.first_day,
        reason="unreadable_row",
    )


def _take(day: date, row: Row, into: Collected) -> None:
    zone = row_zone(row, into.window.zone)
    session = Session(
        record=f"{Listing.ACTIVITY.prefix}-{day}",
        day=day,
        start=day_start(day, zone),
        end=day_start(day + timedelta(days=1), zone),
        zone=zone,
        device=row_device(row),
        model_id=row.get("modelid", row.get("model_id")),
        model=row.get("model"),
        into=into,
    )
    if row.get(SUM) is not None:
        into.ignore(day, "aggregate")
    take_fields(session, row, FIELDS, silent=ABOUT | {SUM})
