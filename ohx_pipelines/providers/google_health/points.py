"""Google's points, read without trusting any field: their lists, ids, times, civil days and numbers.

Belongs here: what all points have in common on the wire. Not here: which row says what (a reader per
kind of listing), or whose it is (`sources.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import OFFSETS_IN_USE
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listings import Listing, Method

Row = Mapping[str, Any]
POINTS, TOTALS, NEXT_PAGE = "dataPoints", "rollupDataPoints", "nextPageToken"
# A listed point's name, and that of one from the merged stream.
NAMES = ("name", "dataPointName")
SAMPLE_TIME, INTERVAL = "sampleTime", "interval"
PHYSICAL_TIME, UTC_OFFSET = "physicalTime", "utcOffset"
START, START_OFFSET = "startTime", "startUtcOffset"
END, END_OFFSET = "endTime", "endUtcOffset"
DATE, CIVIL_START, CIVIL_END = "date", "civilStartTime", "civilEndTime"
DATE_PARTS = ("year", "month", "day")
# Beyond these it is no reading of a body, and would be a number of a million digits.
LARGEST_EXPONENT = 12
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
# What proto3 calls a value that was never set.
UNSPECIFIED = "_UNSPECIFIED"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DURATION = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,9})?)s")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An aware UTC instant, and the user's offset from UTC then, in minutes."""

    at: datetime
    offset: int

    @property
    def day(self) -> date:
        """The civil day that it falls on where the user was."""
        return (self.at + timedelta(minutes=self.offset)).date()


def rows_of(pages: Sequence[Page], listing: Listing) -> Iterator[object]:
    """Give the rows of all pages, in order; an empty object is an empty page.

    Raises Malformed when a page is something else than a list of rows.
    """
    name = TOTALS if listing.method is Method.DAILY else POINTS
    for page in pages:
        body: object = page.body
        rows = body.get(name) if isinstance(body, Mapping) else None
        if isinstance(rows, list):
            yield from rows
        elif not isinstance(body, Mapping) or name in body or (body and NEXT_PAGE not in body):
            message = f"Google Health's answer has no list of {listing.name}"
            raise Malformed(message)


def object_of(row: object, name: str) -> Row | None:
    """Give a member that is an object; None where there is none."""
    found = row.get(name) if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else None


def list_of(row: Row, name: str) -> list[object]:
    """Give a member that is a list; what is none is one thing that cannot be read."""
    given = row.get(name)
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def point_id(row: Row) -> str | None:
    """Give the vendor's id of a point; None for what cannot be part of a record's name."""
    for name in NAMES:
        given = row.get(name)
        last = given.rpartition("/")[2] if isinstance(given, str) else ""
        if _ID.fullmatch(last):
            return last
    return None


def epoch_milliseconds(at: datetime) -> int:
    """Give the milliseconds from 1970 to an instant."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def sample_moment(value: Row, zone: ZoneInfo) -> Moment | None:
    """Give when a sample was taken; `zone` is that of one without an offset."""
    told = object_of(value, SAMPLE_TIME) or {}
    return moment(told.get(PHYSICAL_TIME), told.get(UTC_OFFSET), zone)


def start_moment(value: Row, zone: ZoneInfo) -> Moment | None:
    """Give when an interval began; `zone` is that of one without an offset."""
    told = object_of(value, INTERVAL) or {}
    return moment(told.get(START), told.get(START_OFFSET), zone)


def end_moment(value: Row, zone: ZoneInfo) -> Moment | None:
    """Give when an interval ended; `zone` is that of one without an offset."""
    told = object_of(value, INTERVAL) or {}
    return moment(told.get(END), told.get(END_OFFSET), zone)


def moment(time: object, offset: object, zone: ZoneInfo) -> Moment | None:
    """Read an instant and its offset; without an offset that of the zone; None for what is none."""
    at = instant(time)
    if at is None:
        return None
    minutes = offset_minutes(at, zone) if offset is None else _minutes(offset)
    return None if minutes is None else Moment(at=at, offset=minutes)


def _minutes(offset: object) -> int | None:
    given = seconds(offset)
    minutes = None if given is None else int(given // 60)
    return minutes if minutes in OFFSETS_IN_USE else None


def instant(value: object) -> datetime | None:
    """Read an RFC 3339 time, cut to milliseconds; None for what is none."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # In another zone the first and last instants that a datetime can hold are none.
    if not EARLIEST <= found < LATEST:
        return None
    return found.replace(microsecond=found.microsecond // 1_000 * 1_000)


def civil_date(value: object) -> date | None:
    """Read the vendor's object of year, month and day."""
    parts = [value.get(name) for name in DATE_PARTS] if isinstance(value, Mapping) else []
    numbers = [int(one) for part in parts if (one := int32(part)) is not None]
    try:
        return date(*numbers) if len(numbers) == len(DATE_PARTS) else None
    except (ValueError, OverflowError):
        return None


def int64(value: object) -> Decimal | None:
    """Read an integer, which stands as text on the wire; as a number it is as good."""
    if isinstance(value, str):
        return _of_a_body(Decimal(value)) if _INTEGER.fullmatch(value) else None
    found = double(value)
    return found if found is not None and found == found.to_integral_value() else None


def int32(value: object) -> Decimal | None:
    """Read an integer that stands as a number on the wire."""
    return int64(value)


def double(value: object) -> Decimal | None:
    """Read a number with its own digits; None for what is none, or is a truth."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _of_a_body(Decimal(value))
    return _of_a_body(value) if isinstance(value, Decimal) else None


def seconds(value: object) -> Decimal | None:
    """Read a duration, such as `934s`."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return _of_a_body(Decimal(found[1])) if found else None


def _of_a_body(found: Decimal) -> Decimal | None:
    if not found.is_finite():
        return None
    return found if abs(found.adjusted()) <= LARGEST_EXPONENT else None


def word(value: object) -> str | None:
    """Read an enum's value: None where it is not said, an empty text for what is no word."""
    if value is None or (isinstance(value, str) and value.endswith(UNSPECIFIED)):
        return None
    return value if isinstance(value, str) else ""
