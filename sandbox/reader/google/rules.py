"""How a field stands in the EHR, and the reading around it.

Belongs here: units, zeros, spans. Not here: tables of fields (the modules of each kind).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.reader.google.points import (
    asserted_by,
    device_of,
    end_day,
    end_of,
    end_offset,
    has_changed,
    start_day,
    start_of,
    start_offset,
)
from sandbox.reader.google.wire_values import seconds, whole
from sandbox.reader.readings import (
    BY_DEVICE,
    Amount,
    Listing,
    Reading,
    Row,
    Said,
    midnight,
    number,
    offset_at,
)
from sandbox.reader.rules import minutes, statuses


@dataclass(frozen=True, kw_only=True)
class Field:
    """How one field stands: LOINC or local code, UCUM code, and the way from the vendor's unit.

    `is_whole` says that it is an int64, `in_seconds` that it is a duration, which becomes minutes;
    `living` says that zero is no reading of a body, `or_zero` that a field that is not there is zero.
    """

    name: str
    code: str
    unit: str
    shift: int = 0
    is_whole: bool = False
    in_seconds: bool = False
    living: bool = False
    or_zero: bool = False

    def said(self, value: Row) -> Amount | None:
        """Give what a value says; None for nothing."""
        given = value.get(self.name)
        if given is None:
            return Amount(Decimal(), self.unit) if self.or_zero else None
        found = self._number(given)
        if found is None or found < 0 or (self.living and not found):
            return None
        return Amount(minutes(found) if self.in_seconds else found.scaleb(self.shift), self.unit)

    def _number(self, given: object) -> Decimal | None:
        if self.in_seconds:
            return seconds(given)
        return whole(given) if self.is_whole else number(given)


def said_by(
    fields: Iterable[Field], value: Row, *, surely: bool = True
) -> Iterator[tuple[str, Amount]]:
    """Give code and amount of each field that says something.

    Without `surely` all are given: what is listed and says nothing this time is not gone.
    """
    for field in fields:
        said = field.said(value)
        if said is not None or not surely:
            yield field.code, said or Amount(Decimal(), field.unit)


@dataclass(frozen=True, kw_only=True)
class When:
    """When something was, as an Observation says it, and its day.

    `end` is that of a period; `closes` tells when it is over, where it is no instant.
    """

    start: datetime
    offset: timedelta | None
    day: date
    end: datetime | None = None
    end_offset: timedelta | None = None
    closes: datetime | None = None

    def by_start(self) -> When:
        """Give it as a vital sign's profile allows it, which takes no period."""
        return replace(self, end=None, end_offset=None)

    def by_date(self) -> When:
        """Give a whole day as a vital sign's profile allows it: its date."""
        start = datetime.combine(self.day, time(), UTC)
        return replace(self, start=start, offset=None, end=None, end_offset=None)


def at(point: Row, listing: Listing) -> When:
    """Give the instant of a sample."""
    return When(
        start=start_of(point), offset=start_offset(point, listing), day=start_day(point, listing)
    )


def over(point: Row, listing: Listing, *, by_end: bool = False) -> When | None:
    """Give the span of a session, of the day of its start or `by_end`; None when it takes no time."""
    start, end = start_of(point), end_of(point)
    if end <= start:
        return None
    return When(
        start=start,
        offset=start_offset(point, listing),
        day=end_day(point, listing) if by_end else start_day(point, listing),
        end=end,
        end_offset=end_offset(point, listing),
        closes=end,
    )


def whole_day(day: date, zone: ZoneInfo) -> When:
    """Give a day of the link's zone, from midnight to midnight."""
    return zone_span(midnight(day, zone), midnight(day + timedelta(days=1), zone), day, zone)


def zone_span(start: datetime, end: datetime, day: date, zone: ZoneInfo) -> When:
    """Give a span whose ends have the offsets of a zone."""
    return When(
        start=start,
        offset=offset_at(start, zone),
        day=day,
        end=end,
        end_offset=offset_at(end, zone),
        closes=end,
    )


def reading(
    listing: Listing,
    when: When,
    point: Row | None,
    *,
    record: str,
    code: str,
    amounts: Mapping[str, Said],
) -> Reading:
    """Give a reading; without a `point` it is of many, which the vendor may always add to."""
    is_open = when.closes is not None and listing.is_open(when.closes)
    may_have_changed = point is None or has_changed(point)
    return Reading(
        record=record,
        occurrence=0,
        patient=listing.person.patient_id,
        code=code,
        instant=when.start,
        offset=when.offset,
        end=when.end,
        end_offset=when.end_offset,
        day=when.day,
        says_day=when.closes is not None,
        is_open=is_open,
        amounts=amounts,
        device=None if point is None else device_of(point),
        asserted=BY_DEVICE if point is None else asserted_by(point),
        statuses=statuses(is_open=is_open, changed=may_have_changed),
    )
