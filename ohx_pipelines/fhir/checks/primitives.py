"""The form of single values where the JSON Schema is silent: calendars, zones, digits, ranges.

Belongs here: one value at a time. Not here: rules between elements (`invariants.py`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_INT_32 = 2**31
_LONGEST_TEXT = 1024 * 1024
_FRACTION_DIGITS = 17
_WHOLE_DIGITS = 18
_TIME = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<clock>\d\d:\d\d:\d\d)(\.(?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_URN = re.compile(
    r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"
    r"|urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
# Where a time has no zone it may lie anywhere between these two.
_EARLIEST_ZONE = "+14:00"
_LATEST_ZONE = "-12:00"


def is_time(value: Any) -> bool:
    """Tell whether a date or dateTime exists in the calendar, with a zone if it has a clock."""
    if not isinstance(value, str):
        return False
    parts = _TIME.fullmatch(value)
    if parts is None or (parts["clock"] and not parts["zone"]):
        return False
    return bounds(value) is not None


def bounds(text: str) -> tuple[datetime, datetime] | None:
    """Give the first and the last moment that a date or dateTime can mean, None if none."""
    parts = _TIME.fullmatch(text)
    if parts is None:
        return None
    year, month, day = parts["year"], parts["month"], parts["day"]
    clock, fraction = parts["clock"], parts["fraction"] or ""
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        last = first if day else _last_day(first, whole_year=not month)
        opening, closing = (clock, clock) if clock else ("00:00:00", "23:59:59")
        zones = (parts["zone"] or _EARLIEST_ZONE, parts["zone"] or _LATEST_ZONE)
        return (
            datetime.fromisoformat(f"{first}T{opening}.{fraction[:6]:0<6}{zones[0]}"),
            datetime.fromisoformat(f"{last}T{closing}.{fraction[:6]:9<6}{zones[1]}"),
        )
    except ValueError:
        return None


def _last_day(first: date, *, whole_year: bool) -> date:
    month = 12 if whole_year else first.month
    return date(first.year, month, monthrange(first.year, month)[1])


def is_decimal(value: Any) -> bool:
    """Tell whether a number has no more digits than FHIR carries."""
    number = as_decimal(value)
    if number is None:
        return False
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return False
    return -exponent <= _FRACTION_DIGITS and len(digits) + exponent <= _WHOLE_DIGITS


def as_decimal(value: Any) -> Decimal | None:
    """Give a finite JSON number exactly as it is written, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _is_whole(low: int, high: int) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        number = as_decimal(value)
        if number is None or isinstance(value, float):
            return False
        # 5.0 is a decimal on the wire, no integer.
        exponent = number.as_tuple().exponent
        return isinstance(exponent, int) and exponent >= 0 and low <= number < high

    return test


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT


def is_address(value: Any) -> bool:
    """Tell whether it can stand as a uri: OIDs and UUIDs have a form of their own."""
    if not _is_text(value):
        return False
    return not value.startswith(("urn:oid:", "urn:uuid:")) or _URN.fullmatch(value) is not None


FORMS: dict[str, Callable[[Any], bool]] = {
    "canonical": is_address,
    "code": _is_text,
    "date": is_time,
    "dateTime": is_time,
    "decimal": is_decimal,
    "id": _is_text,
    "instant": is_time,
    "integer": _is_whole(-_INT_32, _INT_32),
    "markdown": _is_text,
    "positiveInt": _is_whole(1, _INT_32),
    "string": _is_text,
    "unsignedInt": _is_whole(0, _INT_32),
    "uri": is_address,
    "url": is_address,
}
