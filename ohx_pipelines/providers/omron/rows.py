"""OMRON's rows, read without trusting any field: names, ids, numbers, flags and words.

Belongs here: what all rows have in common on the wire. Not here: times (`moments.py`), or which row
says what (a reader per listing).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# By names in small letters: integrations spell them differently.
Row = Mapping[str, Any]
# Beyond these it is no reading of a body, and would be a number of a million digits.
LARGEST_EXPONENT = 12
LONGEST_NUMBER = 40
LARGEST_ID = 10**20
LONGEST_WORD = 80
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}(?:\.[0-9]{1,19})?", re.ASCII)
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


def row_of(given: object) -> Row | None:
    """Give a row by names in small letters; None for what is no object."""
    if not isinstance(given, dict):
        return None
    return {name.lower(): value for name, value in given.items() if isinstance(name, str)}


def row_id(row: Row) -> str | None:
    """Give the id that OMRON has for a reading; None where there is none to be read."""
    given = row.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given) if abs(given) < LARGEST_ID else None
    return given if isinstance(given, str) and _ID.fullmatch(given) else None


def first_of(row: Row, *names: str) -> object:
    """Give the first of these fields that says something, None where none does."""
    told = (row.get(name) for name in names)
    return next((value for value in told if value is not None and value != ""), None)


def number(given: object) -> Decimal | None:
    """Read a number with the vendor's own digits, also from text; None for what is none."""
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        text = given.strip()
        given = Decimal(text) if _NUMBER.fullmatch(text) else None
    if isinstance(given, int):
        given = Decimal(given) if abs(given) < 10**LARGEST_EXPONENT else None
    return given if isinstance(given, Decimal) and _is_sane(given) else None


def _is_sane(value: Decimal) -> bool:
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    is_short = isinstance(exponent, int) and abs(exponent) <= LONGEST_NUMBER
    return is_short and abs(value.adjusted()) <= LARGEST_EXPONENT


def flag(given: object) -> bool | None:
    """Read a flag, also 0 and 1 and their words; None for what is none."""
    if isinstance(given, bool):
        return given
    is_word = isinstance(given, int | str)
    return (
        _FLAGS.get(str(given).strip().lower())
        if is_word and len(str(given)) < LONGEST_WORD
        else None
    )


def word(given: object) -> str | None:
    """Give a name in one line; None for what is none, is too long or cannot be printed."""
    name = " ".join(given.split()) if isinstance(given, str) else ""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_WORD else None
