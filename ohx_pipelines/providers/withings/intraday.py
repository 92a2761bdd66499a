"""Withings' intraday series: what was measured through a local day, a series per metric and source.

Belongs here: the calls that cover a day, and reading their entries. Not here: the day's totals
(`activity.py`), whose steps count (`sources.py`), or what a series becomes (`series.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import day_start
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.calls import in_parts
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.rows import Row
from ohx_pipelines.providers.withings.series import (
    Samples,
    Source,
    Span,
    epoch,
    fields_of,
    source_of,
)
from ohx_pipelines.providers.withings.sessions import Field
from ohx_pipelines.providers.withings.sources import counting_steps

A_DAY = timedelta(days=1)
STEPS = "steps"
FIELDS = {
    "heart_rate": Field(Metric.HEART_RATE_SERIES, "/min", living=True),
    STEPS: Field(Metric.STEPS_SERIES, "{steps}"),
    "spo2_auto": Field(Metric.OXYGEN_SATURATION_SERIES, "%", living=True),
    "rmssd": Field(Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES, "ms", living=True),
    "sdnn1": Field(Metric.HEART_RATE_VARIABILITY_SDNN_SERIES, "ms", living=True),
    "rr": Field(Metric.RESPIRATORY_RATE_SERIES, "/min", living=True),
    "core_body_temperature": Field(Metric.CORE_BODY_TEMPERATURE_SERIES, "Cel", living=True),
}
# What else the vendor documents; it is not asked for.
UNMAPPED = (
    "elevation",
    "calories",
    "distance",
    "stroke",
    "pool_lap",
    "hrv_quality",
    "chest_movement_rate",
)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What one source says of one moment."""

    at: datetime
    source: Source
    row: Row = field(repr=False)


def intraday_calls(day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Give the calls that cover a local day."""
    return list(in_parts(day_start(day, zone), day_start(day + A_DAY, zone)))


def data_fields(metrics: Iterable[Metric]) -> list[str]:
    """Give the vendor's names of the fields that these metrics need."""
    return fields_of(FIELDS, metrics)


def read_intraday(pages: Sequence[Page], into: Collected) -> bool:
    """Read the series of the days that the pages are of; tells whether every entry was clear.

    Raises Malformed when an answer has no series at all.
    """
    by_day: dict[str, list[tuple[str, Any]]] = {}
    for page in pages:
        by_day.setdefault(page.of, []).extend(_series_of(page))
    days = {day.isoformat(): day for day in into.window.days}
    is_clear = True
    for name, found in by_day.items():
        # A day that was not asked for says nothing.
        is_clear &= name in days and _read_day(days[name], found, into)
    return is_clear


def _series_of(page: Page) -> Iterable[tuple[str, Any]]:
    series = page.body.get("series")
    # The vendor's object of moments is a list when there are none.
    if not isinstance(series, dict) and series != []:
        message = "Withings' answer has no intraday series"
        raise Malformed(message)
    return dict(series).items()


def _read_day(day: date, found: Iterable[tuple[str, Any]], into: Collected) -> bool:
    span = _span(day, into.window.zone)
    entries, is_clear = [], True
    for key, row in found:
        at = epoch(key)
        if at is None or not isinstance(row, dict):
            reason = "no_time" if at is None else "unreadable_row"
            into.leave_out(metric=None, record=_record(day), day=day, reason=reason)
            is_clear = False
        elif not span.start <= at < span.end:
            into.ignore(day, "outside")
            is_clear = False
        else:
            entries.append(_Entry(at=at, source=source_of(row), row=row))
    _take(span, entries, into)
    return is_clear


def _take(span: Span, entries: Sequence[_Entry], into: Collected) -> None:
    walking = counting_steps(
        (one.source.name, one.source.model_id) for one in entries if one.row.get(STEPS) is not None
    )
    by_source: dict[str, Samples] = {}
    for entry in entries:
        name = entry.source.name
        if name not in by_source:
            by_source[name] = _samples(span, entry.source, into)
        for field_name, kind in FIELDS.items():
            given = entry.row.get(field_name)
            if given is not None and field_name == STEPS and name != walking:
                into.ignore(span.day, "other_source")
            else:
                by_source[name].take(kind, entry.at, given)
    for samples in by_source.values():
        samples.finish()
    for name in UNMAPPED:
        if any(entry.row.get(name) is not None for entry in entries):
            into.ignore(span.day, f"unmapped_field_{name}")


def _samples(span: Span, source: Source, into: Collected) -> Samples:
    record = f"{_record(span.day)}.{source.name}"
    return Samples(record=record, group=record, span=span, source=source, into=into)


def _span(day: date, zone: ZoneInfo) -> Span:
    start, end = day_start(day, zone), day_start(day + A_DAY, zone)
    return Span(start=start, end=end, zone=zone, day=day)


def _record(day: date) -> str:
    return f"{Listing.INTRADAY.prefix}-{day}"
