"""When a row was: OMRON's three fields, of which any two say the third.

Belongs here: the instant, the patient's offset and the local day of a row. Not here: what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import OFFSETS_IN_USE
from ohx_pipelines.providers.omron.rows import Row, first_of

OFFSET_MISSING, UTC_CONTRADICTS = "offset_missing", "utc_contradicts"
EARLIEST, LATEST = datetime(1970, 1, 2), datetime(9000, 1, 1)  # noqa: DTZ001 (wall clocks)
MINUTE = timedelta(minutes=1)
_CLOCK = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])([0-9]{2})(?::?([0-9]{2}))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An aware UTC instant, the offset from UTC then in minutes, and the patient's own day.

    `notes` are words for what was missing or did not agree.
    """

    at: datetime
    offset: int
    day: date
    notes: tuple[str, ...] = ()


def moment_of(row: Row, zone: ZoneInfo) -> Moment | None:
    """Say when a row was; None where nothing says it. `zone` is the link's, for what no offset tells."""
    local, own_offset = _clock(first_of(row, "datetimelocal"))
    at_utc, utc_offset = _clock(first_of(row, "datetime"))
    if at_utc is not None and utc_offset:
        # A time that says its own offset is an instant, whatever the field is called.
        at_utc -= utc_offset * MINUTE
    told = _offset(first_of(row, "datetimeutcoffset"))
    offset = own_offset if told is None else told
    if local is None:
        return _from_utc(at_utc, offset, zone)
    return _from_local(local, at_utc, offset, zone)


def _from_utc(at_utc: datetime | None, offset: int | None, zone: ZoneInfo) -> Moment | None:
    if at_utc is None:
        return None
    at = at_utc.replace(tzinfo=UTC)
    if offset is not None:
        return Moment(at=at, offset=offset, day=(at_utc + offset * MINUTE).date())
    return _in_zone(at, zone, (OFFSET_MISSING,))


def _from_local(
    local: datetime, at_utc: datetime | None, offset: int | None, zone: ZoneInfo
) -> Moment:
    if offset is not None:
        at = local - offset * MINUTE
        # The local clock and its offset are what the patient's cuff or phone showed.
        agrees = at_utc in {None, at}
        return Moment(
            at=at.replace(tzinfo=UTC),
            offset=offset,
            day=local.date(),
            notes=() if agrees else (UTC_CONTRADICTS,),
        )
    if at_utc is not None:
        minutes, rest = divmod(local - at_utc, MINUTE)
        if not rest and minutes in OFFSETS_IN_USE:
            return Moment(at=at_utc.replace(tzinfo=UTC), offset=minutes, day=local.date())
    notes = (OFFSET_MISSING, *(() if at_utc is None else (UTC_CONTRADICTS,)))
    # Of an hour that comes twice the first; one that is skipped moves on by the gap.
    return _in_zone(local.replace(tzinfo=zone, fold=0).astimezone(UTC), zone, notes)


def _in_zone(at: datetime, zone: ZoneInfo, notes: tuple[str, ...]) -> Moment:
    offset, day = offset_minutes(at, zone), at.astimezone(zone).date()
    return Moment(at=at, offset=offset, day=day, notes=notes)


def _clock(given: object) -> tuple[datetime | None, int | None]:
    """Read a wall clock to the second, and the offset that it may end with."""
    found = _CLOCK.fullmatch(given.strip()) if isinstance(given, str) else None
    if found is None:
        return None, None
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        return None, None
    return (moment, _offset(found[3])) if EARLIEST <= moment < LATEST else (None, None)


def _offset(given: object) -> int | None:
    """Read an offset in minutes; None for what is none, or is in use nowhere."""
    text = given.strip() if isinstance(given, str) else ""
    if text in {"Z", "z"}:
        return 0
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    signed = -minutes if found[1] == "-" else minutes
    return signed if signed in OFFSETS_IN_USE else None
