"""Google's exercises: workouts with their summary, by the civil day on which they began.

Belongs here: workouts and their fields. Not here: the vendor's types of them (`exercise_types.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.metrics import WorkoutType
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.exercise_types import TYPES
from ohx_pipelines.providers.google_health.listed_points import (
    UPDATED,
    Point,
    newest,
    points_of,
    taking_of,
)
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    INTERVAL,
    Moment,
    Row,
    double,
    end_moment,
    int64,
    object_of,
    seconds,
    start_moment,
    word,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, Taking

TYPE, NAME, ACTIVE, SUMMARY = "exerciseType", "displayName", "activeDuration", "metricsSummary"
CREATED = "createTime"
DURATION = Field(Metric.WORKOUT_DURATION, "s", seconds)
FIELDS = {
    "caloriesKcal": Field(Metric.ENERGY_EXPENDED, "kcal", double),
    "distanceMillimeters": Field(Metric.DISTANCE, "mm", double),
    "steps": Field(Metric.STEPS, "{steps}", int64),
    "averageHeartRateBeatsPerMinute": Field(Metric.MEAN_HEART_RATE, "/min", int64, living=True),
}
A_MILLISECOND = timedelta(milliseconds=1)


def read_exercise(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read workouts; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    points, is_clear = points_of(pages, listing, reading, _when)
    for one in newest(points, reading):
        taking = taking_of(one, reading)
        if one.lasts:
            _take(one, taking)
        else:
            taking.refuse(Metric.WORKOUT_TYPE, "no_time")
    return is_clear


def _when(value: Row, zone: ZoneInfo) -> tuple[Moment, Moment | None, date] | None:
    start = start_moment(value, zone)
    return (start, end_moment(value, zone), start.day) if start else None


def _take(one: Point, taking: Taking) -> None:
    value = one.value
    _take_type(word(value.get(TYPE)), taking)
    if value.get(ACTIVE) is None:
        taking.add(DURATION.metric, _length(one), DURATION.unit)
    else:
        taking.take(DURATION, value[ACTIVE])
    summary = object_of(value, SUMMARY)
    if summary is None and value.get(SUMMARY) is not None:
        taking.refuse(None)
    for name, known in FIELDS.items():
        # A workout without steps is no workout of no steps.
        if summary and summary.get(name) is not None:
            taking.take(known, summary[name])
    taking.count_unmapped(summary or {}, known=FIELDS)
    # The name is the type's, or what somebody typed in.
    taking.count_unmapped(value, known={INTERVAL, TYPE, NAME, ACTIVE, SUMMARY, CREATED, UPDATED})


def _take_type(given: str | None, taking: Taking) -> None:
    if given is not None and given not in TYPES:
        taking.ignore("unknown_exercise_type")
    kind = TYPES.get(given or "", WorkoutType.OTHER)
    taking.add(Metric.WORKOUT_TYPE, Coded(kind.value), None)


def _length(one: Point) -> Decimal:
    """Give the seconds from start to end: where the vendor tells no pauses there were none."""
    end = one.end or one.start
    return Decimal((end.at - one.start.at) // A_MILLISECOND) / 1_000
