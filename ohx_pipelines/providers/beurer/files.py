"""Files that Beurer's apps export, as the portal, the CLI and the sync read them.

Belongs here: the road from bytes to readings, and what is decided once per file. Not here: what the
parts say (the other modules of this room), or how any file is read (`providers/files/`).
"""

from __future__ import annotations

from ohx_pipelines.providers.beurer.blocks import (
    birth_date,
    check_owner,
    count_differs,
    period_cells,
)
from ohx_pipelines.providers.beurer.data_types import FACTS
from ohx_pipelines.providers.beurer.layout import Layout, Section, layout_of
from ohx_pipelines.providers.beurer.readings import (
    Decided,
    SectionReader,
    date_cells,
    is_short,
    number_cells,
    number_places,
)
from ohx_pipelines.providers.beurer.variants import looks_like_one, variant_of
from ohx_pipelines.providers.beurer.words import language_of
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


class BeurerFiles:
    """Exports of HealthManager, HealthManager Pro, HealthForYou and HealthCoach."""

    facts = FACTS

    def recognizes(self, content: bytes) -> bool:
        """Tell by a file's first lines whether one of the apps may have written it."""
        return looks_like_one(content)

    def parse(
        self, content: bytes, choices: Choices, *, bounds: Bounds = DEFAULT_BOUNDS
    ) -> ParsedFile:
        """Read an export; one bad row costs only itself. Raises FileRefused and nothing else."""
        findings, about = _found(content, choices, bounds)
        return findings.parsed(about)


def _found(content: bytes, choices: Choices, bounds: Bounds) -> tuple[Findings, AboutFile]:
    """Give what is in an export, without its lines and cells: a frame beside them would not fit in."""
    clock = Stopwatch(bounds)
    text = read_text(content, bounds=bounds)
    rows = read_rows(text, clock=clock)
    layout = layout_of(rows.rows, clock)
    if not layout.is_known:
        raise FileRefused(Refusal.UNKNOWN_FORMAT)
    check_owner(layout)
    findings = Findings(choices=choices)
    decided = _decided(layout, text, rows, choices)
    for section in layout.known:
        reader = SectionReader(section=section, decided=decided, into=findings)
        for row in section.rows:
            clock.check(row.number)
            reader.read(row)
    words = [word for one in layout.sections for word in one.header.words]
    return findings, AboutFile(
        format=variant_of(layout, words).value,
        language=language_of(words),
        encoding=text.encoding,
        separator=rows.separator,
        decimal_mark=decided.mark,
        date_order=decided.order,
        cut=_cut(layout, text, rows),
        birth_date=birth_date(layout, decided.order),
    )


def _decided(layout: Layout, text: Text, rows: Rows, choices: Choices) -> Decided:
    """Decide once for all rows; raises FileRefused where they contradict one another."""
    dates = [cell for section in layout.known for cell in date_cells(section)]
    return Decided(
        order=date_order([*dates, *period_cells(layout)], choices.date_order),
        mark=decimal_mark(cell for section in layout.known for cell in number_cells(section)),
        unreadable=text.unreadable,
        last=None if text.ends_with_newline else rows.rows[-1].number,
        torn=_torn(text, rows),
    )


def _torn(text: Text, rows: Rows) -> int | None:
    """Give the number of the row in whose quotes the file ends; what stands in them may go on."""
    if not rows.ends_inside_quote:
        return None
    last = next((row.number for row in reversed(rows.rows) if not row.is_blank), 1)
    quotes = sum(line.count('"') for line in text.lines[last - 1 :])
    return last if quotes % 2 else None


def _cut(layout: Layout, text: Text, rows: Rows) -> Cut | None:
    last = rows.rows[-1] if rows.rows and not text.ends_with_newline else None
    of_last = [one for one in layout.sections if one.rows and one.rows[-1] is last]
    if rows.ends_inside_quote or any(_ends_in(section, text) for section in of_last):
        return Cut.ENDS_INSIDE
    if count_differs(layout):
        return Cut.COUNT_DIFFERS
    return Cut.UNKNOWN_SECTION if layout.has_unknown_rows else None


def _ends_in(section: Section, text: Text) -> bool:
    """Tell whether the file ends in a section's last row, or in its last number."""
    row = section.rows[-1]
    return is_short(row, section) or row.may_lack_digits(text, number_places(section))
