"""How an app writes dates, numbers and cells in a phone's locale.

Belongs here: texts of single cells and joining them. Not here: columns (`sections.py`) or whole
files.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

GERMAN_MONTHS = (
    "Jan.", "Feb.", "Mär.", "Apr.", "Mai", "Jun.", "Jul.", "Aug.", "Sep.", "Okt.", "Nov.", "Dez.",
)  # fmt: skip
ENGLISH_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
# Decimals that a float holds inexactly; old rows show all the digits it has.
_NOISE = tuple(Decimal(text) for text in ("-0.04", "-0.03", "-0.01", "0.01", "0.03", "0.04"))
# Readers take a number of more fraction digits for noise.
_DIGITS = 3
_TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Locale:
    """A phone's way of writing, and the app's language (`de` or `en`)."""

    language: str
    dates: str
    decimal: str = "."
    zero: str = "0"
    twelve_hours: bool = False

    def day(self, day: date) -> str:
        """Write a date."""
        if self.dates == "german words":
            return f"{day.day:02d} {GERMAN_MONTHS[day.month - 1]} {day.year}"
        if self.dates == "english words":
            return f"{ENGLISH_MONTHS[day.month - 1]} {day.day} {day.year}"
        return day.strftime(self.dates)

    def time(self, moment: datetime) -> str:
        """Write a time of day."""
        return moment.strftime("%I:%M %p" if self.twelve_hours else "%H:%M")

    def number(self, value: Decimal) -> str:
        """Write a number with the digits that it has."""
        return format(value, "f").replace(".", self.decimal)


def noisy(value: Decimal) -> str | None:
    """Write a number as a float of 32 bits that rounds to it, or None if none has many digits."""
    for noise in _NOISE:
        shown = Decimal(struct.unpack("f", struct.pack("f", float(value + noise)))[0])
        text = f"{shown:.16g}"
        rounded = Decimal(text).quantize(_TENTH, rounding=ROUND_HALF_EVEN)
        if rounded == value and len(text.partition(".")[2]) > _DIGITS:
            return text
    return None


def quoted(cells: Sequence[str], separator: str = ",") -> str:
    """Join cells, each in quotes."""
    return separator.join('"' + cell.replace('"', '""') + '"' for cell in cells)
