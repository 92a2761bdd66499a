"""Fields of Withings' rows, read without trusting any of them.

Belongs here: lists of rows; numbers, instants, days and zones of a row. Not here: what a field means (a reader per
listing).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.base import Page

Row = Mapping[str, Any]
# Beyond these it is no reading of a body, and would be a number of a million digits.
LARGEST_EXPONENT = 12
LONGEST_ID = 64
LATEST = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a night's or a workout's row says of itself: its id, the vendor's day, from when to when."""

    id: str
    day: date
    start: datetime
    end: datetime


def rows_of(page: Page, name: str = "series") -> list[object]:
    """Give the list of rows of an answer; raises Malformed when there is none."""
    rows = page.body.get(name)
    if not isinstance(rows, list):
        message = f"Withings' answer has no list of {page.listing}"
        raise Malformed(message)
    return rows


def told(row: object) -> Told | None:
    """Read what a row says of itself; None when some of it cannot be read, or it takes no time."""
    if not isinstance(row, dict):
        return None
    name, day = row_id(row), row_day(row)
    start, end = instant(row.get("startdate")), instant(row.get("enddate"))
    if name is None or day is None or start is None or end is None or end <= start:
        return None
    return Told(id=name, day=day, start=start, end=end)


def number(value: object) -> Decimal | None:
    """Give a number with its own digits; None for what is none, is not finite or far too large, or is a truth."""
    found = Decimal(value) if is_integer(value) else value
    if not isinstance(found, Decimal) or not found.is_finite():
        return None
    return found if abs(found.adjusted()) <= LARGEST_EXPONENT else None


def instant(value: object) -> datetime | None:
    """Give the UTC instant of Unix seconds; None for what is none."""
    # In another zone the first and last instants that a datetime can hold are none.
    if not is_integer(value) or not 0 <= value < LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)


def row_day(row: Row) -> date | None:
    """Give the local day that the vendor counts a row to."""
    given = row.get("date")
    try:
        return date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None


def row_zone(row: Row, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the zone in which a row was counted: its own, where it names one that exists."""
    name = row.get("timezone")
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def row_id(row: Row) -> str | None:
    """Give the vendor's id of a row; None for what cannot be part of a record's name."""
    value = row.get("id")
    name = str(value) if is_integer(value) or isinstance(value, str) else ""
    is_name = name.isascii() and name.isalnum() and len(name) <= LONGEST_ID
    return name if is_name and name != "0" else None


def row_device(row: Row) -> str | None:
    """Give the hashed id of the device that a row is from."""
    device = row.get("hash_deviceid") or row.get("deviceid")
    return str(device) if device else None


def modified_at(row: Row) -> int:
    """Give when a row was last modified, Unix seconds; 0 where it does not say."""
    value = row.get("modified")
    return value if is_integer(value) else 0


def is_integer(value: object) -> TypeGuard[int]:
    """Tell whether it is an integer: a truth is none."""
    return isinstance(value, int) and not isinstance(value, bool)
