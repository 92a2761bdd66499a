"""The provider-neutral vocabulary: what was measured, as a tidy frame of one row per value.

Belongs here: the frame's columns and its schema. Not here: names of metrics (`metrics.py`), vendors'
codes (`providers/`) or FHIR codes (`fhir/mapping.yaml`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pandas as pd

from ohx_pipelines.errors import OhxError
from ohx_pipelines.measured_values import Coded, Mark, Range, Series, Value, has_unit, is_value
from ohx_pipelines.metrics import Metric

__all__ = [
    "COLUMNS",
    "KEY",
    "Coded",
    "FrameError",
    "Mark",
    "Measurement",
    "Metric",
    "Range",
    "RecordingMethod",
    "Series",
    "Value",
    "check_frame",
    "measurements_of",
    "to_frame",
]


class RecordingMethod(StrEnum):
    """Who says so: the device, or a person who typed it in."""

    DEVICE = "device"
    MANUAL = "manual"


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One value of one reading: a row of the frame.

    `value` holds the vendor's exact decimals in the UCUM `unit` (None for words and flags); `start`
    (and `end`, for a period) are aware UTC instants, `offset_minutes` and `end_offset_minutes` the
    user's offsets from UTC then; a day total spans the user's local midnights; `day` is the user's
    local day; `device` the vendor's hashed device id; `record` the vendor's record id and
    `occurrence` counts the same metric inside one record from 0; `group` ties the values of one
    taking (a cuff's systolic, diastolic and pulse).
    """

    metric: Metric
    value: Value
    unit: str | None
    start: datetime
    end: datetime | None = None
    offset_minutes: int
    end_offset_minutes: int | None = None
    day: date
    device: str | None = None
    method: RecordingMethod
    record: str
    occurrence: int = 0
    group: str


COLUMNS = [field.name for field in fields(Measurement)]
# From -12:00 to +14:00, in minutes.
OFFSETS_IN_USE = range(-720, 841)
KEY = ["metric", "record", "occurrence"]


class FrameError(OhxError):
    """A frame breaks the schema; the message names row and column, never the value."""

    code = "malformed"


def to_frame(measurements: Iterable[Measurement]) -> pd.DataFrame:
    """Build the tidy frame: one row per measurement, all columns of object dtype.

    Object dtype keeps `Decimal` and aware `datetime` exactly as they are.
    Raises FrameError when a row does not fit the schema.
    """
    rows = [{name: getattr(m, name) for name in COLUMNS} for m in measurements]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    check_frame(frame)
    return frame


def measurements_of(frame: pd.DataFrame) -> list[Measurement]:
    """Give the frame's rows back as measurements, in order."""
    rows = frame[COLUMNS].itertuples(index=False, name=None)
    return [Measurement(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


def check_frame(frame: pd.DataFrame) -> None:
    """Check columns, types, aware times, finite decimals, units, periods and unique keys.

    Raises FrameError naming the first row (counted from 0) and column that does not fit.
    """
    if list(frame.columns) != COLUMNS:
        message = f"columns must be {COLUMNS}"
        raise FrameError(message)
    for position, row in enumerate(frame.to_dict("records")):
        misfit = _misfit(row)
        if misfit:
            message = f"row {position}: {misfit}"
            raise FrameError(message)
    twice = frame.duplicated(subset=KEY)
    if twice.any():
        message = f"row {int(twice.to_numpy().argmax())}: {KEY} is there twice"
        raise FrameError(message)


def _misfit(row: dict[Hashable, Any]) -> str | None:
    """Name the first column of a row that does not fit; None when all do."""
    column = next((column for column, fits in _FITS.items() if not fits(row[column])), None)
    if column:
        return f"column {column!r} does not fit"
    if (row["unit"] is None) == has_unit(row["value"]):
        return "column 'unit' does not fit"
    if (row["end"] is None) != (row["end_offset_minutes"] is None):
        return "column 'end_offset_minutes' does not fit"
    if row["end"] is not None and row["end"] < row["start"]:
        return "column 'end' lies before 'start'"
    return None


def _is_utc(value: Any) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None and not value.utcoffset()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_offset(value: Any) -> bool:
    return type(value) is int and value in OFFSETS_IN_USE


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_FITS: dict[str, Callable[[Any], bool]] = {
    "metric": lambda value: isinstance(value, Metric),
    "value": is_value,
    "unit": lambda value: value is None or _is_text(value),
    "start": _is_utc,
    "end": lambda value: value is None or _is_utc(value),
    "offset_minutes": _is_offset,
    "end_offset_minutes": lambda value: value is None or _is_offset(value),
    "day": lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "device": lambda value: value is None or _is_text(value),
    "method": lambda value: isinstance(value, RecordingMethod),
    "record": _is_text,
    "occurrence": _is_count,
    "group": _is_text,
}
