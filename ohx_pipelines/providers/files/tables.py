"""Lines as rows of cells: one separator for the whole file, quotes, line breaks inside them.

Belongs here: where a cell begins and ends. Not here: which rows are titles, headers or readings (an
app's room), or what a cell says (`numbers.py`, `dates.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.text import Text

# In the order in which they are believed where files leave it open.
SEPARATORS = (";", "\t", ",")
# Lines that decide about the separator.
LOOKED_AT = 2000
# A note may have paragraphs; a quote that nobody closed must not swallow the readings after it, nor
# may quotes that open in each line where another closes.
MOST_LINES_OF_A_CELL = 50
MOST_LINES_OF_A_ROW = 200
# Not tabs: a cell that begins with one is a formula to some spreadsheets.
_BLANKS = " \n\u00a0\u202f"
_QUOTE = '"'
_QUOTED = re.compile('"[^"]*"')
_PLAINLY_QUOTED = re.compile('"([^"]*)"')
_OPENED = re.compile(f'[{_BLANKS}]*+"')
# Doubled quotes are one of the cell.
_CLOSED = re.compile('[^"]*+(?:""[^"]*+)*+"')
_BLANK = re.compile(f"[{_BLANKS}]*+")
_LAST, _NO_END = -1, -2
# Two million cells are some thousand different ones: each of so many is kept once.
_MOST_KNOWN = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row: its (first) line in the file, from 1, and its cells without quotes and outer blanks."""

    number: int
    cells: tuple[str, ...] = field(repr=False)

    @property
    def is_blank(self) -> bool:
        """Whether no cell says anything."""
        return not any(self.cells)

    def may_lack_digits(self, text: Text, places: Collection[int]) -> bool:
        """Tell whether the file ends right behind a digit of a number that the row ends with.

        180 that was cut to 18 looks whole; `places` are the columns of numbers.
        """
        is_last = not text.ends_with_newline and self.number + self._more_lines == len(text.lines)
        return is_last and len(self.cells) - 1 in places and text.lines[-1].rstrip()[-1:].isdigit()

    @property
    def _more_lines(self) -> int:
        return sum(cell.count("\n") for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A file's rows, blank ones too, and whether it ends inside a quoted cell."""

    rows: Sequence[Row] = field(repr=False)
    separator: str
    ends_inside_quote: bool


def read_rows(text: Text, *, clock: Stopwatch, separator: str | None = None) -> Rows:
    """Cut lines into cells; raises FileRefused when it takes too long."""
    decided = separator or _separator(text.lines)
    reader = _Reader(text.lines, decided, clock)
    rows = [*reader.rows()]
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
    """Goes through the lines, each a few times at most; remembers whether the last quote was closed."""

    def __init__(self, lines: Sequence[str], separator: str, clock: Stopwatch) -> None:
        self._lines = lines
        self._separator = separator
        self._clock = clock
        # Where a cell that began in a line above is closed in a line: many cells ask for the same.
        self._closings: dict[int, int] = {}
        self._known: dict[str, str] = {}
        self.ends_inside_quote = False

    def rows(self) -> Iterator[Row]:
        at = 0
        while at < len(self._lines):
            self._clock.check(at + 1)
            cells, taken = self._cells(at)
            yield Row(number=at + 1, cells=cells)
            at += taken

    def _cells(self, at: int) -> tuple[tuple[str, ...], int]:
        """Give the cells of the row that begins at a line, and how many lines it takes."""
        line = self._lines[at]
        if _QUOTE not in line:
            cells = [_stripped(one) for one in line.split(self._separator)]
            return tuple(map(self._once, cells)), 1
        plain = self._plainly_quoted(line)
        return (plain, 1) if plain is not None else self._quoted(at)

    def _once(self, cell: str) -> str:
        if len(self._known) < _MOST_KNOWN:
            return self._known.setdefault(cell, cell)
        return self._known.get(cell, cell)

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
        return tuple(map(self._once, cells))

    def _quoted(self, first: int) -> tuple[tuple[str, ...], int]:
        """Read cell by cell: separators, doubled quotes and line breaks may be inside quotes."""
        at, place, cells = first, 0, []
        while True:
            self._clock.check(at + 1)
            line = self._lines[at]
            opened = _OPENED.match(line, place)
            closed = self._closed(at, opened.end(), first) if opened else None
            if opened and closed:
                cells.append(self._between((at, opened.end()), closed))
                at, end = closed[0], self._end_behind(*closed)
            elif opened:
                # A quote that nothing closes is the cell's own: it costs its row and none below.
                cells.append(_unquoted(line[opened.end() :]))
                end = _LAST
            else:
                end = line.find(self._separator, place)
                cells.append(_stripped(line[place:] if end < 0 else line[place:end]))
            if end < 0:
                return tuple(cells), at - first + 1
            place = end + 1

    def _closed(self, at: int, begin: int, first: int) -> tuple[int, int] | None:
        """Give the line and the place where a quoted cell is closed; None where it is not."""
        closed = _closing(self._lines[at], begin)
        last = min(at + MOST_LINES_OF_A_CELL, first + MOST_LINES_OF_A_ROW)
        while closed < 0 and at + 1 < min(last, len(self._lines)):
            at += 1
            self._clock.check(at + 1)
            if at not in self._closings:
                self._closings[at] = _closing(self._lines[at], 0)
            closed = self._closings[at]
        if closed < 0:
            self.ends_inside_quote |= at + 1 >= len(self._lines)
            return None
        return (at, closed) if self._end_behind(at, closed) != _NO_END else None

    def _between(self, opened: tuple[int, int], closed: tuple[int, int]) -> str:
        (begin, left), (end, right) = opened, closed
        if begin == end:
            return _unquoted(self._lines[begin][left:right])
        parts = [self._lines[begin][left:], *self._lines[begin + 1 : end], self._lines[end][:right]]
        return _unquoted("\n".join(parts))

    def _end_behind(self, at: int, closed: int) -> int:
        """Give the separator behind a closing quote, _LAST at the line's end, _NO_END before other text."""
        line = self._lines[at]
        found = _BLANK.match(line, closed + 1)
        place = found.end() if found else closed + 1
        if place >= len(line):
            return _LAST
        return place if line[place] == self._separator else _NO_END


def _closing(line: str, begin: int) -> int:
    """Give the place of the quote that closes a cell, from a place inside it; -1 for none."""
    found = _CLOSED.match(line, begin)
    return found.end() - 1 if found else -1


def _stripped(cell: str) -> str:
    return cell.strip(_BLANKS).rstrip()


def _unquoted(cell: str) -> str:
    return _stripped(cell.replace(_QUOTE * 2, _QUOTE))
