"""What must stand for the stages of a night, and for the series through it.

Belongs here: stages, and whose of several devices count. Not here: the summary of a night, and which
nights count (`expected_nights.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sandbox.reader.expected_nights import chosen_nights
from sandbox.reader.readings import Listing, Reading, Row, Word, instant_of
from sandbox.reader.rules import Span, device_of, spanning
from sandbox.reader.series import BREATHING, HEART_RATE, Sampled, Series

STAGE = "sleep-stage"
STAGES = {
    0: "awake", 1: "light-sleep", 2: "deep-sleep", 3: "rem-sleep", 4: "asleep", 5: "asleep",
    15: "out-of-bed",
}  # fmt: skip
SERIES = (
    Series(name="hr", code=HEART_RATE, unit="/min", of="sleep_stages", vital=True),
    Series(name="rr", code=BREATHING, unit="/min", of="sleep_stages", vital=True),
)


def stage_readings(listing: Listing) -> Iterator[Reading]:
    """Give the stages of each night, and the series through it."""
    if not listing.asked.has("sleep_stages"):
        return
    by_night = {str(night): segments for night, segments in listing.rows.get("stages", {}).items()}
    for night, span in chosen_nights(listing):
        segments = _of_one_device(by_night.get(str(night["id"]), ()), night)
        if listing.asked.stages:
            yield from _stages(listing, night, span, segments)
        for series in SERIES:
            samples = _through(segments, span, series)
            if samples:
                record, device = f"stages-{night['id']}.series", device_of(segments[0])
                yield series.reading(listing, span, samples, record=record, device=device)


def _of_one_device(segments: Iterable[Row], night: Row) -> list[Row]:
    """Take the segments of one device: two in one bed tell of the same sleep."""
    listed = sorted(segments, key=lambda one: int(one["startdate"]))
    counted = Counter(device_of(one) or "" for one in listed)
    own = device_of(night) or ""
    if own not in counted:
        own = min(counted, key=lambda name: (-counted[name], name), default="")
    return [one for one in listed if (device_of(one) or "") == own]


def _stages(listing: Listing, night: Row, span: Span, segments: Iterable[Row]) -> Iterator[Reading]:
    for segment in segments:
        stage = STAGES.get(segment["state"])
        start, end = instant_of(segment["startdate"]), instant_of(segment["enddate"])
        if stage is not None and end > start:
            yield spanning(
                listing,
                Span(start=start, end=end, zone=span.zone, day=span.day),
                # A segment says nothing of when it was modified: its night does.
                {**segment, "created": night.get("created"), "modified": night.get("modified")},
                record=f"stages-{night['id']}.{segment['startdate']}",
                code=STAGE,
                amounts={"": Word(stage)},
            )


def _through(segments: Iterable[Row], span: Span, series: Series) -> Sampled:
    """Give the samples of a night's segments that lie in the night."""
    found: Sampled = {}
    for segment in segments:
        for epoch, given in dict(segment.get(series.name) or {}).items():
            at, value = instant_of(int(epoch)), series.sample(given)
            if value is not None and span.start <= at <= span.end:
                found.setdefault(at, value)
    return found
