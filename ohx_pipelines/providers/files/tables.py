"""Lines as rows of cells: one separator for the whole file, quotes, line breaks inside them.

Belongs here: where a cell begins and ends. Not here: which rows are titles, headers or readings (an
app's room), or what a cell says (`numbers.py`, `dates.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.text import Text

# In the order in which they are believed where files leave it open.
SEPARATORS = (";", "\t", ",")
# Lines that decide about the separator.
LOOKED_AT = 2000
# A note may have paragraphs; a quote that nobody closed must not swallow the readings after it.
MOST_LINES_OF_A_CELL = 50
# Not tabs: a cell that begins with one is a formula to some spreadsheets.
_BLANKS = " \n\u00a0\u202f"
_QUOTE = '"'
_QUOTED = re.compile('"[^"]*"')
_PLAINLY_QUOTED = re.compile('"([^"]*)"')
_OPENED = re.compile(f'[{_BLANKS}]*+"')
# Doubled quotes are one of the cell.
_CLOSED = re.compile('(?:[^"]|"")*+"')
_BLANK = re.compile(f"[{_BLANKS}]*+")
_NO_END = -2


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row: its (first) line in the file, from 1, and its cells without quotes and outer blanks."""

    number: int
    cells: tuple[str, ...] = field(repr=False)

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(self.cells)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A file's rows, blank ones too, and whether it ends inside a quoted cell."""

    rows: Sequence[Row] = field(repr=False)
    separator: str
    ends_inside_quote: bool


def read_rows(text: Text, *, clock: Stopwatch, separator: str | None = None) -> Rows:
    """Cut lines into cells; raises FileRefused when it takes too long."""
    decided = separator or _separator(text.lines)
    reader = _Reader(text.lines, decided)
    rows: list[Row] = []
    for row in reader.rows():
        clock.check(row.number)
        rows.append(row)
    return Rows(rows=rows, separator=decided, ends_inside_quote=reader.ends_inside_quote)


def _separator(lines: Sequence[str]) -> str:
    """Decide by tables: rows one below the other have the same number of it, decimals vary."""
    looked_at = [_QUOTED.sub("", line) for line in lines[:LOOKED_AT] if line]
    return max(SEPARATORS, key=lambda one: _score([line.count(one) for line in looked_at]))


def _score(counts: Sequence[int]) -> tuple[int, int]:
    # One alone is what stands between a name and a value, above the tables.
    tabular = sum(now for before, now in pairwise(counts) if now == before > 1)
    return tabular, sum(1 for count in counts if count)


class _Reader:
    """Goes through the lines; remembers whether the last quote was closed."""

    def __init__(self, lines: Sequence[str], separator: str) -> None:
        self._lines = lines
        self._separator = separator
        self.ends_inside_quote = False

    def rows(self) -> Iterator[Row]:
        at = 0
        while at < len(self._lines):
            cells, taken = self._cells(at)
            yield Row(number=at + 1, cells=cells)
            at += taken

    def _cells(self, at: int) -> tuple[tuple[str, ...], int]:
        """Give the cells of the row that begins at a line, and how many lines it takes."""
        line = self._lines[at]
        if _QUOTE not in line:
            return tuple([_stripped(one) for one in line.split(self._separator)]), 1
        plain = self._plainly_quoted(line)
        return (plain, 1) if plain is not None else self._quoted(at)

    def _plainly_quoted(self, line: str) -> tuple[str, ...] | None:
        """Read a line whose quotes stand around whole cells alone; None for any other."""
        cells = []
        for one in line.split(self._separator):
            cell = _stripped(one)
            if _QUOTE in cell:
                found = _PLAINLY_QUOTED.fullmatch(cell)
                if found is None:
                    return None
                cell = _stripped(found[1])
            cells.append(cell)
        return tuple(cells)

    def _quoted(self, at: int) -> tuple[tuple[str, ...], int]:
        """Read cell by cell: separators, doubled quotes and line breaks may be inside quotes."""
        line, taken, place, cells = self._lines[at], 1, 0, []
        while True:
            opened = _OPENED.match(line, place)
            if opened is None:
                end = line.find(self._separator, place)
                cells.append(_stripped(line[place:] if end < 0 else line[place:end]))
            else:
                line, closed, more = self._closed(line, opened.end(), at + taken)
                taken += more
                end = self._end_behind(line, closed)
                cells.append(_unquoted(line[opened.end() : closed]))
            if end < 0:
                return tuple(cells), taken
            place = end + 1

    def _closed(self, line: str, begin: int, following: int) -> tuple[str, int, int]:
        """Find where a quoted cell ends: its line and those that it goes on in, the place, how many more.

        A quote that nothing closes is the cell's own: it costs its row and none of those below.
        """
        parts = [line]
        for more in range(MOST_LINES_OF_A_CELL):
            if parts[-1].find(_QUOTE, 0 if more else begin) >= 0:
                whole = "\n".join(parts)
                found = _CLOSED.match(whole, begin)
                if found:
                    place = found.end() - 1
                    is_end = self._end_behind(whole, place) != _NO_END
                    return (whole, place, more) if is_end else (line, len(line), 0)
            if following + more >= len(self._lines):
                self.ends_inside_quote = True
                break
            parts.append(self._lines[following + more])
        return line, len(line), 0

    def _end_behind(self, line: str, closed: int) -> int:
        """Give the separator behind a closing quote, -1 at the line's end, _NO_END before other text."""
        found = _BLANK.match(line, closed + 1)
        place = found.end() if found else closed + 1
        if place >= len(line):
            return -1
        return place if line[place] == self._separator else _NO_END


def _stripped(cell: str) -> str:
    return cell.strip(_BLANKS).rstrip()


def _unquoted(cell: str) -> str:
    return _stripped(cell.replace(_QUOTE * 2, _QUOTE))
