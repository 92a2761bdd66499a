"""An export of Beurer's into its parts: sections of readings, and the blocks before them.

Belongs here: where a section begins and ends, and what no row of readings is. Not here: what a header
says (`columns.py`), what the blocks tell (`blocks.py`), or what rows become (`readings.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ohx_pipelines.providers.beurer.columns import Header, read_header
from ohx_pipelines.providers.beurer.owners import Label, label_and_value, owner_line, says_something
from ohx_pipelines.providers.beurer.titles import BLOCK_TITLES, LEGEND, TITLES, Block, kind_titled
from ohx_pipelines.providers.beurer.words import folded
from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import Row


@dataclass(frozen=True, kw_only=True)
class Section:
    """A header and the rows below it, blank ones, averages and legends left out."""

    header: Header
    rows: list[Row] = field(default_factory=list, repr=False)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Lines that are no readings, and the title above them, if any; `known` is what that says."""

    title: str
    known: Block | None
    lines: list[Row] = field(default_factory=list, repr=False)

    @cached_property
    def block(self) -> Block | None:
        """What it is: an owner's by its labels, whatever the title."""
        if self.known is not None or not any(map(owner_line, self.lines)):
            return self.known
        is_table = any(label_and_value(row) is None and row.cells[1:] for row in self.lines)
        return None if is_table else Block.USER

    @property
    def is_unknown(self) -> bool:
        """Whether it says something, and nobody knows what."""
        return self.block is None and any(map(says_something, self.lines))


@dataclass(kw_only=True)
class Layout:
    """A file's parts in their order; `strays` counts rows below no header that anybody knows."""

    sections: list[Section] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    strays: int = 0

    @property
    def titled(self) -> list[str]:
        """The known titles of blocks, as they stand there."""
        return [one.title for one in self.parts if one.known is not None]

    @property
    def is_known(self) -> bool:
        """Whether anything in it is an export's."""
        of_owner = {Block.DOCUMENT, Block.USER}
        return bool(self.known) or any(one.known in of_owner for one in self.parts)

    @property
    def known(self) -> list[Section]:
        """The sections whose readings are of a known kind."""
        return [one for one in self.sections if one.header.kind is not None]

    @property
    def has_unknown_rows(self) -> bool:
        """Whether there are rows that nobody can tell what they are about."""
        return (
            bool(self.strays)
            or any(one.rows for one in self.sections if one.header.kind is None)
            or any(one.is_unknown for one in self.parts)
        )


class _Walk:
    """Row after row, what each belongs to."""

    def __init__(self) -> None:
        self.layout = Layout()
        self._section: Section | None = None
        self._part: Part | None = None
        self._after_blank = True

    def take(self, row: Row) -> None:
        """Put one row where it belongs."""
        if row.is_blank:
            self._part, self._after_blank = None, True
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
        if LEGEND.match(folded(first)) is not None:
            return True
        return self._is_owners(row) or self._is_title(row, first)

    def _begin(self, section: Section | None) -> None:
        self._section, self._part = section, None
        if section is not None:
            self.layout.sections.append(section)

    def _is_owners(self, row: Row) -> bool:
        """Tell whether a row begins an owner's block without a title of its own.

        Right below a reading only a birth date does: another may be what follows a line break in
        somebody's comment.
        """
        if self._part is not None:
            return False
        said = owner_line(row)
        follows = self._section is not None and not self._after_blank
        if said is None or (follows and (said[0] is not Label.BIRTH_DATE or not said[1])):
            return False
        self._begin_part(Part(title="", known=None, lines=[row]))
        return True

    def _begin_part(self, part: Part) -> None:
        self._begin(None)
        self._part = part
        self.layout.parts.append(part)

    def _is_title(self, row: Row, first: str) -> bool:
        """Tell whether a row is a title, and begin what it is the title of.

        A lone cell right below a row may be what follows a line break in somebody's comment.
        """
        if any(cell for cell in row.cells if cell != first) or row.cells.count(first) != 1:
            return False
        title = folded(first)
        block = BLOCK_TITLES.get(title)
        is_new = self._after_blank and self._part is None
        if block is None and title not in TITLES and not is_new:
            return False
        if block is None and kind_titled(title) is not None:
            self._begin(None)
        else:
            # An unknown title may itself be a line of a block that has none.
            lines = [row] if block is None and label_and_value(row) else []
            self._begin_part(Part(title=title, known=block, lines=lines))
        return True

    def _line(self, row: Row) -> None:
        if self._part is not None:
            self._part.lines.append(row)
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
