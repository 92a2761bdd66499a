"""Times of the record: from when and until when something holds.

Belongs here: periods and instants in UTC. Not here: a reading's time, which is its
user's local one (`building/effective.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from ohx_pipelines.errors import ConfigurationError


def moment(at: datetime) -> str:
    """Write an aware time as FHIR dateTime; raises ConfigurationError for one without a zone."""
    return _utc(at).isoformat(timespec="seconds")


def instant(at: datetime) -> str:
    """Write an aware time as FHIR instant, to the millisecond."""
    return _utc(at).isoformat(timespec="milliseconds")


def period(since: datetime, until: datetime | None = None) -> dict[str, str]:
    """Give a Period, open without `until`; it never ends before it starts (per-1)."""
    start = {"start": moment(since)}
    return start if until is None else start | {"end": moment(max(since, until))}


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        message = "a time of the record must say its offset from UTC"
        raise ConfigurationError(message)
    return at.astimezone(UTC)
