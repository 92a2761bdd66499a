"""The pause that a server asks for: `Retry-After`, in seconds or as a date.

Belongs here: reading the header. Not here: who waits, and how long at most (`client.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# A longer pause is a mistake of the server's: whoever waits comes again tomorrow.
LONGEST_SECONDS = 86_400.0


def seconds_asked(header: str | None, *, now: datetime | None = None) -> float | None:
    """Give the seconds to wait, None when the header is missing or cannot be read."""
    if header is None:
        return None
    try:
        return _bounded(float(header))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    # "-0000" reads as no zone; RFC 9110 section 5.6.7 knows GMT only.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return _bounded((until - (now or datetime.now(UTC))).total_seconds())


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_SECONDS)
