"""OMRON's notifications: a user's id and a time, posted to an address that OMRON registers by hand.

Belongs here: the one kind, and reading one. Not here: which links want it (`ohx_pipelines/notifying.py`),
or receiving (`oauth_portal/webhooks.py`).
They are not signed and carry no reading: whatever one says is a hint to look for ourselves.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.providers.base import Delivery, Notification, NotificationKind, Received
from ohx_pipelines.providers.omron.listings import LISTINGS
from ohx_pipelines.providers.omron.moments import EARLIEST, LATEST, moment_of
from ohx_pipelines.providers.omron.user_ids import user_id

KIND = "upload"
LONGEST_BODY = 10_000
# The time is the server's, of the upload: the readings are older, by days where a phone was away.
BEFORE = timedelta(days=7)
# Epoch seconds do not come so far for 3,000 years: a larger number is milliseconds.
MILLISECONDS_FROM = 10**11
_EPOCH = re.compile(r"[0-9]{1,16}", re.ASCII)
_UTC = ZoneInfo("UTC")
_FIRST, _LAST = (one.replace(tzinfo=UTC).timestamp() for one in (EARLIEST, LATEST))
NOTIFICATIONS = (
    NotificationKind(
        name=KIND,
        title="new readings of any type",
        data_types=frozenset(one.data_type.name for one in LISTINGS),
    ),
)


def receive(delivery: Delivery) -> Received:
    """Read a delivery; whatever it says, OMRON is told that it arrived, or it would send it again."""
    hint = parse_notification(_object(delivery.body))
    return Received(status=HTTPStatus.OK, notifications=() if hint is None else (hint,))


def parse_notification(body: dict[str, Any]) -> Notification | None:
    """Read a notification; None for one that names no user. Without a time it is about today."""
    user = user_id(body.get("id"))
    if user is None:
        return None
    uploaded = _uploaded(body.get("timestamp"))
    start = None if uploaded is None else uploaded - BEFORE
    return Notification(user=user, kind=KIND, start=start, end=uploaded)


def _uploaded(given: object) -> datetime | None:
    """Read a time, also one that is counted since 1970, in seconds or milliseconds."""
    if isinstance(given, str) and _EPOCH.fullmatch(given):
        given = int(given)
    if isinstance(given, int | float) and not isinstance(given, bool):
        thousands = 1_000 if given >= MILLISECONDS_FROM else 1
        # Of what is no number at all, neither is true.
        is_time = _FIRST * thousands <= given < _LAST * thousands
        return datetime.fromtimestamp(given / thousands, UTC) if is_time else None
    moment = moment_of({"datetime": given}, _UTC)
    return None if moment is None else moment.at.astimezone(UTC)


def _object(body: bytes) -> dict[str, Any]:
    """Give the object of a body; an empty one of any other."""
    try:
        found = json.loads(body) if len(body) <= LONGEST_BODY else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
