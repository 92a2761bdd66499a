"""Rows of OMRON connect's tables into readings: one row, one taking.

Belongs here: what a row's cells become, and why some do not. Not here: which table it stands in
(`sections.py`), how numbers and dates are written (the shared room), or FHIR.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from ohx_pipelines.measurements import Metric, RecordingMethod
from ohx_pipelines.providers.exchanged import DeviceInfo
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
from ohx_pipelines.providers.omron_connect.headers import Kind
from ohx_pipelines.providers.omron_connect.sections import TableRow
from ohx_pipelines.providers.omron_connect.words import Place

NOT_MAPPED = "not_mapped"
UNKNOWN_SECTION = "unknown_section"
_YES = frozenset({"x", "yes", "ja", "1"})
# What was not found is not said to be absent: a cuff that cannot find it leaves the cell empty too.
_SILENT = NOT_MEASURED | {"no", "nein", "0"}
# `2023/07/01 12:08`: the time begins behind the last blank before a colon.
_MOMENT = re.compile(r"(?P<date>\S.*?)[\sT]+(?P<time>\d{1,2}:\S.*)")
_LONGEST_MOMENT = 60
_LONGEST_NAME = 80
_KINDS = {Kind.PRESSURE: "Blood Pressure Monitor", Kind.WEIGHT: "Scale"}

_Value = tuple[Decimal | bool, str | None]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """How the file's cells are read, decided once for all of it, and where what is found goes."""

    findings: Findings
    mark: DecimalMark | None
    order: DateOrder | None

    def read(self, placed: TableRow) -> None:
        """Read one row; whatever is wrong with it costs only itself."""
        if placed.misfit:
            self.refuse(placed, placed.misfit)
            return
        try:
            moment = self._moment(placed)
        except CellRefused as refused:
            self.refuse(placed, refused.word)
            return
        try:
            zone = _zone(placed.cell(Place.ZONE))
        except CellRefused as refused:
            self.refuse(placed, refused.word)
            return
        if _is_marked(placed.cell(Place.ERROR)):
            self.refuse(placed, "device_error")
            return
        self._take(placed, moment, zone)

    def refuse(self, placed: TableRow, word: str) -> None:
        """Leave a row out, in a word; its day is told where it can be read."""
        moment: datetime | None = None
        with suppress(CellRefused):
            moment = self._moment(placed)
        self.findings.reject(placed.number, word, kind=placed.kind, moment=moment)

    def count(self, row: Row) -> None:
        """Count a row of a table that nobody knows on its day, if it begins with one."""
        with suppress(CellRefused):
            day = read_date(row.cells[0], self.order)
            self.findings.ignore(datetime.combine(day, time()), UNKNOWN_SECTION)

    def _moment(self, placed: TableRow) -> datetime:
        day, clock = placed.cell(Place.DATE), placed.cell(Place.TIME)
        if Place.MOMENT in placed.table.places:
            day, clock = split_moment(placed.cell(Place.MOMENT))
        return datetime.combine(read_date(day, self.order), read_time(clock))

    def _take(self, placed: TableRow, moment: datetime, zone: ZoneInfo | None) -> None:
        values = {**self._numbers(placed, moment), **self._flags(placed, moment)}
        device = _device(placed)
        if values:
            self.findings.take(
                kind=placed.kind,
                row=placed.number,
                moment=moment,
                values=values,
                method=RecordingMethod.DEVICE if device else RecordingMethod.MANUAL,
                device=device,
                zone=zone,
            )
        others = sum(placed.row.cells[n] not in NOT_MEASURED for n in placed.table.others)
        if others:
            self.findings.ignore(moment, NOT_MAPPED, others)

    def _numbers(self, placed: TableRow, moment: datetime) -> dict[Metric, _Value]:
        found: dict[Metric, _Value] = {}
        for n, column in placed.table.numbers.items():
            try:
                number = read_number(placed.row.cells[n], self.mark)
            except CellRefused as refused:
                self._reject(placed, refused.word, metric=column.metric, moment=moment)
                continue
            # 0 is what the app writes of what was not measured.
            if number:
                found[column.metric] = (number, column.unit)
        return found

    def _flags(self, placed: TableRow, moment: datetime) -> dict[Metric, _Value]:
        found: dict[Metric, _Value] = {}
        for n, metric in placed.table.flags.items():
            word = placed.row.cells[n].lower()
            if word in _YES:
                found[metric] = (True, None)
            elif word not in _SILENT:
                self._reject(placed, "flag_unreadable", metric=metric, moment=moment)
        return found

    def _reject(self, placed: TableRow, word: str, *, metric: Metric, moment: datetime) -> None:
        self.findings.reject(placed.number, word, metric=metric, kind=placed.kind, moment=moment)


def split_moment(cell: str) -> tuple[str, str]:
    """Give a cell's date and its time; one of them is empty where it has no such part."""
    found = _MOMENT.fullmatch(cell) if len(cell) <= _LONGEST_MOMENT else None
    return (found["date"], found["time"]) if found else (cell, "")


def _zone(cell: str) -> ZoneInfo | None:
    if cell in NOT_MEASURED:
        return None
    # A name is looked up, never opened as the path of a file.
    if cell not in _zones():
        raise CellRefused("zone_unknown")
    return ZoneInfo(cell)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_marked(cell: str) -> bool:
    # An error has a mark or a code of its own: whatever stands here is one.
    return cell.lower() not in _SILENT


def _device(placed: TableRow) -> DeviceInfo | None:
    name = " ".join(placed.cell(Place.DEVICE).split())
    is_name = name not in NOT_MEASURED and name.isprintable() and len(name) <= _LONGEST_NAME
    if not is_name:
        return None
    return DeviceInfo(device=name, model=name, kind=_KINDS[placed.table.kind])
