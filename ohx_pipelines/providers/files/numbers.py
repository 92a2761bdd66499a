"""Numbers of cells: which sign a file writes decimals with, and exact decimals.

Belongs here: digits, signs, float noise, what says that nothing was measured. Not here: what is
plausible (`plausible.py`), or units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from ohx_pipelines.providers.files.base import FileRefused, Refusal

NOT_MEASURED = frozenset({"", "-", "--", "–", "—"})
# What a spreadsheet would run as a formula.
FORMULA_SIGNS = ("=", "+", "@", "\t")
# 70.05999755859375 is what an app's 32-bit float became on its way to the file.
MOST_FRACTION_DIGITS = 3
_ONE_DIGIT = Decimal("0.1")
_GROUP = 3
_NUMBER = re.compile(r"-?([0-9]{1,9})(?:([.,])([0-9]{1,25}))?")
_GROUPED = re.compile(
    r"-?[0-9]{1,3}(?:\.[0-9]{3}){1,2}(?:,[0-9]{1,25})?|-?[0-9]{1,3}(?:,[0-9]{3}){1,2}(?:\.[0-9]{1,25})?"
)


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","

    @property
    def other(self) -> DecimalMark:
        """The sign that can only group thousands."""
        return DecimalMark.COMMA if self is DecimalMark.POINT else DecimalMark.POINT


class CellRefused(Exception):
    """A cell cannot be read; `word` says why, and nothing says what stands in it."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def decimal_mark(cells: Iterable[str]) -> DecimalMark | None:
    """Decide it for a file by all its number cells; None where none has a fraction.

    Three digits behind a sign may be a thousand: they decide only where nothing else does.
    Raises FileRefused when both signs are used.
    """
    certain: set[DecimalMark] = set()
    perhaps: set[DecimalMark] = set()
    for cell in cells:
        if cell.isdigit():
            continue
        found = _NUMBER.fullmatch(cell)
        if found and found[2]:
            is_open = len(found[3]) == _GROUP and len(found[1]) <= _GROUP and found[1] != "0"
            (perhaps if is_open else certain).add(DecimalMark(found[2]))
        elif not found and _GROUPED.fullmatch(cell):
            certain |= _mark_of_grouped(cell)
    decided = certain or perhaps
    if len(decided) > 1:
        raise FileRefused(Refusal.MIXED_DECIMALS)
    return next(iter(decided), None)


def _mark_of_grouped(cell: str) -> set[DecimalMark]:
    point, comma = cell.rfind("."), cell.rfind(",")
    if point < 0 or comma < 0:
        # 1.234.567: what groups is not what stands before decimals.
        return {DecimalMark.COMMA if comma < 0 else DecimalMark.POINT}
    return {DecimalMark.COMMA if comma > point else DecimalMark.POINT}


def read_number(cell: str, mark: DecimalMark | None) -> Decimal | None:
    """Give a number with its own digits, None where nothing was measured, zero as zero.

    Raises CellRefused: `formula` or `number_unreadable`.
    """
    if cell in NOT_MEASURED:
        return None
    found = _NUMBER.fullmatch(cell)
    if found and (found[2] is None or found[2] == mark):
        return _rounded(cell.replace(",", "."), len(found[3] or ""))
    if cell.startswith(FORMULA_SIGNS):
        raise CellRefused("formula")
    if mark is None or not _GROUPED.fullmatch(cell):
        raise CellRefused("number_unreadable")
    plain = cell.replace(mark.other.value, "")
    found = _NUMBER.fullmatch(plain)
    if not found or _mark_of_groups(cell) is not mark.other:
        raise CellRefused("number_unreadable")
    return _rounded(plain.replace(",", "."), len(found[3] or ""))


def _mark_of_groups(cell: str) -> DecimalMark:
    first = min(place for place in (cell.find("."), cell.find(",")) if place >= 0)
    return DecimalMark(cell[first])


def _rounded(plain: str, fraction_digits: int) -> Decimal:
    number = Decimal(plain)
    if fraction_digits <= MOST_FRACTION_DIGITS:
        return number
    return number.quantize(_ONE_DIGIT, rounding=ROUND_HALF_EVEN)
