"""Google's daily roll-ups: totals of a civil day, merged from all sources by the vendor.

Belongs here: roll-ups of a date and their fields. Not here: what the vendor works out for a date
itself (`daily.py`), or how a listing is asked for (`listings.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import leave_out_unclear
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    CIVIL_END,
    CIVIL_START,
    DATE,
    Row,
    civil_date,
    double,
    int64,
    list_of,
    object_of,
    rows_of,
    seconds,
    word,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, Taking, taking_of_day
from ohx_pipelines.providers.google_health.sources import Source

# By listing: a total that is missing is zero, a heart rate that is missing is none.
FIELDS: Mapping[str, Mapping[str, Field]] = {
    "steps": {"countSum": Field(Metric.STEPS_PER_DAY, "{steps}", int64)},
    "distance": {"millimetersSum": Field(Metric.DISTANCE_PER_DAY, "mm", int64)},
    "floors": {"countSum": Field(Metric.FLOORS_CLIMBED_PER_DAY, "{flights}", int64)},
    "altitude": {"gainMillimetersSum": Field(Metric.ELEVATION_GAIN_PER_DAY, "mm", int64)},
    "active_energy_burned": {"kcalSum": Field(Metric.ACTIVE_ENERGY_PER_DAY, "kcal", double)},
    "total_calories": {"kcalSum": Field(Metric.ENERGY_EXPENDED_PER_DAY, "kcal", double)},
    "sedentary_period": {"durationSum": Field(Metric.SEDENTARY_DURATION, "s", seconds)},
    "heart_rate_per_day": {
        "beatsPerMinuteAvg": Field(Metric.MEAN_HEART_RATE_PER_DAY, "/min", double, living=True),
        "beatsPerMinuteMax": Field(Metric.MAXIMUM_HEART_RATE_PER_DAY, "/min", double, living=True),
        "beatsPerMinuteMin": Field(Metric.MINIMUM_HEART_RATE_PER_DAY, "/min", double, living=True),
    },
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A total that is told in parts: the list of them, the field that says which part, and its value."""

    list: str
    named_by: str
    value: str
    fields: Mapping[str, Field]
    unknown: str


PARTS = {
    "active_minutes": Parts(
        list="activeMinutesRollupByActivityLevel",
        named_by="activityLevel",
        value="activeMinutesSum",
        fields={
            "LIGHT": Field(Metric.LIGHT_ACTIVITY_DURATION, "min", int64),
            "MODERATE": Field(Metric.MODERATE_ACTIVITY_DURATION, "min", int64),
            "VIGOROUS": Field(Metric.VIGOROUS_ACTIVITY_DURATION, "min", int64),
        },
        unknown="unknown_activity_level",
    ),
    "time_in_heart_rate_zone": Parts(
        list="timeInHeartRateZones",
        named_by="heartRateZone",
        value="duration",
        fields={
            "LIGHT": Field(Metric.LIGHT_HEART_RATE_ZONE_DURATION, "s", seconds),
            "MODERATE": Field(Metric.MODERATE_HEART_RATE_ZONE_DURATION, "s", seconds),
            "VIGOROUS": Field(Metric.INTENSE_HEART_RATE_ZONE_DURATION, "s", seconds),
            "PEAK": Field(Metric.MAXIMUM_HEART_RATE_ZONE_DURATION, "s", seconds),
        },
        unknown="unknown_heart_rate_zone",
    ),
}
# Minutes that the vendor has already weighed by zone.
ZONES = ("sumInFatBurnHeartZone", "sumInCardioHeartZone", "sumInPeakHeartZone")
ZONE_MINUTES = Field(Metric.ACTIVE_ZONE_MINUTES, "{score}", int64)
SUMS = {"active_zone_minutes": ZONES}
NAMES = frozenset({*FIELDS, *PARTS, *SUMS})


def read_totals(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read the totals of days; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    is_clear = True
    seen: set[date] = set()
    for position, row in enumerate(rows_of(pages, listing)):
        day = _day_of(row)
        if day is None or not isinstance(row, dict):
            leave_out_unclear(row, listing, reading, at=position)
            is_clear = False
        elif reading.is_inside(day):
            taking = taking_of_day(day, listing, reading, Source())
            if day in seen:
                taking.ignore("copy")
            else:
                seen.add(day)
                _take_row(row, listing, taking)
    return is_clear


def _day_of(row: object) -> date | None:
    start = object_of(row, CIVIL_START) or {}
    return civil_date(start.get(DATE))


def _take_row(row: Row, listing: Listing, taking: Taking) -> None:
    taking.count_unmapped(row, known={CIVIL_START, CIVIL_END, listing.member})
    end = civil_date((object_of(row, CIVIL_END) or {}).get(DATE))
    value = object_of(row, listing.member)
    if end is not None and end > taking.day + timedelta(days=1):
        # The total of several days is none of this one.
        taking.refuse(None, "unreadable_row")
    elif value is not None:
        _take(value, listing, taking)
    elif row.get(listing.member) is None:
        taking.keep("no_value")
    else:
        taking.refuse(None, "unreadable_row")


def _take(value: Row, listing: Listing, taking: Taking) -> None:
    if listing.name in PARTS:
        _take_parts(value, PARTS[listing.name], taking)
    elif listing.name in SUMS:
        _take_sum(value, SUMS[listing.name], taking)
    else:
        fields = FIELDS[listing.name]
        for name, known in fields.items():
            taking.take(known, value.get(name))
        taking.count_unmapped(value, known=fields)


def _take_parts(value: Row, parts: Parts, taking: Taking) -> None:
    taking.count_unmapped(value, known={parts.list})
    seen: set[str] = set()
    for part in list_of(value, parts.list):
        if not isinstance(part, dict):
            taking.refuse(None)
            continue
        name = word(part.get(parts.named_by))
        known = parts.fields.get(name or "")
        if known is None or name is None:
            # It may be one of those that were known by another word before.
            taking.keep(parts.unknown)
        elif name in seen:
            taking.ignore("copy")
        else:
            seen.add(name)
            taking.take(known, part.get(parts.value))
            taking.count_unmapped(part, known={parts.named_by, parts.value})


def _take_sum(value: Row, names: Sequence[str], taking: Taking) -> None:
    taking.count_unmapped(value, known=names)
    given = [value[name] for name in names if value.get(name) is not None]
    read = [ZONE_MINUTES.read(one) for one in given]
    known = [one for one in read if one is not None and one >= 0]
    if len(known) < len(given):
        taking.refuse(ZONE_MINUTES.metric)
    else:
        taking.take(ZONE_MINUTES, sum(known, Decimal()))
