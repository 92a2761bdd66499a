"""The vendor's rows taken apart: when, of which day, by which device, said by whom.

Belongs here: what all rows have in common, numbers and flags. Not here: what a field means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.reader.google.points import MODEL
from sandbox.reader.readings import (
    BY_DEVICE,
    BY_PATIENT,
    Flag,
    Listing,
    Reading,
    Row,
    Said,
    number,
    offset_at,
)
from sandbox.reader.rules import statuses

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant, the clock's distance from UTC there and then, and the day on that clock."""

    at: datetime
    offset: timedelta | None
    day: date


# Of a row that nobody can date, where it matters only that it is listed.
NO_MOMENT = Moment(at=datetime.fromtimestamp(0, UTC), offset=None, day=date(1970, 1, 1))


def moment_of(row: Row, zone: ZoneInfo) -> Moment | None:
    """Give when a row was, of the local time, the UTC time and the offset; two of them are enough.

    Where all three are there and disagree, the local clock and its offset count.
    """
    local, at_utc = _clock(row.get("dateTimeLocal")), _clock(row.get("dateTime"))
    offset = _offset(row.get("dateTimeUtcOffset"))
    if local is None:
        return _by_utc(at_utc, offset, zone)
    if offset is None and at_utc is not None:
        offset = local - at_utc
    if offset is None:
        # The first of a repeated hour; a skipped one moves on.
        at = local.replace(tzinfo=zone).astimezone(UTC)
        return Moment(at=at, offset=offset_at(at, zone), day=local.date())
    return Moment(at=(local - offset).replace(tzinfo=UTC), offset=offset, day=local.date())


def _by_utc(at_utc: datetime | None, offset: timedelta | None, zone: ZoneInfo) -> Moment | None:
    if at_utc is None:
        return None
    at = at_utc.replace(tzinfo=UTC)
    offset = offset_at(at, zone) if offset is None else offset
    return Moment(at=at, offset=offset, day=(at_utc + (offset or timedelta())).date())


def _clock(given: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(given).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def _offset(given: Any) -> timedelta | None:
    if given == "Z":
        return timedelta()
    found = _OFFSET.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -length if found[1] == "-" else length


def first_of(row: Row, names: Iterable[str]) -> Any:
    """Give the first of these fields that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def unit_of(row: Row, name: str, units: Mapping[str, str]) -> str | None:
    """Give the UCUM unit of a field; None for a word that nobody knows."""
    given = row.get(name)
    return units.get(given.lower()) if isinstance(given, str) else None


def flag_of(row: Row, names: Iterable[str]) -> Flag | None:
    """Give what a flag says, also that it was not so; None for nothing."""
    given = first_of(row, names)
    # True and False, 1 and 0, and the words for them.
    found = _FLAGS.get(str(given).lower())
    return None if found is None else Flag(found)


def within(row: Row, names: Iterable[str], least: int, most: int) -> Decimal | None:
    """Give a number of a living body; None for what is none."""
    found = number(first_of(row, names))
    return found if found is not None and least <= found <= most else None


def is_typed_in(row: Row) -> bool:
    """Tell whether somebody typed a row in: it says so, or names no device that took it."""
    said = flag_of(row, ["isManualEntry"])
    return not row.get("deviceType") or (said is not None and said.value is True)


def row_number(row: Row) -> int:
    """Give what tells a row from the others of its list."""
    return int(row["id"])


def reading(  # noqa: PLR0913 (what all readings of a row have in common, and what each says)
    listing: Listing,
    row: Row,
    moment: Moment,
    *,
    record: str,
    code: str,
    amounts: Mapping[str, Said],
    end: Moment | None = None,
) -> Reading:
    """Give a reading of an instant, or of a span where it has an `end`."""
    is_open = end is not None and listing.is_open(end.at)
    typed_in = is_typed_in(row)
    return Reading(
        record=record,
        occurrence=0,
        patient=listing.person.patient_id,
        code=code,
        instant=moment.at,
        offset=moment.offset,
        end=None if end is None else end.at,
        end_offset=None if end is None else end.offset,
        day=moment.day,
        says_day=end is not None,
        is_open=is_open,
        amounts=amounts,
        device=None if typed_in else f"{MODEL}{row['deviceType']}",
        asserted=BY_PATIENT if typed_in else BY_DEVICE,
        # The vendor does not say when a row was changed.
        statuses=statuses(is_open=is_open, changed=True),
    )
