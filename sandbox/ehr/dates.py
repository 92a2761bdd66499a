"""FHIR dates as spans of time: a day is 24 hours long, a second one second.

Belongs here: reading date, dateTime and Period, and the prefixes of a date search. Not here:
whether a date is allowed at its place (`rules.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sandbox.ehr.wire import Json

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?\Z"
)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_DECEMBER = 12


@dataclass(frozen=True)
class Span:
    """From `start` up to but without `end`, in UTC."""

    start: datetime
    end: datetime

    def contains(self, other: Span) -> bool:
        """Tell whether the other span lies wholly inside this one."""
        return self.start <= other.start and other.end <= self.end


# The specification's rules: `sought` is the parameter's span, `found` the resource's.
PREFIXES: dict[str, Callable[[Span, Span], bool]] = {
    "eq": lambda sought, found: sought.contains(found),
    "ne": lambda sought, found: not sought.contains(found),
    "gt": lambda sought, found: found.end > sought.end,
    "lt": lambda sought, found: found.start < sought.start,
    "ge": lambda sought, found: found.end > sought.end or sought.contains(found),
    "le": lambda sought, found: found.start < sought.start or sought.contains(found),
    "sa": lambda sought, found: found.start >= sought.end,
    "eb": lambda sought, found: found.end <= sought.start,
}


def read_span(text: str) -> Span:
    """Read a date or dateTime of any precision; without an offset it is UTC.

    Raises ValueError when the text is none, or names a day that does not exist.
    """
    found = _FORM.match(text)
    if found is None:
        raise ValueError("no FHIR date or dateTime")
    part = found.groupdict()
    zone = _zone(part["zone"])
    # Second 60 is allowed for leap seconds, which Python does not know.
    second = min(int(part["second"] or 0), 59)
    fraction = part["fraction"] or ""
    start = datetime(
        int(part["year"]),
        int(part["month"] or 1),
        int(part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        second,
        int(fraction[:6].ljust(6, "0")),
        tzinfo=zone,
    )
    try:
        return Span(start.astimezone(UTC), _end(start, part).astimezone(UTC))
    except OverflowError:
        raise ValueError("beyond the years that can be counted") from None


def period_span(period: Json) -> Span:
    """Read a Period; an open end reaches as far as time does."""
    start = read_span(period["start"]).start if "start" in period else _FIRST
    end = read_span(period["end"]).end if "end" in period else _LAST
    return Span(start, end)


def _zone(text: str | None) -> timezone:
    if text in {None, "Z"}:
        return UTC
    sign = -1 if str(text)[0] == "-" else 1
    hours, minutes = str(text)[1:].split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def _end(start: datetime, part: dict[str, str | None]) -> datetime:
    if part["fraction"]:
        digits = min(len(part["fraction"]), 6)
        return start + timedelta(microseconds=10 ** (6 - digits))
    if part["second"]:
        return start + timedelta(seconds=1)
    if part["minute"]:
        return start + timedelta(minutes=1)
    if part["day"]:
        return start + timedelta(days=1)
    if part["month"] and start.month < _DECEMBER:
        return start.replace(month=start.month + 1)
    return start.replace(year=start.year + 1, month=1)
