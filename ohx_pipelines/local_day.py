"""Calendar days of a user: their bounds as instants, and which day an instant falls on.

Belongs here: arithmetic of local days. Not here: where a user's zone comes from (the link) or how
a vendor words a window (its client).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant of the local day, in UTC.

    Where a clock change skips midnight (Cairo, Santiago), that is the first instant that exists.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the user's calendar day of an aware instant."""
    return instant.astimezone(zone).date()


def offset_minutes(instant: datetime, zone: ZoneInfo) -> int:
    """Give the zone's offset from UTC at that instant, in minutes."""
    offset = instant.astimezone(zone).utcoffset()
    return int((offset or timedelta()).total_seconds() // 60)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Contiguous local days of one user, first and last included."""

    first_day: date
    last_day: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """First instant of the window, in UTC."""
        return day_start(self.first_day, self.zone)

    @property
    def end(self) -> datetime:
        """First instant after the window, in UTC."""
        return day_start(self.last_day + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of the window, in order."""
        length = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=n) for n in range(length)]


def windows(
    days: Iterable[date], zone: ZoneInfo, *, most_days: int, most_gap_days: int = 0
) -> list[Window]:
    """Group days into windows of at most `most_days` days, in order.

    They are contiguous, but for gaps of at most `most_gap_days` days that a window takes in.
    """
    runs: list[list[date]] = []
    for day in sorted(set(days)):
        follows = bool(runs) and day - runs[-1][-1] <= timedelta(days=1 + most_gap_days)
        if follows and day - runs[-1][0] < timedelta(days=most_days):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [Window(first_day=run[0], last_day=run[-1], zone=zone) for run in runs]
