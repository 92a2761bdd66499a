"""Measure groups as the vendor lists them, and what is read of them.

Belongs here: building groups, reading them. Not here: what is expected of either.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, to_frame
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.measures import read_measures

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
EVERYTHING = frozenset(Metric)
BODY = frozenset({Metric.BODY_WEIGHT, Metric.FAT_RATIO})
SCALE, CUFF = "5d1c" * 10, "77b2" * 10
# 2026-11-20T06:31:02Z, 07:31:02 in Stockholm.
MORNING = int(datetime(2026, 11, 20, 6, 31, 2, tzinfo=UTC).timestamp())


def measure(kind, value, unit=0):
    return {"type": kind, "value": value, "unit": unit, "algo": 0, "fm": 3}


def group(*measures, grpid=6120004411, attrib=0, taken=MORNING, device=SCALE, **more):
    return {
        "grpid": grpid,
        "attrib": attrib,
        "date": taken,
        "created": taken,
        "modified": taken,
        "category": 1,
        "deviceid": device,
        "hash_deviceid": device,
        "measures": list(measures),
        "modelid": 18,
        "model": "Body Comp",
        "comment": None,
        **more,
    }


class Read(Collected):
    """What was read of the measures, as a frame as well."""

    @property
    def frame(self):
        return to_frame(sorted(self.measurements, key=lambda one: (one.start, one.record)))


def normalize_pages(pages, window, *, asked):
    into = Read(window=window, asked=asked)
    is_whole = read_measures([Page(listing="measures", body=body) for body in pages], into)
    into.listed = asked if is_whole else frozenset()
    return into


def normalize(*groups, window=WEEK, asked=EVERYTHING):
    page = {"measuregrps": list(groups), "timezone": "Europe/Stockholm"}
    return normalize_pages([page], window, asked=asked)


def values(result):
    return [(row.metric, str(row.value), row.unit) for row in result.frame.itertuples()]
