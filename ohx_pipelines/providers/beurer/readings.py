"""Rows of Beurer's sections into readings: when, what, by whom; one bad row costs only itself.

Belongs here: what a row's cells must be, and what falls together. Not here: which column is which
(`columns.py`), copies, occurrences and bounds (`files/findings.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from ohx_pipelines.measurements import Metric, RecordingMethod
from ohx_pipelines.providers.beurer.kinds import counted, is_session, metrics_of
from ohx_pipelines.providers.beurer.layout import Section
from ohx_pipelines.providers.beurer.words import Column
from ohx_pipelines.providers.files.base import DateOrder
from ohx_pipelines.providers.files.dates import read_date, read_time
from ohx_pipelines.providers.files.findings import Findings
from ohx_pipelines.providers.files.numbers import (
    NOT_MEASURED,
    CellRefused,
    DecimalMark,
    read_number,
)
from ohx_pipelines.providers.files.tables import Row

_NOT_MAPPED = "not_mapped"
_NOTHING = NOT_MEASURED | {"0", "0,0", "0.0"}
_ADDED_BY: Mapping[str, RecordingMethod] = {
    "0": RecordingMethod.DEVICE,
    "1": RecordingMethod.MANUAL,
    # Nothing said: what a patient hands in is the patient's word.
    "": RecordingMethod.MANUAL,
}


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What holds for all of a file.

    `last` is the row behind which no line end stands, `torn` the one in whose quotes the file ends.
    """

    mark: DecimalMark | None
    order: DateOrder | None
    unreadable: frozenset[int]
    last: int | None
    torn: int | None


def cell_of(row: Row, section: Section, column: Column) -> str:
    """Give a row's cell in a column; empty where the row or the section has none."""
    place = section.header.at.get(column)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def number_cells(section: Section) -> Iterator[str]:
    """Give all the cells of a section that are values."""
    places = number_places(section)
    return (row.cells[at] for row in section.rows for at in places if at < len(row.cells))


def number_places(section: Section) -> list[int]:
    """Give where the values of a section stand."""
    return [section.header.at[column] for column in metrics_of(section.header)]


def date_cells(section: Section) -> Iterator[str]:
    """Give all the dates of a section."""
    return (cell_of(row, section, Column.DATE) for row in section.rows)


def is_short(row: Row, section: Section) -> bool:
    """Tell whether a row has fewer cells than its header."""
    return len(row.cells) < section.header.width


@dataclass(frozen=True, kw_only=True)
class SectionReader:
    """Reads the rows of one section into the findings."""

    section: Section
    decided: Decided
    into: Findings

    @cached_property
    def valued(self) -> Sequence[tuple[int, Metric, str]]:
        """The columns that are values: their places, metrics and units."""
        header = self.section.header
        metrics = metrics_of(header).items()
        return [(header.at[column], metric, header.units[column]) for column, metric in metrics]

    @cached_property
    def counted(self) -> frozenset[int]:
        """The places of values that have no metric."""
        return counted(self.section.header)

    def read(self, row: Row) -> None:
        """Read one row; an average below the readings has neither date nor time."""
        if not self._cell(row, Column.DATE) and not self._time(row):
            return
        moment, word = self._moment(row)
        word = self._unfit(row) or word
        end = None
        if word is None and moment is not None and is_session(self.section.header):
            end, word = self._end(row, moment)
        if word is not None or moment is None:
            self.into.reject(row.number, word or "", kind=self._kind, moment=moment)
            return
        self._take(row, moment, end)

    @property
    def _kind(self) -> str:
        return self.section.header.kind or ""

    def _cell(self, row: Row, column: Column) -> str:
        return cell_of(row, self.section, column)

    def _time(self, row: Row) -> str:
        return self._cell(row, Column.START if is_session(self.section.header) else Column.TIME)

    def _moment(self, row: Row) -> tuple[datetime | None, str | None]:
        """Give the row's local time, or a word for why there is none."""
        try:
            day = read_date(self._cell(row, Column.DATE), self.decided.order)
            return datetime.combine(day, read_time(self._time(row))), None
        except CellRefused as refused:
            return None, refused.word

    def _end(self, row: Row, start: datetime) -> tuple[datetime | None, str | None]:
        """Give a session's end, on the day of its start: one below it is taken as the next day's."""
        try:
            return datetime.combine(start.date(), read_time(self._cell(row, Column.END))), None
        except CellRefused as refused:
            return None, refused.word

    def _unfit(self, row: Row) -> str | None:
        """Give a word for why a row's cells cannot be told apart; None when they can."""
        if row.number in self.decided.unreadable:
            return "text_unreadable"
        width = self.section.header.width
        if any(row.cells[width:]):
            return "cells_too_many"
        missing = set(range(len(row.cells), width))
        # Empty comments at its end may be left out, but what is cut off says nothing of the sort.
        is_cut = row.number == self.decided.last or not missing <= self.section.header.passed_over
        is_short = bool(missing) and is_cut
        return "cells_missing" if is_short or row.number == self.decided.torn else None

    def _take(self, row: Row, moment: datetime, end: datetime | None) -> None:
        values = self._values(row, moment)
        if Metric.BLOOD_GLUCOSE in values:
            # One reading in two units.
            values.pop(Metric.BLOOD_GLUCOSE_MOLAR, None)
        method = self._method(row, moment)
        self.into.take(
            kind=self._kind,
            row=row.number,
            moment=moment,
            values=values,
            method=method,
            end=end,
        )
        told = (cell for at, cell in enumerate(row.cells) if at in self.counted)
        self.into.ignore(moment, _NOT_MAPPED, sum(cell not in _NOTHING for cell in told))

    def _values(self, row: Row, moment: datetime) -> dict[Metric, tuple[Decimal, str]]:
        values: dict[Metric, tuple[Decimal, str]] = {}
        cells = row.cells
        for at, metric, unit in self.valued:
            try:
                number = read_number(cells[at] if at < len(cells) else "", self.decided.mark)
            except CellRefused as refused:
                self._reject(row, moment, refused.word, metric)
                continue
            if number:
                values[metric] = (number, unit)
        return values

    def _method(self, row: Row, moment: datetime) -> RecordingMethod:
        if Column.ADDED_MANUALLY not in self.section.header.at:
            return RecordingMethod.MANUAL
        method = _ADDED_BY.get(self._cell(row, Column.ADDED_MANUALLY))
        if method is None:
            # The reading is none the worse for it.
            self.into.reject(row.number, "flag_unreadable", kind=self._kind, moment=moment)
        return method or RecordingMethod.MANUAL

    def _reject(self, row: Row, moment: datetime, word: str, metric: Metric) -> None:
        self.into.reject(row.number, word, metric=metric, kind=self._kind, moment=moment)
