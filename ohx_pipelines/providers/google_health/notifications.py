"""Google Health's notifications: what it tells of by itself, asking for it, and whom to believe.

Belongs here: kinds, and the order of the checks of a delivery. Not here: the calls (`subscribers.py`,
`subscriptions.py`), keys (`signatures.py`), or what a body says (`delivered.py`).
A delivery is believed when it brings our secret and Google's signature; it carries no reading.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ohx_pipelines.errors import Malformed, VendorError
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import (
    CallBudget,
    Delivery,
    NotificationKind,
    Received,
    TokenSource,
    Unlimited,
)
from ohx_pipelines.providers.google_health import calls
from ohx_pipelines.providers.google_health.administration import Administration
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.delivered import is_verification, read_notifications
from ohx_pipelines.providers.google_health.listings import LISTINGS
from ohx_pipelines.providers.google_health.service_account import ServiceAccount
from ohx_pipelines.providers.google_health.signatures import Keyset, is_signed
from ohx_pipelines.providers.google_health.subscribers import Subscribers
from ohx_pipelines.providers.google_health.subscriptions import Subscriptions
from ohx_pipelines.providers.google_health.user_ids import is_user_id

# Data types of which Google sends notifications, by its guide of 2026-11, among those that we read.
TOLD = (
    *("steps", "distance", "floors", "altitude", "total-calories", "active-zone-minutes"),
    *("sedentary-period", "time-in-heart-rate-zone", "run-vo2-max", "exercise", "heart-rate"),
    *("heart-rate-variability", "daily-resting-heart-rate", "daily-heart-rate-variability"),
    *("daily-oxygen-saturation", "daily-respiratory-rate", "daily-sleep-temperature-derivations"),
    *("weight", "body-fat", "height", "blood-glucose", "sleep"),
)


def _kind(path: str) -> NotificationKind:
    listings = [one for one in LISTINGS if one.path == path]
    return NotificationKind(
        name=path,
        title=path.replace("-", " "),
        data_types=frozenset(name for one in listings for name in one.data_types),
        scopes=frozenset(one.scope for one in listings),
    )


NOTIFICATIONS = tuple(_kind(path) for path in TOLD)
_NAMES = frozenset(TOLD)


class GoogleNotifications:
    """What patients' accounts tell this deployment's subscriber, and the deliveries of it."""

    def __init__(
        self,
        settings: GoogleHealthSettings,
        client: GoogleHealthClient,
        *,
        adapter: HTTPAdapter,
        budget: CallBudget | None = None,
    ) -> None:
        """Share `adapter`, and so its connection pool, with the data calls, and their `budget`."""
        secret = settings.webhook_secret
        self._authorization = f"Bearer {secret.get_secret_value()}" if secret else ""
        self._client = client
        session = _session(adapter)
        self._keyset = Keyset(settings.keyset_url, session=session)
        account = ServiceAccount(
            settings.service_account_file or Path(),
            session=session,
            timeout_seconds=settings.timeout_seconds,
        )
        administration = Administration(
            settings, account, session=session, budget=budget or Unlimited()
        )
        self._subscribers = Subscribers(
            administration, own=settings.subscriber, authorization=self._authorization
        )
        self._subscriptions = Subscriptions(administration=administration, own=settings.subscriber)
        self._users: dict[str, str] = {}
        self._ensured: str | None = None
        self._is_proved = False

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """Give the kinds that the account sends to this address.

        None when the subscriber is not registered, or for another address: subscribing mends it.
        """
        user = self._asked_user(token)
        own = self._subscribers.own()
        is_here = own is not None and own.sends_to(url)
        if is_here and not self._is_proved:
            self._subscribers.prove()
            self._is_proved = True
        self._ensured = url if own and is_here and own.types == _NAMES else None
        if own is None or not is_here:
            return frozenset()
        return self._subscriptions.types_of(user) & own.types

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have a kind of an account's changes told to this address; repeating does no harm.

        Raises VendorRejected when Google did not find the address answered as it should be.
        """
        user = self._user(token)
        if self._ensured != url:
            self._subscribers.ensure(url=url, types=_NAMES)
            self._ensured, self._is_proved = url, True
        self._subscriptions.add(user, kind)

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have it told no longer; at another address than the subscriber's there is nothing."""
        del url
        self._subscriptions.remove(self._user(token), kind)

    def forget(self, user: str) -> None:
        """Take away a user's subscriptions: they outlive the permission, and name the user."""
        self._subscriptions.end(user)

    def receive(self, delivery: Delivery) -> Received:
        """Read a delivery; the status is what Google waits for, and what makes it try again.

        Google asks the address with the secret (201) and without it (401) before it sends anything.
        """
        given = delivery.headers.get("authorization", "")
        right = hmac.compare_digest(given.encode(), self._authorization.encode())
        if not right or not self._authorization:
            return Received(status=HTTPStatus.UNAUTHORIZED)
        if is_verification(delivery.body):
            return Received(status=HTTPStatus.CREATED)
        try:
            signed = is_signed(delivery.body, delivery.headers, self._keyset)
        except VendorError:
            # It cannot be told now whose it is. Google tries again for seven days.
            return Received(status=HTTPStatus.SERVICE_UNAVAILABLE)
        if not signed:
            return Received(status=HTTPStatus.UNAUTHORIZED)
        return Received(
            status=HTTPStatus.NO_CONTENT,
            notifications=read_notifications(delivery.body, kinds=_NAMES),
        )

    def _user(self, token: TokenSource) -> str:
        known = self._users.get(token.account)
        return known if known is not None else self._asked_user(token)

    def _asked_user(self, token: TokenSource) -> str:
        """Ask whose the tokens are: subscriptions go by Google's own id of the user."""
        user = self._client.request(calls.identity(), token).get("healthUserId")
        if not is_user_id(user):
            message = "Google's answer lacks the user's id"
            raise Malformed(message)
        self._users[token.account] = user
        return user


def _session(adapter: HTTPAdapter) -> requests.Session:
    session = requests.Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # Without it a .netrc of the machine would put its own credentials in place of the token.
    session.auth = _as_it_is
    return session


def _as_it_is(prepared: Any) -> Any:
    return prepared
