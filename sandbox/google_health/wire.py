"""Data points in the vendor's JSON.

Belongs here: names, times, offsets and sources on the wire. Not here: pages, or errors
(`data_calls.py`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sandbox.google_health.kinds import DAILY, KIND_OF, NAMED, SAMPLE, member_of
from sandbox.google_health.points import Point, Source, civil

Json = dict[str, Any]
# These tell when they were stored.
_STAMPED = frozenset({"sleep", "exercise"})


def as_json(point: Point, *, reconciled: bool, user: str = "me") -> Json:
    """Give a point as `list` shows it, or as `reconcile` does: without its source."""
    shown: Json = {}
    if point.type in NAMED:
        key = "dataPointName" if reconciled else "name"
        shown[key] = f"users/{user}/dataTypes/{point.type}/dataPoints/{point.id}"
    if not reconciled:
        shown["dataSource"] = source_json(point.source)
    return shown | {member_of(point.type): _times(point) | point.value | _stamps(point)}


def source_json(source: Source | None) -> Json:
    """Give who told a point; an ECG's is empty."""
    if source is None:
        return {}
    device = {
        "displayName": source.device,
        "manufacturer": source.maker,
        "formFactor": source.form,
    }
    shown = {
        "recordingMethod": source.method,
        "device": {name: one for name, one in device.items() if one},
        "platform": source.platform,
        "application": {"packageName": source.package} if source.package else None,
    }
    return {name: one for name, one in shown.items() if one}


def civil_json(moment: datetime) -> Json:
    """Give a wall clock's time; what is zero is left out."""
    parts = {
        "hours": moment.hour,
        "minutes": moment.minute,
        "seconds": moment.second,
        "nanos": moment.microsecond * 1_000,
    }
    told = {name: one for name, one in parts.items() if one}
    return {"date": date_json(moment.date()), "time": told}


def date_json(day: date) -> Json:
    """Give a date in three parts."""
    return {"year": day.year, "month": day.month, "day": day.day}


def instant(milliseconds: int) -> str:
    """Give RFC 3339 in UTC, with a fraction only where there is one."""
    seconds, rest = divmod(milliseconds, 1_000)
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{shown}.{rest:03d}Z" if rest else f"{shown}Z"


def interval_json(span: tuple[int, int], offsets: tuple[int, int], *, has_offset: bool) -> Json:
    """Give a span with its civil times; without offsets the instants alone."""
    told: Json = {"startTime": instant(span[0]), "endTime": instant(span[1])}
    if not has_offset:
        return told
    return told | {
        "startUtcOffset": f"{offsets[0]}s",
        "endUtcOffset": f"{offsets[1]}s",
        "civilStartTime": civil_json(civil(span[0], offsets[0])),
        "civilEndTime": civil_json(civil(span[1], offsets[1])),
    }


def _times(point: Point) -> Json:
    kind = KIND_OF[point.type]
    if kind == DAILY:
        return {"date": date_json(point.day)}
    if kind == SAMPLE:
        told = {
            "physicalTime": instant(point.start),
            "utcOffset": f"{point.offset}s",
            "civilTime": civil_json(civil(point.start, point.offset)),
        }
        return {"sampleTime": told}
    span, offsets = (point.start, point.end), (point.offset, point.end_offset)
    return {"interval": interval_json(span, offsets, has_offset=point.has_offset)}


def _stamps(point: Point) -> Json:
    if point.type not in _STAMPED:
        return {}
    return {
        "createTime": instant(int(point.created * 1_000)),
        "updateTime": instant(int(point.updated * 1_000)),
    }
