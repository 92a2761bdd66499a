"""A clock on a wall, and a zone: which instant that was.

Belongs here: the hours that clock changes repeat or skip. Not here: which zone (the person, or a
cell), or how a time is written (`dates.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

REPEATED_HOUR = "repeated_hour"
SKIPPED_HOUR = "skipped_hour"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """An instant in UTC, the zone's offset and local day then, and a word if a rule of ours chose it."""

    instant: datetime
    offset_minutes: int
    day: date
    word: str | None


def place(moment: datetime, zone: ZoneInfo, *, second: bool = False) -> Placed:
    """Place a naive local time: the first of a repeated hour, a skipped one shifted by the gap.

    `second` places it in the second of a repeated hour.
    """
    local = moment.replace(tzinfo=zone, fold=int(second))
    # For a time that was skipped, `fold=0` is the offset before the gap: that shifts it forward.
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    word = None
    if back.replace(tzinfo=None) != moment.replace(fold=0):
        word = SKIPPED_HOUR
    elif local.utcoffset() != local.replace(fold=int(not second)).utcoffset():
        word = REPEATED_HOUR
    offset = back.utcoffset() or timedelta()
    return Placed(
        instant=instant,
        offset_minutes=int(offset.total_seconds() // 60),
        day=back.date(),
        word=word,
    )


def place_end(end: datetime, moment: datetime, start: Placed, zone: ZoneInfo) -> Placed:
    """Place the end of a session: the first such time at or after its start, or on the next day.

    In a repeated hour 02:10 may come after 02:30, 40 minutes later and not a day.
    """
    for second in (False, True):
        until = place(end, zone, second=second)
        if until.instant >= start.instant:
            return until
    # It began in a skipped hour, and was shifted behind its end.
    return start if end >= moment else place(end + timedelta(days=1), zone)
