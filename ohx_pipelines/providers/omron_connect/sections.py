"""Rows of OMRON connect's files into tables: one follows another after a blank line.

Belongs here: which row is a header, and which table a row belongs to. Not here: what titles mean
(`headers.py`), or what becomes of cells (`readings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import Row
from ohx_pipelines.providers.files.text import Text
from ohx_pipelines.providers.omron_connect.headers import Kind, Table, read_header
from ohx_pipelines.providers.omron_connect.words import Place


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row of readings and the columns it has."""

    row: Row
    table: Table
    header_width: int

    @property
    def number(self) -> int:
        """Its line in the file."""
        return self.row.number

    @property
    def lines(self) -> range:
        """The lines it stands on: a quoted cell may hold several."""
        more = sum(cell.count("\n") for cell in self.row.cells)
        return range(self.number, self.number + more + 1)

    def may_lack_digits(self, text: Text) -> bool:
        """Tell whether the file ends in its last number."""
        return self.row.may_lack_digits(text, self.table.numbers)

    @property
    def kind(self) -> str:
        """The word that its records begin with."""
        return self.table.kind.value

    def cell(self, place: Place) -> str:
        """Give the cell of a place; empty where the table has no such column or the row is short."""
        n = self.table.places.get(place)
        return self.row.cells[n] if n is not None and n < len(self.row.cells) else ""

    @property
    def misfit(self) -> str | None:
        """Why its cells are not its table's columns, in a word; None when they are."""
        if len(self.row.cells) < self.table.width:
            return "cells_missing"
        return "cells_too_many" if any(self.row.cells[self.table.width :]) else None


@dataclass(kw_only=True)
class Sections:
    """What a file holds: its known tables, their rows, and rows of tables that nobody knows."""

    tables: list[Table] = field(default_factory=list)
    placed: list[TableRow] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)

    @property
    def kinds(self) -> list[Kind]:
        """What the known tables are about, each once, in order of their words."""
        return sorted({one.kind for one in self.tables})


def find_sections(rows: Sequence[Row], *, clock: Stopwatch) -> Sections:
    """Tell tables apart by their headers; a table ends where another header follows a blank line.

    Raises FileRefused when it takes too long.
    """
    found = Sections()
    table: Table | None = None
    follows_blank = True
    for row in rows:
        clock.check(row.number)
        if row.is_blank:
            follows_blank = True
            continue
        header = None if _is_dated(row) else read_header(row)
        if header is not None:
            table = header
            found.tables.append(header)
        elif follows_blank and not _is_dated(row):
            table = None
            _add_unknown(found, row)
        elif table is None:
            _add_unknown(found, row)
        else:
            found.placed.append(
                TableRow(row=row, table=table.for_row(row), header_width=table.width)
            )
        follows_blank = False
    return found


def _add_unknown(found: Sections, row: Row) -> None:
    # A line of one cell is a title or a remark: nothing is lost with it.
    if sum(bool(cell) for cell in row.cells) > 1:
        found.unknown.append(row)


def _is_dated(row: Row) -> bool:
    """Tell whether a row begins with a date: titles have no digits.

    A blank line between rows would otherwise end their table (files whose line ends were doubled).
    """
    return len(row.cells) > 1 and any(letter.isdigit() for letter in row.cells[0])
