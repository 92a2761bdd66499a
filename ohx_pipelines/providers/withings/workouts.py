"""Withings' workouts: one row per workout, told by the vendor's own date.

Belongs here: workouts and their fields. Not here: categories (`workout_types.py`), or which of two
sources counts (`sources.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.metrics import WorkoutType
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.codes import AMBIGUOUS, ATTRIBUTION
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.rows import (
    Row,
    Told,
    is_integer,
    modified_at,
    number,
    row_device,
    row_zone,
    rows_of,
    told,
)
from ohx_pipelines.providers.withings.sessions import (
    Field,
    Session,
    leave_out_row,
    leave_out_unclear,
    take_fields,
)
from ohx_pipelines.providers.withings.sources import without_twins
from ohx_pipelines.providers.withings.workout_types import CATEGORIES, NO_ACTIVITY

ENERGY = Field(Metric.ENERGY_EXPENDED, "kcal")
DISTANCE = Field(Metric.DISTANCE, "m")
FIELDS = {
    "calories": ENERGY,
    "distance": DISTANCE,
    "steps": Field(Metric.STEPS, "{steps}"),
    "elevation": Field(Metric.FLOORS_CLIMBED, "{flights}"),
    "hr_average": Field(Metric.MEAN_HEART_RATE, "/min", living=True),
    "hr_min": Field(Metric.MINIMUM_HEART_RATE, "/min", living=True),
    "hr_max": Field(Metric.MAXIMUM_HEART_RATE, "/min", living=True),
    "spo2_average": Field(Metric.MEAN_OXYGEN_SATURATION, "%", living=True),
}
# What its owner typed in counts where the device says nothing.
TYPED_IN = {"calories": ("manual_calories", ENERGY), "distance": ("manual_distance", DISTANCE)}
PAUSE = "pause_duration"
ASKED = (*FIELDS, *(typed_in for typed_in, _ in TYPED_IN.values()), PAUSE)


@dataclass(frozen=True, kw_only=True)
class _Workout(Told):
    """A workout that says which it is, and when."""

    row: Row = field(repr=False)

    @property
    def record(self) -> str:
        return f"{Listing.WORKOUTS.prefix}-{self.id}"

    @property
    def interval(self) -> tuple[datetime, datetime]:
        return self.start, self.end


def read_workouts(pages: Sequence[Page], into: Collected) -> bool:
    """Read the workouts; tells whether every row was clear.

    Raises Malformed when an answer has no list of them.
    """
    newest: dict[str, _Workout] = {}
    is_clear = True
    for position, row in enumerate(row for page in pages for row in rows_of(page)):
        workout = _workout(row)
        if workout is None:
            is_clear &= leave_out_unclear(
                row, into, prefix=Listing.WORKOUTS.prefix, metric=Metric.WORKOUT_TYPE, at=position
            )
        elif workout.day not in into.window.days:
            is_clear = False
        else:
            held = newest.get(workout.id)
            if held is not None:
                into.ignore(workout.day, "copy")
            if held is None or modified_at(workout.row) > modified_at(held.row):
                newest[workout.id] = workout
    by_day: dict[date, list[_Workout]] = {}
    for workout in newest.values():
        by_day.setdefault(workout.day, []).append(workout)
    for day, workouts in by_day.items():
        _take_day(day, workouts, into)
    return is_clear


def _workout(row: object) -> _Workout | None:
    found = told(row)
    return _Workout(**vars(found), row=row) if found and isinstance(row, dict) else None


def _take_day(day: date, workouts: Sequence[_Workout], into: Collected) -> None:
    done = [one for one in workouts if one.row.get("category") != NO_ACTIVITY]
    if len(done) < len(workouts):
        into.ignore(day, "no_activity", len(workouts) - len(done))
    kept, twins = without_twins(done, row_of=lambda one: one.row, interval=lambda one: one.interval)
    if twins:
        into.ignore(day, "other_source", len(twins))
    for one in kept:
        _take(one, into)


def _take(one: _Workout, into: Collected) -> None:
    attribution = one.row.get("attrib")
    method = ATTRIBUTION.get(attribution) if is_integer(attribution) else None
    if method is None:
        leave_out_row(
            into,
            metric=Metric.WORKOUT_TYPE,
            record=one.record,
            day=one.day,
            reason=_hold_reason(attribution),
            held_back=True,
        )
        return
    session = Session(
        record=one.record,
        day=one.day,
        start=one.start,
        end=one.end,
        zone=row_zone(one.row, into.window.zone),
        device=row_device(one.row),
        model_id=one.row.get("model"),
        into=into,
        method=method,
    )
    data = one.row.get("data")
    fields = data if isinstance(data, dict) else {}
    _take_kind(session, one.row.get("category"))
    _take_length(session, fields.get(PAUSE))
    chosen, silent = dict(FIELDS), {PAUSE}
    for name, (typed_in, known) in TYPED_IN.items():
        if fields.get(name) is None:
            chosen[typed_in] = known
        elif fields.get(typed_in) is not None:
            silent.add(typed_in)
            into.ignore(one.day, "other_source")
    take_fields(session, fields, chosen, silent=silent)


def _hold_reason(attribution: object) -> str:
    if not is_integer(attribution):
        return "attribution_missing"
    return "ambiguous_user" if attribution == AMBIGUOUS else f"attribution_{attribution}"


def _take_kind(session: Session, category: object) -> None:
    kind = CATEGORIES.get(category) if is_integer(category) else None
    if kind is None:
        word = category if is_integer(category) else "missing"
        session.into.ignore(session.day, f"unknown_category_{word}")
    session.add(Metric.WORKOUT_TYPE, Coded((kind or WorkoutType.OTHER).value), None)


def _take_length(session: Session, pause: object) -> None:
    """Tell how long it was, without the pauses where they can be true."""
    length = Decimal(int((session.end - session.start).total_seconds()))
    paused = number(pause) or Decimal()
    active = length - paused if 0 <= paused <= length else length
    session.add(Metric.WORKOUT_DURATION, active, "s")
