"""Withings' sleep stages: intervals of a night in one stage each, and the series through it.

Belongs here: segments and their samples. Not here: the night's summary (`sleep.py`), which of
several sources counts (`sources.py`), or what samples become (`series.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import Coded, Measurement, Metric, RecordingMethod
from ohx_pipelines.metrics import SleepStage
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.rows import Row, instant, is_integer, rows_of
from ohx_pipelines.providers.withings.series import (
    Samples,
    Source,
    Span,
    epoch,
    fields_of,
    source_of,
    tell,
)
from ohx_pipelines.providers.withings.sessions import Field
from ohx_pipelines.providers.withings.sleep import Night
from ohx_pipelines.providers.withings.sources import telling_stages

STAGES = {
    0: SleepStage.AWAKE,
    1: SleepStage.LIGHT,
    2: SleepStage.DEEP,
    3: SleepStage.REM,
    4: SleepStage.ASLEEP,  # typed in
    5: SleepStage.ASLEEP,
    15: SleepStage.OUT_OF_BED,
}
FIELDS = {
    "hr": Field(Metric.HEART_RATE_SERIES, "/min", living=True),
    "rr": Field(Metric.RESPIRATORY_RATE_SERIES, "/min", living=True),
    "rmssd": Field(Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES, "ms", living=True),
    "sdnn_1": Field(Metric.HEART_RATE_VARIABILITY_SDNN_SERIES, "ms", living=True),
}
# What else the vendor documents; it is not asked for.
UNMAPPED = (
    "snoring",
    "hrv_quality",
    "mvt_score",
    "chest_movement_rate",
    "withings_index",
    "breathing_sounds",
)


@dataclass(frozen=True, kw_only=True)
class _Segment:
    """An interval of a night as one device tells it; `end` is None when it cannot be read."""

    start: datetime
    end: datetime | None
    source: Source
    row: Row = field(repr=False)


def stage_fields(metrics: Iterable[Metric]) -> list[str]:
    """Give the vendor's names of the series that these metrics need; stages come without."""
    return fields_of(FIELDS, metrics)


def read_stages(pages: Sequence[Page], nights: Sequence[Night], into: Collected) -> bool:
    """Read the stages of the nights that the pages are of; tells whether every one was clear.

    Raises Malformed when an answer has no list of segments.
    """
    by_night: dict[str, list[object]] = {}
    for page in pages:
        by_night.setdefault(page.of, []).extend(rows_of(page))
    known = {night.id: night for night in nights if night.day in into.window.days}
    is_clear = True
    for name, rows in by_night.items():
        # Segments of a night that nobody asked for say nothing.
        is_clear &= name in known and _read_night(known[name], rows, into)
    return is_clear


def _read_night(night: Night, rows: Iterable[object], into: Collected) -> bool:
    inside, is_clear = [], True
    for row in rows:
        segment = _segment(row)
        if segment is None:
            _leave_out(night, night.stages, "no_time", into)
            is_clear = False
        elif not is_of(night, segment.start, segment.end):
            into.ignore(night.day, "outside")
            is_clear = False
        else:
            inside.append(segment)
    _take(night, inside, into)
    return is_clear


def _segment(row: object) -> _Segment | None:
    start = instant(row.get("startdate")) if isinstance(row, dict) else None
    if start is None or not isinstance(row, dict):
        return None
    return _Segment(start=start, end=instant(row.get("enddate")), source=source_of(row), row=row)


def is_of(night: Night, start: datetime, end: datetime | None) -> bool:
    """Tell whether a segment lies in a night, or reaches into it."""
    reaches_in = end is not None and start < night.start < end
    return reaches_in or night.start <= start < night.end


def _take(night: Night, segments: Sequence[_Segment], into: Collected) -> None:
    """Take the stages and the series of the one source that counts."""
    telling = telling_stages((one.source.name for one in segments), of_night=night.device)
    starts: set[datetime] = set()
    kept = []
    for one in segments:
        if one.source.name != telling:
            into.ignore(night.day, "other_source")
        elif one.start in starts:
            into.ignore(night.day, "copy")
        else:
            starts.add(one.start)
            kept.append(one)
            _take_stage(night, one, into)
    if kept:
        _take_series(night, kept[0].source, kept, into)
    for name in UNMAPPED:
        if any(one.row.get(name) is not None for one in kept):
            into.ignore(night.day, f"unmapped_field_{name}")


def _take_stage(night: Night, segment: _Segment, into: Collected) -> None:
    state, end = segment.row.get("state"), segment.end
    record = f"{night.stages}.{int(segment.start.timestamp())}"
    if Metric.SLEEP_STAGE not in into.asked:
        into.ignore(night.day, "not_asked_for")
    elif end is None or end <= segment.start:
        _leave_out(night, record, "no_time", into)
    elif not is_integer(state):
        _leave_out(night, record, "unreadable_value", into)
    elif state not in STAGES:
        into.ignore(night.day, f"unknown_sleep_state_{state}")
    else:
        tell(segment.source, into)
        into.measurements.append(
            Measurement(
                metric=Metric.SLEEP_STAGE,
                value=Coded(STAGES[state].value),
                unit=None,
                start=segment.start,
                end=end,
                offset_minutes=offset_minutes(segment.start, night.zone),
                end_offset_minutes=offset_minutes(end, night.zone),
                day=night.day,
                device=segment.source.device,
                method=RecordingMethod.DEVICE,
                record=record,
                group=night.record,
            )
        )


def _take_series(
    night: Night, source: Source, segments: Iterable[_Segment], into: Collected
) -> None:
    samples = Samples(
        record=f"{night.stages}.series",
        group=night.record,
        span=Span(start=night.start, end=night.end, zone=night.zone, day=night.day),
        source=source,
        into=into,
    )
    for segment in segments:
        for name, kind in FIELDS.items():
            _sample(segment.row.get(name), kind, samples)
    samples.finish()


def _sample(series: object, kind: Field, samples: Samples) -> None:
    # The vendor's object of moments is a list when there are none.
    if series is None or series == []:
        return
    if not isinstance(series, dict):
        samples.refuse(kind)
        return
    for key, given in series.items():
        at = epoch(key)
        if at is None:
            samples.refuse(kind)
        else:
            samples.take(kind, at, given)


def _leave_out(night: Night, record: str, reason: str, into: Collected) -> None:
    into.leave_out(
        metric=Metric.SLEEP_STAGE,
        record=record,
        group=night.record,
        day=night.day,
        reason=reason,
    )
