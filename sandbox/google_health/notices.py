"""What one notification says: whose data of which type changed, and in which span of time.

Belongs here: events, and their JSON. Not here: whom to tell, signing and sending (`deliveries.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.kinds import DAILY, KIND_OF
from sandbox.google_health.points import Point, civil
from sandbox.google_health.wire import civil_json, instant
from sandbox.people import Person

UPSERT, DELETE = "UPSERT", "DELETE"
OPERATIONS = (UPSERT, DELETE)
VERSION = "1"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A span of time: epoch milliseconds, and seconds east of UTC at both ends."""

    start: int
    end: int
    offset: int
    end_offset: int

    def as_json(self) -> dict[str, Any]:
        """Give it in all three spellings of the wire."""
        shown = civil(self.start, self.offset), civil(self.end, self.end_offset)
        return {
            "physicalTimeInterval": _ends(instant(self.start), instant(self.end)),
            "civilDateTimeInterval": {
                "startDateTime": civil_json(shown[0]),
                "endDateTime": civil_json(shown[1]),
            },
            "civilIso8601TimeInterval": _ends(*(one.isoformat() for one in shown)),
        }


@dataclass(frozen=True, kw_only=True)
class Event:
    """One change; without a span it is about all that there is of the type."""

    person: Person
    type: str
    operation: str = UPSERT
    span: Span | None = None
    record_id: str | None = None

    def as_json(self, subscription: str) -> dict[str, Any]:
        """Give the notification that a subscription of this name leads to."""
        said: dict[str, Any] = {
            "version": VERSION,
            "clientProvidedSubscriptionName": subscription,
            "healthUserId": health_user_id(self.person),
            "operation": self.operation,
            "dataType": self.type,
        }
        if self.record_id is not None:
            said["recordId"] = self.record_id
        return {"data": said | ({} if self.span is None else {"intervals": [self.span.as_json()]})}


def of_point(person: Person, point: Point, operation: str = UPSERT) -> Event:
    """Give the event of a point that came, changed or is gone."""
    if KIND_OF[point.type] == DAILY:
        span = span_of_days(person, point.day, point.day)
    else:
        span = Span(
            start=point.start, end=point.end, offset=point.offset, end_offset=point.end_offset
        )
    record_id = point.id if operation == DELETE else None
    return Event(
        person=person, type=point.type, operation=operation, span=span, record_id=record_id
    )


def span_of_days(person: Person, first: date, last: date) -> Span:
    """Give civil days, both included, in the zone of the person's settings."""
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(person.zone))
        for day in (first, last + timedelta(days=1))
    )
    return span_of_instants(person, int(start.timestamp()), int(end.timestamp()))


def span_of_instants(person: Person, start: int, end: int) -> Span:
    """Give a span between two epoch seconds, seen in the zone of the person's settings."""
    return Span(
        start=start * 1_000,
        end=end * 1_000,
        offset=_offset(person, start),
        end_offset=_offset(person, end),
    )


def _offset(person: Person, at: int) -> int:
    offset = datetime.fromtimestamp(at, ZoneInfo(person.zone)).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _ends(start: str, end: str) -> Mapping[str, str]:
    return {"startTime": start, "endTime": end}
