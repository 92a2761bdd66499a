"""Google's notifications of an irregular rhythm, as a watch gave them.

Belongs here: notifications and their windows. Not here: ECGs (`ecg.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.metrics import Rhythm
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import newest, points_of, taking_of
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    CIVIL_END,
    CIVIL_START,
    END,
    END_OFFSET,
    INTERVAL,
    START,
    START_OFFSET,
    Moment,
    Row,
    end_moment,
    list_of,
    start_moment,
)
from ohx_pipelines.providers.google_health.readings import Reading, Taking
from ohx_pipelines.providers.google_health.sources import MEDICAL_DEVICE

WINDOWS, POSITIVE = "alertWindows", "positive"
TIMES = (START, START_OFFSET, END, END_OFFSET, CIVIL_START, CIVIL_END)


def read_irregular_rhythm(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read notifications; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    points, is_clear = points_of(pages, listing, reading, _when)
    for one in newest(points, reading):
        taking = taking_of(one, reading)
        if one.lasts:
            _take(one.value, taking)
        else:
            taking.refuse(Metric.IRREGULAR_RHYTHM_NOTIFICATION, "no_time")
    return is_clear


def _when(value: Row, zone: ZoneInfo) -> tuple[Moment, Moment | None, date] | None:
    start = start_moment(value, zone)
    return (start, end_moment(value, zone), start.day) if start else None


def _take(value: Row, taking: Taking) -> None:
    listed = list_of(value, WINDOWS)
    windows = [one for one in listed if isinstance(one, dict)]
    # False may be left out, as any zero.
    told = [one.get(POSITIVE) for one in windows]
    is_told = all(one is None or isinstance(one, bool) for one in told)
    if len(windows) < len(listed) or not is_told:
        taking.refuse(Metric.IRREGULAR_RHYTHM_NOTIFICATION)
        return
    # No sign of fibrillation in a window does not guarantee that there was none.
    rhythm = Rhythm.ATRIAL_FIBRILLATION if any(told) else Rhythm.INCONCLUSIVE
    taking.add(Metric.IRREGULAR_RHYTHM_NOTIFICATION, Coded(rhythm.value), None)
    for one in windows:
        taking.count_unmapped(one, known={*TIMES, POSITIVE})
    taking.count_unmapped(value, known={INTERVAL, WINDOWS, MEDICAL_DEVICE})
