"""Google's answers as its reference has them, and what is read of them.

Belongs here: building points, reading them. Not here: what is expected of either.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, to_frame
from ohx_pipelines.providers.base import Asked, Fetched, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.google_health.data_types import DATA_TYPES
from ohx_pipelines.providers.google_health.listings import BY_NAME
from ohx_pipelines.providers.google_health.normalize import READERS, normalize
from ohx_pipelines.providers.google_health.readings import Reading

CAPTURES = Path(__file__).resolve().parents[5] / "shared" / "captures" / "google_health"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 20)
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
EVERYTHING = frozenset(Metric)
SHARED = frozenset(one.name for one in DATA_TYPES)
ACCOUNT = "a-word-for-the-account"
CHARGE = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "device": {"displayName": "Charge 6", "formFactor": "FITNESS_BAND"},
    "platform": "FITBIT",
}
TYPED_IN = {"recordingMethod": "MANUAL", "platform": "FITBIT"}
FROM_PHONE = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "platform": "HEALTH_CONNECT",
    "application": {"packageName": "org.example.scale"},
}


def civil(day):
    return {"year": day.year, "month": day.month, "day": day.day}


def roll_up(member, value, day=DAY, **more):
    after = date.fromordinal(day.toordinal() + 1)
    return {
        "civilStartTime": {"date": civil(day), "time": {}},
        "civilEndTime": {"date": civil(after), "time": {}},
        member: value,
        **more,
    }


def named(path, number):
    return f"users/48120033917720012/dataTypes/{path}/dataPoints/{number}"


def sample(member, at="2026-11-20T06:11:22.500Z", offset="3600s", *, source=None, **value):
    times = {"physicalTime": at} | ({} if offset is None else {"utcOffset": offset})
    point = {member: {"sampleTime": times, **value}}
    return point if source is None else {"dataSource": source, **point}


def interval(start, end, offset="3600s", end_offset=None):
    return {
        "startTime": start,
        "startUtcOffset": offset,
        "endTime": end,
        "endUtcOffset": end_offset or offset,
    }


def read_pages(listing, *bodies, window=WEEK, asked=EVERYTHING):
    """Read pages of one listing; `is_whole` tells what its reader says."""
    into = Collected(window=window, asked=asked & BY_NAME[listing].metrics)
    reading = Reading(into=into, zone=window.zone, account=ACCOUNT)
    pages = [Page(listing=listing, body=body) for body in bodies]
    into.is_whole = READERS[listing](pages, BY_NAME[listing], reading)
    to_frame(into.measurements)
    return into


def read(listing, *rows, window=WEEK, asked=EVERYTHING):
    is_total = BY_NAME[listing].method == "dailyRollUp"
    name = "rollupDataPoints" if is_total else "dataPoints"
    return read_pages(listing, {name: list(rows)}, window=window, asked=asked)


def values(into):
    return {one.metric: (one.value, one.unit) for one in into.measurements}


def left_out(into):
    return [(one.metric, one.record, one.reason) for one in into.unpublished]


def ignored(into):
    """Count what was ignored, by word."""
    return dict(sum((Counter(words) for words in into.ignored.values()), Counter()))


def normalized(pages, *, window=WEEK, shared=SHARED, **more):
    """Normalize pages of (listing, body), for an account that shares data types."""
    fetched = Fetched(
        window=window,
        pages=[Page(listing=listing, body=body) for listing, body in pages],
        calls=len(pages),
        asked=Asked(shared=frozenset(shared), wanted=EVERYTHING),
        account=ACCOUNT,
        **more,
    )
    return normalize(fetched, DATA_TYPES)
