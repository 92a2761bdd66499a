"""Truth rows taken apart: when, of which day, by which device, said by whom.

Belongs here: what all rows have in common. Not here: what a value means (`expected.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.reader.google.points import MODEL
from sandbox.reader.readings import (
    BY_DEVICE,
    BY_PATIENT,
    Listing,
    Reading,
    Row,
    Said,
    local_day,
    offset_at,
)
from sandbox.reader.rules import statuses


def placed(wall_clock: str, zone: ZoneInfo) -> datetime:
    """Give the instant of a wall clock's time: the first of a repeated hour.

    A time that the clocks skip is as much later as they skip.
    """
    return datetime.fromisoformat(wall_clock).replace(tzinfo=zone, fold=0).astimezone(UTC)


def device_of(row: Row) -> str | None:
    """Give the device that took a row, which is known by its model alone."""
    return f"{MODEL}{row['device']}" if row["device"] else None


def reading(listing: Listing, row: Row, code: str, amounts: Mapping[str, Said]) -> Reading:
    """Give a reading of a row: of a minute, or of a session where it has an end."""
    zone = ZoneInfo(row["zone"])
    start = placed(row["moment"], zone)
    end = placed(row["end"], zone) if row["end"] else None
    return Reading(
        record=row["record"],
        occurrence=row["occurrence"],
        patient=listing.person.patient_id,
        code=code,
        instant=start,
        offset=offset_at(start, zone),
        end=end,
        end_offset=None if end is None else offset_at(end, zone),
        day=local_day(start, zone),
        says_day=end is not None,
        is_open=False,
        amounts=amounts,
        device=device_of(row),
        asserted=BY_PATIENT if row["manual"] else BY_DEVICE,
        # A later file may say something else of the same minute.
        statuses=statuses(is_open=False, changed=True),
    )
