"""Withings' notifications: what it tells of by itself, the calls that ask for it, and reading one.

Belongs here: kinds, subscribing, the form of a notification. Not here: which links want which
(`ohx_pipelines/notifying.py`), or receiving them (`oauth_portal/webhooks.py`).
They are not signed and carry no reading: whatever one says is a hint to look for ourselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from ohx_pipelines.errors import VendorRejected
from ohx_pipelines.providers.base import (
    Delivery,
    Notification,
    NotificationKind,
    Received,
    TokenSource,
)
from ohx_pipelines.providers.withings.calls import Call
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.data_types import (
    ACTIVITY_SCOPE,
    INFO_SCOPE,
    METRICS_SCOPE,
)

PATH = "/notify"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50
ACCOUNT = "46"
ENDINGS = frozenset({"delete", "unlink"})
_USER = re.compile(r"[0-9]{1,20}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,10}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _kind(name: str, title: str, scope: str, *data_types: str) -> NotificationKind:
    return NotificationKind(
        name=name, title=title, data_types=frozenset(data_types), scopes=frozenset({scope})
    )


# `appli` on the wire. No 50 to 52 (in and out of bed): they want a scope that is not asked for.
NOTIFICATIONS = (
    _kind(
        "1",
        "weight and what else a scale measures",
        METRICS_SCOPE,
        *("body", "nerve_health", "pulse_wave_velocity", "vascular_age"),
    ),
    _kind("2", "temperature", METRICS_SCOPE, "temperature", "skin_temperature"),
    _kind(
        "4",
        "blood pressure, pulse, oxygen saturation",
        METRICS_SCOPE,
        *("blood_pressure", "oxygen"),
    ),
    _kind(
        "16",
        "activity and workouts",
        ACTIVITY_SCOPE,
        *("activity", "workouts", "intraday", "fitness", "automatic"),
    ),
    _kind("44", "sleep", ACTIVITY_SCOPE, "sleep", "sleep_stages"),
    _kind("54", "electrocardiograms", METRICS_SCOPE, "ecg"),
    _kind(ACCOUNT, "the account itself, and the end of the permission", INFO_SCOPE),
)
_KNOWN = frozenset(kind.name for kind in NOTIFICATIONS)


class WithingsNotifications:
    """The subscriptions of an account, each to one kind at one address."""

    def __init__(self, client: WithingsClient) -> None:
        """Ask through the client of the data calls: same tokens, retries and budget."""
        self._client = client

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """Give the kinds that the account sends to this address; those to others are not ours."""
        call = Call(path=PATH, fields={"action": "list"}, rows="profiles")
        (body,) = self._client.pages(call, token)
        rows = [row for row in body["profiles"] if isinstance(row, dict)]
        return frozenset(str(row.get("appli")) for row in rows if row.get("callbackurl") == url)

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have notifications sent; meanwhile Withings asks the address with HEAD.

        Raises VendorRejected when it is not answered there, or when the address is none that
        Withings takes: https, a domain name, port 443, at most 255 characters.
        """
        self._settled("subscribe", token, url=url, kind=kind, wanted=True)

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have them sent no longer."""
        self._settled("revoke", token, url=url, kind=kind, wanted=False)

    def _settled(
        self, action: str, token: TokenSource, *, url: str, kind: str, wanted: bool
    ) -> None:
        """Ask for it; a refusal is none when it is so already.

        Which status tells that is documented nowhere, and another process may have been faster.
        """
        call = Call(path=PATH, fields={"action": action, "callbackurl": url, "appli": kind})
        try:
            self._client.request(call, token)
        except VendorRejected:
            if (kind in self.subscriptions(token, url=url)) is not wanted:
                raise


def receive(delivery: Delivery) -> Received:
    """Read the form of a delivery; whatever it says, Withings is told that it arrived."""
    notification = parse_notification(_form(delivery))
    return Received(
        status=HTTPStatus.OK, notifications=() if notification is None else (notification,)
    )


def parse_notification(form: Mapping[str, str]) -> Notification | None:
    """Read a notification; None for a kind that is not asked for, or one that cannot be read.

    Without any time it is about the account as it is now.
    """
    user, kind = form.get("userid", ""), form.get("appli", "")
    if not _USER.fullmatch(user) or kind not in _KNOWN:
        return None
    try:
        start, end = _instant(form.get("startdate")), _instant(form.get("enddate"))
        day = _day(form.get("date"))
    except ValueError:
        return None
    if start is not None and end is not None and end < start:
        return None
    ended = kind == ACCOUNT and form.get("action") in ENDINGS
    return Notification(user=user, kind=kind, start=start, end=end, day=day, ended=ended)


def _form(delivery: Delivery) -> dict[str, str]:
    """Give the fields of a form, the first where one comes twice; none of any other body."""
    media = delivery.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if media != FORM:
        return {}
    text = delivery.body.decode("utf-8", errors="replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(fields))


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not _SECONDS.fullmatch(text):
        raise ValueError
    return datetime.fromtimestamp(int(text), UTC)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    if not _DAY.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)
