"""What a body that Google signed says: whose data changed, of which type, on which days.

Belongs here: the shape of notifications. Not here: whether it is Google's (`notifications.py`).
A notification carries no reading: whatever it says is a hint to look for ourselves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ohx_pipelines.providers.base import Notification
from ohx_pipelines.providers.google_health.user_ids import is_user_id

UPSERT, DELETE = "UPSERT", "DELETE"
VERIFICATION = "verification"
_CLOCK = ("hours", "minutes", "seconds", "nanos")
_A_DAY = timedelta(days=1)
# Of years beyond these there is no local day everywhere.
_YEARS = range(2000, 9000)
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, OverflowError)


def is_verification(body: bytes) -> bool:
    """Tell whether Google asks whether the address is ours, as it does at registration."""
    said = _parsed(body)
    return isinstance(said, dict) and said.get("type") == VERIFICATION


def read_notifications(body: bytes, *, kinds: Collection[str]) -> tuple[Notification, ...]:
    """Give what a body says of these kinds, each once; one that cannot be read says nothing."""
    said = _parsed(body)
    rows = said if isinstance(said, list) else [said]
    found = [one for row in rows if isinstance(row, dict) for one in _read(row, kinds)]
    return tuple(dict.fromkeys(found))


def _read(row: Mapping[str, Any], kinds: Collection[str]) -> Iterator[Notification]:
    data = row.get("data")
    if not isinstance(data, dict):
        return
    user, kind, operation = (data.get(name) for name in ("healthUserId", "dataType", "operation"))
    if not is_user_id(user) or not isinstance(kind, str) or kind not in kinds:
        return
    if operation not in (UPSERT, DELETE):
        return
    about = Notification(user=user, kind=kind, ended=_has_ended(data))
    intervals = data.get("intervals")
    if not intervals:
        # Without any time it is about the account as it is now.
        yield about
        return
    for interval in intervals if isinstance(intervals, list) else []:
        times = _times(interval)
        if times:
            yield Notification(user=user, kind=kind, **times)


def _has_ended(data: Mapping[str, Any]) -> bool:
    """Tell whether it says that all of a type is gone.

    Google says DELETE of deleted readings, and also of a withdrawn consent and a deleted account,
    and documents no mark to tell these apart. Deleted readings name their interval or record; what
    names neither leaves nothing of the type. It is a hint like any other: who takes it asks Google.
    """
    named = data.get("intervals") or data.get("recordId")
    return data.get("operation") == DELETE and not named


def _times(interval: Any) -> dict[str, Any]:
    """Give the civil days of an interval, which are those that readings belong to.

    Its instants where it names no days; nothing where it can be read neither way.
    """
    if not isinstance(interval, dict):
        return {}
    for name, start, end, read in (
        ("civilDateTimeInterval", "startDateTime", "endDateTime", _civil),
        ("civilIso8601TimeInterval", "startTime", "endTime", _iso),
    ):
        try:
            ends = interval[name]
            return _days(read(ends[start]), read(ends[end]))
        except _UNREADABLE:
            continue
    try:
        ends = interval["physicalTimeInterval"]
        return _instants(_instant(ends["startTime"]), _instant(ends["endTime"]))
    except _UNREADABLE:
        return {}


def _days(start: datetime, end: datetime) -> dict[str, date]:
    if end < start or start.year not in _YEARS or end.year not in _YEARS:
        raise ValueError
    # An interval that ends at midnight has nothing of the day that begins then.
    last = end.date() - _A_DAY if end > start and end.time() == end.min.time() else end.date()
    return {"day": start.date(), "last_day": last}


def _instants(start: datetime, end: datetime) -> dict[str, datetime]:
    if end < start or start.year not in _YEARS or end.year not in _YEARS:
        raise ValueError
    return {"start": start, "end": end}


def _civil(given: Mapping[str, Any]) -> datetime:
    """Read a CivilDateTime; members of its time that are zero are left out."""
    day, clock = given["date"], given.get("time") or {}
    hours, minutes, seconds, nanos = (int(clock.get(name, 0)) for name in _CLOCK)
    return datetime(  # noqa: DTZ001 (a civil time has no zone)
        day["year"], day["month"], day["day"], hours, minutes, seconds, nanos // 1_000
    )


def _iso(given: str) -> datetime:
    return datetime.fromisoformat(given).replace(tzinfo=None)


def _instant(given: str) -> datetime:
    read = datetime.fromisoformat(given)
    if read.tzinfo is None:
        raise ValueError
    return read.astimezone(UTC)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
