"""One reading of an account, and its row on the vendor's wire.

Belongs here: numbers, times and offsets as the vendor writes them. Not here: what is measured
(`routines.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sandbox.omron.scopes import TYPES

Row = dict[str, Any]
QUARTER = 900
# Beyond what a float holds exactly: who reads an id as one hits its neighbour's reading.
_FIRST_ID: int = 2**53 + 1
_FIRST_DAY = date(2000, 1, 1).toordinal()
_DAYS, _PER_DAY = 40_000, 16
_ADDED: int = 10**12
_GROWS_FROM, _GROWS_UNTIL = 6 * 3_600, 22 * 3_600


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One reading; `day` is the date on its own local clock, `at` are epoch seconds."""

    type: str
    id: int
    day: date
    at: int
    offset: int
    uploaded_at: int
    fields: Mapping[str, Any]
    device: str | None
    # Of a day's totals, which the vendor sums until the day is over.
    growing: frozenset[str] = frozenset()
    # Some phones write "-0800".
    is_without_colon: bool = False

    def by(self, now: float) -> Entry:
        """Give it as it was known at a moment: totals of the day until the last quarter hour."""
        if not self.growing:
            return self
        seen = now // QUARTER * QUARTER - self.at
        part = (seen - _GROWS_FROM) / (_GROWS_UNTIL - _GROWS_FROM)
        if part >= 1:
            return self
        grown = {name: _part_of(self.fields[name], max(part, 0.0)) for name in self.growing}
        return replace(self, fields={**self.fields, **grown}, growing=frozenset())

    def row(self) -> Row:
        """Give the row of a list, without what is None."""
        local = datetime.fromtimestamp(self.at + self.offset, UTC)
        row: Row = {
            "id": self.id,
            "dateTime": _written(datetime.fromtimestamp(self.at, UTC)),
            "dateTimeLocal": _written(local),
            "dateTimeUtcOffset": _offset(self.offset, "" if self.is_without_colon else ":"),
            **self.fields,
            "deviceType": self.device,
        }
        return {name: value for name, value in row.items() if value is not None}


def entry_id(person: int, type_: str, day: date, position: int) -> int:
    """Give the id of the n-th reading of a person's day; no two share one, of whatever type."""
    of_person = person * len(TYPES) + TYPES.index(type_)
    days = day.toordinal() - _FIRST_DAY
    return _FIRST_ID + (of_person * _DAYS + days) * _PER_DAY + position


def added_id(number: int) -> int:
    """Give the id of the n-th reading that tests added."""
    return _FIRST_ID + _ADDED + number


def _part_of(whole: float, part: float) -> float:
    return int(whole * part) if isinstance(whole, int) else round(whole * part, 2)


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _offset(seconds: int, colon: str) -> str:
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02}{colon}{minutes % 60:02}"
