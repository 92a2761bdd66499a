"""Which of the vendor's apps wrote a file, and whether any of them did.

Belongs here: what tells the variants apart, and a first look at a file. Not here: reading one; all
variants are read by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from ohx_pipelines.providers.beurer.columns import read_header
from ohx_pipelines.providers.beurer.layout import Layout
from ohx_pipelines.providers.beurer.owners import Label, owner_line
from ohx_pipelines.providers.beurer.titles import BLOCK_TITLES, Block
from ohx_pipelines.providers.beurer.words import Column, folded
from ohx_pipelines.providers.files.tables import SEPARATORS, Row

# A user block, a period and a category each are some lines.
_LINES_OF_A_LOOK = 80
_BYTES_OF_A_LOOK = 16 * 1024
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Titles that no other vendor's app is known to write.
_OWN_TITLES = frozenset({"data export details", "benutzerdetails", "benutzerangaben"})
# Columns by whose exact words an export without a block before it is known.
_OWN_WORDS: Sequence[frozenset[str]] = (
    frozenset({"sys", "dia"}),
    frozenset({"kg", "bmi"}),
    frozenset({"kg", "imc"}),
    frozenset({"lb", "bmi"}),
    frozenset({"st", "bmi"}),
    frozenset({"bf", "amr kcal"}),
    frozenset({"mg/dl"}),
    frozenset({"mmol/l"}),
    frozenset({"°c"}),
    frozenset({"°f"}),
    frozenset({"spo2 min", "bpm"}),
    frozenset({"spo2", "pulsrate"}),
    frozenset({"spo2", "pulse rate"}),
)


class Variant(StrEnum):
    """The apps, as people know them."""

    CLASSIC = "HealthManager"
    PRO = "HealthManager Pro"
    HEALTH_FOR_YOU = "HealthForYou"
    HEALTH_COACH = "HealthCoach"


_OF_HEALTH_FOR_YOU = frozenset({"benutzerangaben", "ausgewählte kategorien", "selected categories"})


def variant_of(layout: Layout, header_words: Iterable[str]) -> Variant:
    """Tell which app wrote a file; none of what is read hangs on it."""
    columns = {column for one in layout.sections for column in one.header.at}
    if Column.ADDED_MANUALLY in columns or _OF_HEALTH_FOR_YOU.intersection(layout.titled):
        return Variant.HEALTH_FOR_YOU
    if {one.known for one in layout.parts} & {Block.DOCUMENT, Block.PERIOD, Block.CATEGORIES}:
        return Variant.CLASSIC
    if "bf" in header_words:
        return Variant.HEALTH_COACH
    return Variant.PRO


def looks_like_one(content: bytes) -> bool:
    """Tell by a file's first lines whether one of the apps may have written it."""
    lines = _beginning(content).splitlines()[:_LINES_OF_A_LOOK]
    titles = {folded(line.strip('"; \t')) for line in lines}
    if titles & _OWN_TITLES:
        return True
    cut = (_cells(line, one) for line in lines for one in SEPARATORS if one in line)
    headers = [{folded(cell) for cell in cells} for cells in cut if read_header(cells)]
    is_titled = any(BLOCK_TITLES.get(title) is Block.USER for title in titles)
    # In languages whose titles nobody has seen: by what is said of the owner.
    is_titled = is_titled or any(map(_is_of_owner, lines))
    return any(is_titled or any(own <= words for own in _OWN_WORDS) for words in headers)


def _beginning(content: bytes) -> str:
    start = content[:_BYTES_OF_A_LOOK]
    if start.startswith(_UTF_16_MARKS):
        return start.decode("utf-16", errors="ignore")
    try:
        return start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A letter may have been cut in two where the look ends.
        is_cut = error.start >= len(start) - 3
        return start.decode("utf-8-sig" if is_cut else "cp1252", errors="ignore")


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip(' "') for cell in line.split(separator)]


def _is_of_owner(line: str) -> bool:
    cells = _cells(line, ";") if ";" in line else [line.strip(' "')]
    said = owner_line(Row(number=1, cells=tuple(cells)))
    return said is not None and said[0] is Label.BIRTH_DATE
