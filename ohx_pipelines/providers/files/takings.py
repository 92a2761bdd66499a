"""Rows of a file that were taken, as the tidy frame: copies, several in one minute, columns.

Belongs here: what makes two rows one, which of several is which, and the frame. Not here: which rows
are taken (`findings.py`). A file may hold two million values: the frame is filled column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from ohx_pipelines.measurements import COLUMNS, Metric, RecordingMethod
from ohx_pipelines.providers.files.wall_clock import Placed

Value = Decimal | bool
# In which order values tell several rows of one minute apart. Ids hang on it: it stays as it is,
# whatever metrics are called.
_TELLING = (
    Metric.BODY_MASS_INDEX,
    Metric.BASAL_METABOLIC_RATE,
    Metric.FAT_RATIO,
    Metric.BONE_MASS,
    Metric.DIASTOLIC_BLOOD_PRESSURE,
    Metric.BLOOD_GLUCOSE,
    Metric.BLOOD_GLUCOSE_MOLAR,
    Metric.MEAN_BLOOD_PRESSURE,
    Metric.METABOLIC_AGE,
    Metric.MUSCLE_RATIO,
    Metric.HEART_RATE,
    Metric.MEAN_HEART_RATE,
    Metric.OXYGEN_SATURATION,
    Metric.MAXIMUM_OXYGEN_SATURATION,
    Metric.MEAN_OXYGEN_SATURATION,
    Metric.MINIMUM_OXYGEN_SATURATION,
    Metric.SYSTOLIC_BLOOD_PRESSURE,
    Metric.BODY_TEMPERATURE,
    Metric.VISCERAL_FAT_LEVEL,
    Metric.WATER_RATIO,
    Metric.BODY_WEIGHT,
    Metric.IRREGULAR_HEARTBEAT,
    Metric.MOVEMENT_DURING_MEASUREMENT,
    Metric.POSSIBLE_ATRIAL_FIBRILLATION,
)
_PLACES = {metric: place for place, metric in enumerate(_TELLING)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """What one row says: its metrics in order of their names, their values and units."""

    record: str = field(repr=False)
    metrics: tuple[Metric, ...]
    values: tuple[Value, ...] = field(repr=False)
    units: tuple[str | None, ...]
    start: Placed = field(repr=False)
    end: Placed | None = field(repr=False)
    method: RecordingMethod
    device: str | None

    @property
    def said(self) -> tuple[Any, ...]:
        """What two rows are the same by; sorts by value."""
        places = [_PLACES[metric] for metric in self.metrics]
        units = [unit or "" for unit in self.units]
        values = tuple(sorted(zip(places, self.values, units, strict=True)))
        return values, self.start.instant, (self.end or self.start).instant

    @property
    def rank(self) -> tuple[Any, ...]:
        """Which of several that say the same stands, whatever their order in a file."""
        typed_in = self.method is not RecordingMethod.DEVICE
        return typed_in, self.device or "", [*map(str, self.values)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stood:
    """A taking that stands, and how many of its record stand before it."""

    taking: Taking
    occurrence: int

    @property
    def group(self) -> str:
        """Tie the values of the row, apart from those of others of its minute."""
        record = self.taking.record
        return f"{record}/{self.occurrence}" if self.occurrence else record


def record_of(kind: str, moment: datetime) -> str:
    """Name a row by its kind and minute as written; by its second, where one is written."""
    return f"{kind}-{moment.isoformat(timespec='seconds' if moment.second else 'minutes')}"


def stand(
    takings: Iterable[Taking], *, copy: Callable[[Taking], None] = lambda _: None
) -> Iterator[Stood]:
    """Give what stands, in order of records; `copy` is told of those that say the same."""
    by_record = attrgetter("record")
    for _, rows in groupby(sorted(takings, key=by_record), key=by_record):
        of_record = [*rows]
        if len(of_record) == 1:
            yield Stood(taking=of_record[0], occurrence=0)
            continue
        ordered = sorted(of_record, key=lambda one: (one.said, one.rank))
        for occurrence, (_, same) in enumerate(groupby(ordered, key=lambda one: one.said)):
            first, *copies = same
            yield Stood(taking=first, occurrence=occurrence)
            for one in copies:
                copy(one)


def frame_of(stood: Sequence[Stood]) -> pd.DataFrame:
    """Fill the tidy frame; it fits the schema by how takings are made."""
    count = sum(len(one.taking.metrics) for one in stood)
    block = np.empty((len(COLUMNS), count), dtype=object)
    for place, name in enumerate(COLUMNS):
        block[place] = np.fromiter(_COLUMNS[name](stood), dtype=object, count=count)
    return pd.DataFrame(block.T, columns=COLUMNS, dtype=object, copy=False)


def _each(told: Callable[[Stood], Any]) -> Callable[[Sequence[Stood]], Iterator[Any]]:
    """Give a column that says the same of every value of a row."""

    def column(stood: Sequence[Stood]) -> Iterator[Any]:
        for one in stood:
            said = told(one)
            for _ in one.taking.metrics:
                yield said

    return column


def _several(name: str) -> Callable[[Sequence[Stood]], Iterator[Any]]:
    return lambda stood: (said for one in stood for said in getattr(one.taking, name))


def _end(one: Stood) -> Placed | None:
    return one.taking.end


_COLUMNS: dict[str, Callable[[Sequence[Stood]], Iterator[Any]]] = {
    "metric": _several("metrics"),
    "value": _several("values"),
    "unit": _several("units"),
    "start": _each(lambda one: one.taking.start.instant),
    "end": _each(lambda one: end.instant if (end := _end(one)) else None),
    "offset_minutes": _each(lambda one: one.taking.start.offset_minutes),
    "end_offset_minutes": _each(lambda one: end.offset_minutes if (end := _end(one)) else None),
    "day": _each(lambda one: one.taking.start.day),
    "device": _each(lambda one: one.taking.device),
    "method": _each(lambda one: one.taking.method),
    "record": _each(lambda one: one.taking.record),
    "occurrence": _each(lambda one: one.occurrence),
    "group": _each(lambda one: one.group),
}
