"""Google's nights and naps: their summary, and the stages within them, by the day of waking up.

Belongs here: sleep as the merged stream lists it. Not here: what the vendor works out of a night for
its date, such as breathing or skin temperature (`daily.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.metrics import SleepStage
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import (
    UPDATED,
    newest,
    points_of,
    taking_of,
)
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    END,
    END_OFFSET,
    INTERVAL,
    START,
    START_OFFSET,
    Moment,
    Row,
    end_moment,
    int64,
    list_of,
    moment,
    object_of,
    start_moment,
    word,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, Taking

SUMMARY, STAGES_SUMMARY, STAGES = "summary", "stagesSummary", "stages"
METADATA, PROCESSED, STAGES_STATUS = "metadata", "processed", "stagesStatus"
TYPE, MINUTES, COUNT, CREATED = "type", "minutes", "count", "createTime"
FIELDS = {
    "minutesAsleep": Field(Metric.SLEEP_DURATION, "min", int64),
    "minutesAwake": Field(Metric.AWAKE_DURATION, "min", int64),
    "minutesToFallAsleep": Field(Metric.SLEEP_LATENCY, "min", int64),
    "minutesInSleepPeriod": Field(Metric.TIME_IN_BED, "min", int64),
}
DURATIONS = {
    "DEEP": Field(Metric.DEEP_SLEEP_DURATION, "min", int64),
    "LIGHT": Field(Metric.LIGHT_SLEEP_DURATION, "min", int64),
    "REM": Field(Metric.REM_SLEEP_DURATION, "min", int64),
}
AWAKE, OF_STAGES = "AWAKE", "STAGES"
AWAKENINGS = Field(Metric.AWAKENINGS, "{count}", int64)
WORDS: Mapping[str, SleepStage] = {
    AWAKE: SleepStage.AWAKE,
    "LIGHT": SleepStage.LIGHT,
    "DEEP": SleepStage.DEEP,
    "REM": SleepStage.REM,
    "ASLEEP": SleepStage.ASLEEP,
    "RESTLESS": SleepStage.RESTLESS,
}


def read_sleep(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read nights and their stages; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    points, is_clear = points_of(pages, listing, reading, _when)
    for night in newest(points, reading):
        taking = taking_of(night, reading)
        if not night.lasts:
            taking.refuse(None, "no_time")
        elif not _is_processed(night.value):
            # What stands of it waits until the vendor has done with it.
            reading.leave_out(
                metric=Metric.SLEEP_DURATION,
                record=night.record,
                day=night.day,
                reason="not_completed",
                held_back=True,
            )
        else:
            is_clear &= _take(night.value, taking)
    return is_clear


def _when(value: Row, zone: ZoneInfo) -> tuple[Moment, Moment, date] | None:
    start, end = start_moment(value, zone), end_moment(value, zone)
    return (start, end, end.day) if start and end else None


def _is_processed(value: Row) -> bool:
    """Tell whether the vendor has done with a night, which may be told by silence.

    It leaves `false` out as any zero: then a night that is to have stages has none yet, and no word
    for why. Apps' nights say nothing of processing either, and have what they will ever have.
    """
    metadata = object_of(value, METADATA)
    if metadata is None or metadata.get(PROCESSED) is not None:
        return metadata is None or metadata[PROCESSED] is not False
    is_told = word(metadata.get(STAGES_STATUS)) is not None or bool(value.get(STAGES))
    return is_told or value.get(TYPE) != OF_STAGES


def _take(value: Row, taking: Taking) -> bool:
    """Take a night; tells whether every stage was told from the others."""
    summary = object_of(value, SUMMARY)
    if summary:
        _take_summary(summary, taking)
    elif value.get(SUMMARY):
        taking.refuse(Metric.SLEEP_DURATION)
    else:
        taking.keep("no_value")
    about = {INTERVAL, TYPE, METADATA, SUMMARY, STAGES, CREATED, UPDATED}
    taking.count_unmapped(value, known=about)
    taking.count_unmapped(object_of(value, METADATA) or {}, known={PROCESSED, STAGES_STATUS})
    return _take_stages(list_of(value, STAGES), taking)


def _take_summary(summary: Row, taking: Taking) -> None:
    for name, known in FIELDS.items():
        taking.take(known, summary.get(name))
    taking.count_unmapped(summary, known={STAGES_SUMMARY, *FIELDS})
    seen: set[str] = set()
    for part in list_of(summary, STAGES_SUMMARY):
        stage = word(part.get(TYPE)) if isinstance(part, dict) else None
        if not isinstance(part, dict):
            taking.refuse(None)
        elif stage is None or stage not in WORDS:
            taking.keep("unknown_stage")
        elif stage in seen:
            taking.ignore("copy")
        else:
            seen.add(stage)
            _take_part(stage, part, taking)


def _take_part(stage: str, part: Row, taking: Taking) -> None:
    if stage in DURATIONS:
        taking.take(DURATIONS[stage], part.get(MINUTES))
        taking.count_unmapped(part, known={TYPE, MINUTES})
    elif stage == AWAKE:
        taking.take(AWAKENINGS, part.get(COUNT))
        # The summary has said so already.
        taking.count_unmapped(part, known={TYPE, COUNT, MINUTES})
    else:
        taking.ignore(f"unmapped_stage_{stage.lower()}")


def _take_stages(stages: Sequence[object], taking: Taking) -> bool:
    is_clear = True
    seen: set[datetime] = set()
    for stage in stages:
        start = _moment(stage, START, START_OFFSET, taking)
        if start is None:
            taking.refuse(Metric.SLEEP_STAGE, "no_time")
            is_clear = False
        elif (second := start.at.replace(microsecond=0)) in seen:
            taking.ignore("copy")
        elif isinstance(stage, dict):
            seen.add(second)
            _take_stage(stage, start, taking)
    return is_clear


def _moment(stage: object, time: str, offset: str, taking: Taking) -> Moment | None:
    if not isinstance(stage, dict):
        return None
    return moment(stage.get(time), stage.get(offset), taking.reading.zone)


def _take_stage(stage: Row, start: Moment, night: Taking) -> None:
    end = _moment(stage, END, END_OFFSET, night)
    taking = replace(
        night,
        record=f"{night.record}.{int(start.at.timestamp())}",
        group=night.record,
        start=start,
        end=end,
    )
    name = word(stage.get(TYPE))
    if end is None or end.at <= start.at:
        taking.refuse(Metric.SLEEP_STAGE, "no_time")
    elif name is None or name not in WORDS:
        taking.keep("unknown_stage")
    else:
        taking.add(Metric.SLEEP_STAGE, Coded(WORDS[name].value), None)
    known = {START, START_OFFSET, END, END_OFFSET, TYPE, CREATED, UPDATED}
    taking.count_unmapped(stage, known=known)
