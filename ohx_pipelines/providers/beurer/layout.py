"""An export of Beurer's into its parts: sections of readings, and the blocks before them.

Belongs here: where a section begins and ends, and what no row of readings is. Not here: what a header
says (`columns.py`), what the blocks tell (`blocks.py`), or what rows become (`readings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ohx_pipelines.providers.beurer.columns import Header, read_header
from ohx_pipelines.providers.beurer.titles import BLOCK_TITLES, LEGEND, TITLES, Block
from ohx_pipelines.providers.beurer.words import folded
from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import Row


@dataclass(frozen=True, kw_only=True)
class Section:
    """A header and the rows below it, blank ones, averages and legends left out."""

    header: Header
    rows: list[Row] = field(default_factory=list, repr=False)


@dataclass(kw_only=True)
class Layout:
    """A file's parts in their order.

    `blocks` are the lines of each block, `titled` the titles of blocks as they stand there;
    `strays` counts rows below no header that anybody knows.
    """

    sections: list[Section] = field(default_factory=list)
    blocks: list[tuple[Block, list[Row]]] = field(default_factory=list, repr=False)
    titled: list[str] = field(default_factory=list)
    strays: int = 0

    @property
    def is_known(self) -> bool:
        """Whether anything in it is an export's."""
        of_owner = {Block.DOCUMENT, Block.USER}
        return bool(self.known) or any(block in of_owner for block, _ in self.blocks)

    @property
    def known(self) -> list[Section]:
        """The sections whose readings are of a known kind."""
        return [one for one in self.sections if one.header.kind is not None]

    @property
    def has_unknown_rows(self) -> bool:
        """Whether there are rows that nobody can tell what they are about."""
        return bool(self.strays) or any(
            one.rows for one in self.sections if one.header.kind is None
        )


class _Walk:
    """Row after row, what each belongs to."""

    def __init__(self) -> None:
        self.layout = Layout()
        self._section: Section | None = None
        self._lines: list[Row] | None = None
        self._after_blank = True

    def take(self, row: Row) -> None:
        """Put one row where it belongs."""
        if row.is_blank:
            self._lines, self._after_blank = None, True
            return
        first = next(cell for cell in row.cells if cell)
        # Only for speed: no header or title begins with a digit, and nearly every row does.
        if first[0].isdigit() or not self._is_other(row, first):
            self._line(row)
        self._after_blank = False

    def _is_other(self, row: Row, first: str) -> bool:
        """Tell whether a row is a header, a title or a legend, and begin what it begins."""
        header = read_header(row.cells)
        if header is not None:
            self._begin(Section(header=header))
            return True
        return LEGEND.match(folded(first)) is not None or self._is_title(row, first)

    def _begin(self, section: Section | None) -> None:
        self._section, self._lines = section, None
        if section is not None:
            self.layout.sections.append(section)

    def _is_title(self, row: Row, first: str) -> bool:
        """Tell whether a row is a title, and begin what it is the title of.

        A lone cell right below a row may be what follows a line break in somebody's comment.
        """
        if any(cell for cell in row.cells if cell != first) or row.cells.count(first) != 1:
            return False
        title = folded(first)
        block = BLOCK_TITLES.get(title)
        is_new = self._after_blank and self._lines is None
        if block is None and title not in TITLES and not is_new:
            return False
        self._begin(None)
        if block is not None:
            self._lines = []
            self.layout.blocks.append((block, self._lines))
            self.layout.titled.append(title)
        return True

    def _line(self, row: Row) -> None:
        if self._lines is not None:
            self._lines.append(row)
        elif self._section is not None:
            self._section.rows.append(row)
        elif len([cell for cell in row.cells if cell]) > 1:
            self.layout.strays += 1


def layout_of(rows: Sequence[Row], clock: Stopwatch) -> Layout:
    """Cut a file's rows into its parts."""
    walk = _Walk()
    for row in rows:
        clock.check(row.number)
        walk.take(row)
    return walk.layout
