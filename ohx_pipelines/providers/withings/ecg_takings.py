"""Measures that were taken with an ECG: its intervals, and what the device made of its rhythm.

Belongs here: which ECG a measure is of. Not here: reading either (`measures.py`, `ecg.py`).
The vendor lists them apart and names no ECG: the same day, and within a minute of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ohx_pipelines.measurements import Measurement, Metric

APART = timedelta(seconds=60)
INTERVALS = frozenset(
    {
        Metric.PR_INTERVAL,
        Metric.QRS_DURATION,
        Metric.QT_INTERVAL,
        Metric.CORRECTED_QT_INTERVAL,
    }
)
RHYTHM = Metric.ATRIAL_FIBRILLATION_CLASSIFICATION
# What an ECG has from the measures, where it has it.
FROM_MEASURES = INTERVALS | {RHYTHM}


def join_ecg(measures: Sequence[Measurement], ecgs: Sequence[Measurement]) -> list[Measurement]:
    """Give all of them, those measures that are an ECG's under its record.

    A measure's word for the rhythm is finer than the list's and stands in its place. Of several of
    one kind the nearest is the ECG's; the others stand alone.
    """
    anchors = {one.record: one for one in reversed(ecgs)}
    joined: dict[tuple[str, Metric], Measurement] = {}
    alone = []
    for one in sorted(measures, key=lambda one: (_distance(one, anchors.values()), one.record)):
        anchor = _nearest(one, list(anchors.values()))
        if anchor is None or (anchor.record, one.metric) in joined:
            alone.append(one)
        else:
            joined[anchor.record, one.metric] = _of(one, anchor)
    kept = [one for one in ecgs if (one.record, one.metric) not in joined]
    return [*alone, *kept, *joined.values()]


def _nearest(one: Measurement, anchors: Sequence[Measurement]) -> Measurement | None:
    if one.metric not in FROM_MEASURES:
        return None
    near = [
        anchor
        for anchor in anchors
        if anchor.day == one.day and abs(anchor.start - one.start) <= APART
    ]
    return min(
        near, key=lambda anchor: (abs(anchor.start - one.start), anchor.record), default=None
    )


def _distance(one: Measurement, anchors: object) -> timedelta:
    nearest = _nearest(one, list(anchors))  # type: ignore[call-overload]
    return abs(nearest.start - one.start) if nearest else timedelta.max


def _of(one: Measurement, anchor: Measurement) -> Measurement:
    return replace(
        one,
        record=anchor.record,
        group=anchor.group,
        occurrence=0,
        start=anchor.start,
        offset_minutes=anchor.offset_minutes,
        device=anchor.device,
    )
