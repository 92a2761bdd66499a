"""How one field of a vendor's row stands in the EHR, and the readings that a row of fields stands for.

Belongs here: units, zeros, what is a component of what. Not here: tables (the `expected_*.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.reader.readings import (
    BY_DEVICE,
    BY_PATIENT,
    Amount,
    Listing,
    Reading,
    Row,
    Said,
    instant_of,
    number,
    offset_at,
)

# `attrib`; 1 and 17 may be somebody else's, and others nobody knows.
CONFIRMED = frozenset({0, 2, 4, 5, 7, 8, 15})
TYPED_IN = frozenset({2, 4})
# Phones and their health apps, and what others' devices bring through them.
EXTERNAL_MODELS = range(1051, 1064)
SETTLED = frozenset({"final", "corrected", "amended"})
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one field stands: LOINC or local code, UCUM code, and the way from the vendor's unit.

    The first of `fields` that is there counts; `living` says that zero is no reading of a body.
    """

    fields: Sequence[str]
    code: str
    unit: str
    shift: int = 0
    in_minutes: bool = False
    living: bool = False
    joins: bool = False

    def said(self, row: Row) -> Amount | None:
        """Give what a row says; None for nothing."""
        value = next((row[name] for name in self.fields if row.get(name) is not None), None)
        found = number(value)
        if found is None or found < 0 or (self.living and not found):
            return None
        return Amount(minutes(found) if self.in_minutes else found.scaleb(self.shift), self.unit)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A night, a workout, a strip or a day: from when to when, in which zone, of which local day."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    day: date


def codes(*given: str) -> str:
    """Give how the reader names what has these codes: all of them, in one order."""
    return " ".join(sorted(given))


def minutes(seconds: Decimal) -> Decimal:
    """Give minutes, no finer than the vendor's digits: a second is 0.017 minutes, so tenths."""
    exponent = seconds.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 (no number of the wire is infinite)
    step = Decimal(1).scaleb(min(exponent - 1, 0))
    return (seconds / SECONDS_PER_MINUTE).quantize(step, rounding=ROUND_HALF_EVEN)


def row_zone(row: Row, listing: Listing) -> ZoneInfo:
    """Give the zone that a row was dated in; the link's where it names none that is known."""
    try:
        return ZoneInfo(row["timezone"])
    except (KeyError, TypeError, ValueError, OSError):
        return listing.zone


def row_span(row: Row, listing: Listing) -> Span | None:
    """Give the span of a row with `startdate` and `enddate`; None when it takes no time."""
    start, end = instant_of(row["startdate"]), instant_of(row["enddate"])
    if end <= start:
        return None
    day = date.fromisoformat(row["date"])
    return Span(start=start, end=end, zone=row_zone(row, listing), day=day)


def device_of(row: Row) -> str | None:
    """Give the vendor's hash of the device; what was typed in has none."""
    if row.get("attrib") in TYPED_IN:
        return None
    return row.get("hash_deviceid") or row.get("deviceid") or None


def asserted_by(row: Row) -> str:
    """Give the label that says who asserts a row."""
    return BY_PATIENT if row.get("attrib") in TYPED_IN else BY_DEVICE


def once(rows: Iterable[Row]) -> list[Row]:
    """Give each row of an id once, as it was last modified."""
    newest: dict[Any, Row] = {}
    for row in rows:
        held = newest.get(row["id"])
        if held is None or (row.get("modified") or 0) > (held.get("modified") or 0):
            newest[row["id"]] = row
    return [*newest.values()]


def by_rules(row: Row, rules: Iterable[Rule]) -> Iterator[tuple[Rule, Said]]:
    """Give what a row says by each rule that it says something by."""
    for rule in rules:
        said = rule.said(row)
        if said is not None:
            yield rule, said


def with_components(
    code: str, own: Said | None, said: Iterable[tuple[Rule, Said]]
) -> Iterator[tuple[str, Mapping[str, Said]]]:
    """Put what joins with an Observation's own value; what has none to join stands alone."""
    parts: dict[str, Said] = {}
    for rule, one in said:
        if rule.joins and own is not None:
            parts[rule.code] = one
        else:
            yield rule.code, {"": one}
    if own is not None:
        yield code, {"": own} | parts


def statuses(*, is_open: bool, changed: bool) -> frozenset[str]:
    """Give what may stand of a reading whose past is not known."""
    if is_open:
        return frozenset({"preliminary"})
    return SETTLED if changed else frozenset({"final"})


def spanning(  # noqa: PLR0913 (what all readings of a row have in common, and what each says)
    listing: Listing,
    span: Span,
    row: Row,
    *,
    record: str,
    code: str,
    amounts: Mapping[str, Said],
    by_start: bool = False,
) -> Reading:
    """Give a reading of a span; `by_start` where a vital sign's profile allows it no period."""
    is_open = listing.is_open(span.end)
    return Reading(
        record=record,
        occurrence=0,
        patient=listing.person.patient_id,
        code=code,
        instant=span.start,
        offset=offset_at(span.start, span.zone),
        end=None if by_start else span.end,
        end_offset=None if by_start else offset_at(span.end, span.zone),
        day=span.day,
        says_day=True,
        is_open=is_open,
        amounts=amounts,
        device=device_of(row),
        asserted=asserted_by(row),
        statuses=statuses(is_open=is_open, changed=_may_have_changed(row, span)),
    )


def _may_have_changed(row: Row, span: Span) -> bool:
    """Tell whether the vendor may have changed a row after it was first seen."""
    since = row.get("created") or int(span.end.timestamp())
    return (row.get("modified") or 0) > since
