"""What must stand for a night: how long somebody slept with its parts, and its stages.

Belongs here: the summary of a night, its stages, and which nights are done. Not here: what else is
found in a night (`daily.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.reader.google.points import merged_points, once, record_of
from sandbox.reader.google.rules import Field, When, over, reading, said_by
from sandbox.reader.google.wire_values import instant_of_text, seconds
from sandbox.reader.readings import Listing, Reading, Row, Said, Word, offset_at

SLEEP, STAGE = "93832-4", "sleep-stage"
MINUTES = "min"
ASLEEP = Field(name="minutesAsleep", code=SLEEP, unit=MINUTES, is_whole=True, or_zero=True)
PARTS = (
    Field(name="minutesAwake", code="103210-1", unit=MINUTES, is_whole=True, or_zero=True),
    Field(name="minutesToFallAsleep", code="103212-7", unit=MINUTES, is_whole=True, or_zero=True),
    Field(name="minutesInSleepPeriod", code="103213-5", unit=MINUTES, is_whole=True, or_zero=True),
)
# Of the summary of each stage: its minutes, of waking how often.
BY_STAGE = {
    "DEEP": Field(name="minutes", code="93831-6", unit=MINUTES, is_whole=True, or_zero=True),
    "LIGHT": Field(name="minutes", code="93830-8", unit=MINUTES, is_whole=True, or_zero=True),
    "REM": Field(name="minutes", code="93829-0", unit=MINUTES, is_whole=True, or_zero=True),
    "AWAKE": Field(name="count", code="103211-9", unit="{count}", is_whole=True, or_zero=True),
}
STAGES = {
    "AWAKE": "awake", "LIGHT": "light-sleep", "DEEP": "deep-sleep", "REM": "rem-sleep",
    "ASLEEP": "asleep", "RESTLESS": "restless",
}  # fmt: skip
CODES = frozenset(
    {SLEEP, STAGE, *(one.code for one in PARTS), *(one.code for one in BY_STAGE.values())}
)


def night_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each night, of the civil day that it ends on."""
    for point in once(merged_points(listing, "sleep")):
        when = over(point, listing, by_end=True)
        if when is None or (listing.surely and not _is_done(point)):
            continue
        if listing.asked.shares("sleep"):
            yield from _slept(listing, when, point)
        if listing.asked.shares("sleep_stages") and listing.asked.stages:
            yield from _stages(listing, when, point)


def _is_done(point: Row) -> bool:
    """Tell whether the vendor is done with a night.

    It says so when it is not, or says nothing at all of a night whose stages are still to come.
    """
    value = point["value"]
    metadata = value.get("metadata")
    if metadata is None or "processed" in metadata:
        return (metadata or {}).get("processed") is not False
    waits_for_stages = value.get("type") == "STAGES" and not value.get("stages")
    return bool(metadata.get("stagesStatus")) or not waits_for_stages


def _slept(listing: Listing, when: When, point: Row) -> Iterator[Reading]:
    summary = point["value"].get("summary")
    if not summary and listing.surely:
        return
    own = ASLEEP.said(summary or {})
    if own is not None:
        amounts: dict[str, Said] = {"": own, **_parts(summary or {})}
        yield reading(listing, when, point, record=record_of(point), code=SLEEP, amounts=amounts)


def _parts(summary: Row) -> dict[str, Said]:
    parts: dict[str, Said] = dict(said_by(PARTS, summary))
    for stage in summary.get("stagesSummary") or ():
        field = BY_STAGE.get(stage.get("type", ""))
        said = field.said(stage) if field else None
        if field is not None and said is not None:
            parts[field.code] = said
    return parts


def _stages(listing: Listing, when: When, point: Row) -> Iterator[Reading]:
    by_second: dict[int, Row] = {}
    for stage in point["value"].get("stages") or ():
        by_second.setdefault(int(instant_of_text(stage["startTime"]).timestamp()), stage)
    for second, stage in by_second.items():
        word, span = STAGES.get(stage.get("type", "")), _stage_span(stage, when, listing)
        if word is not None and span is not None:
            yield reading(
                listing,
                span,
                point,
                record=f"{record_of(point)}.{second}",
                code=STAGE,
                amounts={"": Word(word)},
            )


def _stage_span(stage: Row, night: When, listing: Listing) -> When | None:
    """Give the span of a stage, of its night's day; None when it takes no time."""
    start, end = instant_of_text(stage["startTime"]), instant_of_text(stage["endTime"])
    if end <= start:
        return None
    return replace(
        night,
        start=start,
        offset=_offset(stage.get("startUtcOffset"), start, listing),
        end=end,
        end_offset=_offset(stage.get("endUtcOffset"), end, listing),
        closes=end,
    )


def _offset(given: object, at: datetime, listing: Listing) -> timedelta | None:
    found = seconds(given)
    return offset_at(at, listing.zone) if found is None else timedelta(seconds=int(found))
