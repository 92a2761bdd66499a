"""OMRON connect's exports as a FileProvider: its facts, and a file read from bytes to a frame.

Belongs here: the order in which a file is read, and what is decided for all of it. Not here: headers
(`headers.py`), tables (`sections.py`), rows (`readings.py`), or how any text becomes rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ohx_pipelines.providers.files.base import (
    DEFAULT_BOUNDS,
    AboutFile,
    Bounds,
    Choices,
    Cut,
    FileRefused,
    ParsedFile,
    Refusal,
)
from ohx_pipelines.providers.files.dates import date_order
from ohx_pipelines.providers.files.findings import Findings
from ohx_pipelines.providers.files.numbers import decimal_mark
from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import Rows, read_rows
from ohx_pipelines.providers.files.text import Text, read_text
from ohx_pipelines.providers.omron_connect.data_types import FACTS
from ohx_pipelines.providers.omron_connect.headers import read_header
from ohx_pipelines.providers.omron_connect.readings import Readings, split_moment
from ohx_pipelines.providers.omron_connect.sections import Sections, TableRow, find_sections
from ohx_pipelines.providers.omron_connect.words import Place

# A header is on the first lines: no more of a file is looked at to tell whose it is.
_BEGINNING_BYTES = 16 * 1024


class OmronConnectFiles:
    """CSV files that OMRON connect's history page shares: blood pressure and scales."""

    facts = FACTS

    def recognizes(self, content: bytes) -> bool:
        """Tell whether a header of this app is in a file's beginning."""
        try:
            text = read_text(content[:_BEGINNING_BYTES], bounds=DEFAULT_BOUNDS)
            rows = read_rows(text, clock=Stopwatch(DEFAULT_BOUNDS))
        except FileRefused:
            return False
        return any(read_header(row) for row in rows.rows)

    def parse(
        self, content: bytes, choices: Choices, *, bounds: Bounds = DEFAULT_BOUNDS
    ) -> ParsedFile:
        """Read a file; one bad row costs only itself. Raises FileRefused and nothing else."""
        findings, about = _found(content, choices, bounds)
        return findings.parsed(about)


def _found(content: bytes, choices: Choices, bounds: Bounds) -> tuple[Findings, AboutFile]:
    """Give what is in a file, without its lines and cells: a frame beside them would not fit in."""
    clock = Stopwatch(bounds)
    text = read_text(content, bounds=bounds)
    rows = read_rows(text, clock=clock)
    found = find_sections(rows.rows, clock=clock)
    if not found.tables:
        raise FileRefused(Refusal.UNKNOWN_FORMAT)
    if not found.placed:
        raise FileRefused(Refusal.NO_READINGS)
    findings = Findings(choices=choices)
    readings = Readings(
        findings=findings,
        mark=decimal_mark(_numbers(found.placed)),
        order=date_order(_dates(found.placed), choices.date_order),
    )
    broken = _broken_off(found.placed, text=text, rows=rows)
    for placed in found.placed:
        clock.check(placed.number)
        _read(placed, readings, text=text, is_broken=placed is broken)
    for row in found.unknown:
        clock.check(row.number)
        readings.count(row)
    is_broken = broken is not None or rows.ends_inside_quote
    return findings, AboutFile(
        format="-".join([FACTS.name, *found.kinds]).replace("_", "-"),
        language=found.tables[0].language,
        encoding=text.encoding,
        separator=rows.separator,
        decimal_mark=readings.mark,
        date_order=readings.order,
        cut=_cut(found, is_broken=is_broken or found.placed[-1].may_lack_digits(text)),
        birth_date=None,
    )


def _read(placed: TableRow, readings: Readings, *, text: Text, is_broken: bool) -> None:
    if not text.unreadable.isdisjoint(placed.lines):
        readings.refuse(placed, "text_unreadable")
    elif is_broken:
        readings.refuse(placed, "cells_missing")
    else:
        readings.read(placed)


def _broken_off(placed: Sequence[TableRow], *, text: Text, rows: Rows) -> TableRow | None:
    """Give the row that the file ends in: cells or the rest of one may be missing."""
    last = placed[-1]
    if last.row is not rows.rows[-1]:
        return None
    lacks_cells = not text.ends_with_newline and len(last.row.cells) < last.header_width
    # A quote that nobody closed stands in it: its last cell may have all cells and no end.
    is_open = rows.ends_inside_quote and text.lines[last.number - 1].count('"') % 2 == 1
    return last if lacks_cells or is_open else None


def _cut(found: Sections, *, is_broken: bool) -> Cut | None:
    if is_broken:
        return Cut.ENDS_INSIDE
    return Cut.UNKNOWN_SECTION if found.unknown else None


def _numbers(placed: Iterable[TableRow]) -> Iterator[str]:
    for one in placed:
        yield from (one.row.cells[n] for n in one.table.numbers if n < len(one.row.cells))


def _dates(placed: Iterable[TableRow]) -> Iterator[str]:
    for one in placed:
        moment = one.cell(Place.MOMENT)
        yield split_moment(moment)[0] if moment else one.cell(Place.DATE)
