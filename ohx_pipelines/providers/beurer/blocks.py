"""What an export says before its readings: whose it is, of which period, how many there are.

Belongs here: the owner's birth date, several owners, counts compared. Not here: where a block
begins (`layout.py`). Of its owner only the birth date leaves, and nothing is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from ohx_pipelines.providers.beurer.layout import Layout
from ohx_pipelines.providers.beurer.owners import Label, owner_line
from ohx_pipelines.providers.beurer.titles import Block, kind_titled
from ohx_pipelines.providers.beurer.words import Kind, folded
from ohx_pipelines.providers.files.base import DateOrder, FileRefused, Refusal
from ohx_pipelines.providers.files.dates import date_order, read_date
from ohx_pipelines.providers.files.numbers import CellRefused
from ohx_pipelines.providers.files.tables import Row

_COUNT = re.compile("[0-9]{1,9}")


def check_owner(layout: Layout) -> None:
    """Raise FileRefused where the file is about several people: nobody could tell whose row is whose."""
    said: dict[Label, object] = {}
    for number, label, value in _owners(layout):
        if said.setdefault(label, value) != value:
            raise FileRefused(Refusal.SEVERAL_USERS, row=number)
    first: dict[str, Sequence[tuple[str, ...]]] = {}
    for part in layout.parts:
        # A block without a title may be the rest of one that a blank line cut in two.
        if part.block is not Block.USER or not part.title:
            continue
        whole = [(folded(" ".join(row.cells)),) for row in part.lines]
        if first.setdefault(part.known or part.title, whole) != whole:
            row = part.lines[0].number if part.lines else None
            raise FileRefused(Refusal.SEVERAL_USERS, row=row)


def _owners(layout: Layout) -> Iterator[tuple[int, Label, object]]:
    """Give what is said of owners anywhere: the line, the label, a value to compare."""
    for row in (row for part in layout.parts for row in part.lines):
        said = owner_line(row)
        if said is not None and said[1]:
            label, value = said
            born = _date(value, None) if label is Label.BIRTH_DATE else None
            yield row.number, label, born or folded(value)


def birth_date(layout: Layout, order: DateOrder | None) -> date | None:
    """Give the owner's birth date; None where the file does not say it in a way to read."""
    said = (owner_line(row) for part in layout.parts for row in part.lines)
    written = (one[1] for one in said if one and one[0] is Label.BIRTH_DATE and one[1])
    return next((_date(value, order) for value in written), None)


def _date(cell: str, order: DateOrder | None) -> date | None:
    try:
        return read_date(cell, order or date_order([cell], None))
    except (CellRefused, FileRefused):
        return None


def period_cells(layout: Layout) -> list[str]:
    """Give the dates between which the file says that its readings lie."""
    rows = _lines(layout, Block.PERIOD)
    return [cell for row in rows for cell in row.cells[1:] if cell[:1].isdigit()]


def count_differs(layout: Layout) -> bool:
    """Tell whether the file holds other numbers of readings than it says."""
    held = Counter(one.header.kind for one in layout.known for _ in one.rows)
    said = Counter[Kind | None]()
    for row in _lines(layout, Block.CATEGORIES):
        cells = [cell for cell in row.cells if cell]
        if len(cells) > 1 and _COUNT.fullmatch(cells[1]):
            said[kind_titled(cells[0])] += int(cells[1])
    # Readings of a category that nobody knows are in a section that nobody knows, or missing.
    if said.pop(None, 0) and not layout.has_unknown_rows:
        return True
    return any(held[kind] != count for kind, count in said.items())


def _lines(layout: Layout, wanted: Block) -> Iterator[Row]:
    return (row for part in layout.parts if part.block is wanted for row in part.lines)
