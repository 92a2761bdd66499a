"""What days, nights and workouts have in common: a span of time, and fields found over it.

Belongs here: a session's fields as measurements. Not here: which fields there are (`activity.py`,
`sleep.py`, `workouts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, Value
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.device_models import device_of
from ohx_pipelines.providers.withings.rows import number, row_day, row_id

FIELD_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
# What the vendor sends for indices that it could not work out.
COULD_NOT_TELL = -1


@dataclass(frozen=True)
class Field:
    """What a field of a row is: its metric and UCUM unit.

    `living` says that zero is no reading of a living body, `index` that the vendor works it out, and
    says so when it could not.
    """

    metric: Metric
    unit: str
    living: bool = False
    index: bool = False


@dataclass(frozen=True, kw_only=True)
class Session:
    """Whose fields they are: record, day, span and source of a night or a workout."""

    record: str
    day: date
    start: datetime
    end: datetime
    zone: ZoneInfo
    device: str | None
    model_id: object
    model: object = None
    into: Collected = field(repr=False)
    method: RecordingMethod = RecordingMethod.DEVICE

    def add(self, metric: Metric, value: Value, unit: str | None) -> None:
        """Add one of its readings; one that was not asked for is counted."""
        if metric not in self.into.asked:
            self.into.ignore(self.day, "not_asked_for")
            return
        device = self.device if self.method is RecordingMethod.DEVICE else None
        if device is not None:
            model, kind = device_of(self.model_id, model=self.model)
            self.into.devices[device] = DeviceInfo(device=device, model=model, kind=kind)
        self.into.measurements.append(
            Measurement(
                metric=metric,
                value=value,
                unit=unit,
                start=self.start,
                end=self.end,
                offset_minutes=offset_minutes(self.start, self.zone),
                end_offset_minutes=offset_minutes(self.end, self.zone),
                day=self.day,
                device=device,
                method=self.method,
                record=self.record,
                group=self.record,
            )
        )

    def refuse(self, metric: Metric) -> None:
        """Note a field that cannot be read."""
        leave_out_row(
            self.into, metric=metric, record=self.record, day=self.day, reason="unreadable_value"
        )


def leave_out_row(
    into: Collected,
    *,
    metric: Metric,
    record: str,
    day: date,
    reason: str,
    held_back: bool = False,
) -> None:
    """Note what is not published; of what was not asked for there is nothing to tell."""
    if metric in into.asked:
        into.leave_out(metric=metric, record=record, day=day, reason=reason, held_back=held_back)
    else:
        into.ignore(day, "not_asked_for")


def leave_out_unclear(
    row: object, into: Collected, *, prefix: str, metric: Metric, at: int
) -> bool:
    """Note a row without its id, its day or a span of time; tells whether it is known by id and day.

    `at` names one without id inside this answer, so that it is still counted.
    """
    found = row if isinstance(row, dict) else {}
    name, day = row_id(found), row_day(found)
    is_in = day is not None and day in into.window.days
    leave_out_row(
        into,
        metric=metric,
        record=f"{prefix}-{name or f'unreadable-{at}'}",
        day=day if day is not None and is_in else into.window.first_day,
        reason="no_time" if name else "unreadable_row",
    )
    return name is not None and is_in


def take_fields(
    session: Session,
    data: Mapping[str, Any],
    fields: Mapping[str, Field],
    *,
    silent: Collection[str] = (),
) -> None:
    """Take the fields that have a value; count the others that do, but for `silent` ones."""
    for name, given in data.items():
        if given is None or name in silent:
            continue
        known = fields.get(name)
        if known is None:
            session.into.ignore(session.day, _unmapped(name))
        else:
            _take(session, known, given)


def _unmapped(name: object) -> str:
    """Word a field that is not carried; text that is no field's name is not repeated."""
    is_name = isinstance(name, str) and FIELD_NAME.fullmatch(name) is not None
    return f"unmapped_field_{name}" if is_name else "unmapped_field"


def _take(session: Session, known: Field, given: object) -> None:
    value = number(given)
    if (known.index and value == COULD_NOT_TELL) or (known.living and value == 0):
        session.into.ignore(session.day, "no_value")
    elif value is None or value < 0:
        session.refuse(known.metric)
    else:
        session.add(known.metric, value, known.unit)
