"""The vendor's `/notify`: of which events an account tells which address.

Belongs here: the five actions and what an address must be. Not here: telling (`deliveries.py`).
One difference from the vendor: an address on this machine may be http and have any port.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.withings.envelope import NOT_ALLOWED, Refused, invalid_params
from sandbox.withings.tokens import Grant, Tokens

PATH = "/notify"
ACTIONS = ("subscribe", "get", "list", "revoke", "update")
ACCOUNT = 46
SCOPES = {
    **dict.fromkeys((1, 2, 4, 54, 55, 58), "user.metrics"),
    **dict.fromkeys((16, 44), "user.activity"),
    **dict.fromkeys((50, 51, 52), "user.sleepevents"),
    ACCOUNT: "user.info",
}
BAD_CALLBACK = 293
NO_SUBSCRIPTION = 286
FOREVER = 2_147_483_647
LONGEST_URL = 255
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS = {None, 80, 443}
PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One event of one user, and the address that is told of it."""

    user_id: int
    appli: int
    url: str
    comment: str = ""

    def profile(self) -> dict[str, Any]:
        """Give it as `list` shows it."""
        return {
            "appli": self.appli,
            "callbackurl": self.url,
            "expires": FOREVER,
            "comment": self.comment,
        }


def answers_head(url: str) -> bool:
    """Ask an address as the vendor does before it believes in it."""
    try:
        answer = requests.head(url, timeout=PATIENCE_SECONDS, allow_redirects=False)
    except requests.RequestException:
        return False
    return answer.ok and not answer.is_redirect


class Subscriptions:
    """Everybody's subscriptions, and the actions on them."""

    def __init__(self, tokens: Tokens, *, answers: Callable[[str], bool] = answers_head) -> None:
        """Start without any; `answers` asks an address whether it is there."""
        self._tokens = tokens
        self._answers = answers
        self._lock = threading.Lock()
        self._kept: list[Subscription] = []

    def act(self, action: str, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Carry out one of the actions for whom the access token speaks."""
        does = (self.subscribe, self.get, self.show_all, self.revoke, self.update)
        return dict(zip(ACTIONS, does, strict=True))[action](access, fields)

    def subscribe(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Keep a subscription, once however often it is asked for."""
        grant = self._tokens.use(access)
        wanted = _named(grant, fields)
        _check_allowed(grant, wanted.appli)
        self._check_callback(wanted.url)
        self._keep(wanted, instead_of=wanted)
        return {}

    def get(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Show one subscription."""
        found = self._found(_named(self._tokens.use(access), fields))
        return {"appli": found.appli, "callbackurl": found.url, "comment": found.comment}

    def show_all(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Show the user's subscriptions, of one event where it is named."""
        user_id = self._tokens.use(access).person.user_id
        appli = _appli(fields["appli"]) if fields.get("appli") else None
        return {"profiles": [one.profile() for one in self.of(user_id, appli)]}

    def revoke(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Forget one subscription; raises Refused when there is no such."""
        found = self._found(_named(self._tokens.use(access), fields))
        self._keep(None, instead_of=found)
        return {}

    def update(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Put another address or event in the place of one."""
        grant = self._tokens.use(access)
        found = self._found(_named(grant, fields))
        wanted = replace(
            found,
            url=fields.get("new_callbackurl") or found.url,
            appli=_appli(fields["new_appli"]) if fields.get("new_appli") else found.appli,
            comment=fields.get("comment") or found.comment,
        )
        _check_allowed(grant, wanted.appli)
        self._check_callback(wanted.url)
        self._keep(wanted, instead_of=found)
        return {}

    def of(self, user_id: int | None, appli: int | None = None) -> list[Subscription]:
        """Give the subscriptions of a user, or of everybody; of one event where it is named."""
        with self._lock:
            return [
                one
                for one in self._kept
                if user_id in {None, one.user_id} and appli in {None, one.appli}
            ]

    def drop(self, user_id: int | None) -> None:
        """Forget all that a user subscribed to, or everybody did."""
        with self._lock:
            self._kept = [one for one in self._kept if user_id not in {None, one.user_id}]

    def _keep(self, wanted: Subscription | None, *, instead_of: Subscription) -> None:
        gone = {_key(one) for one in (wanted, instead_of) if one is not None}
        with self._lock:
            self._kept = [one for one in self._kept if _key(one) not in gone]
            self._kept += [wanted] if wanted is not None else []

    def _found(self, named: Subscription) -> Subscription:
        found = next((one for one in self.of(named.user_id) if _key(one) == _key(named)), None)
        if found is None:
            raise Refused(NO_SUBSCRIPTION, "No such subscription was found")
        return found

    def _check_callback(self, url: str) -> None:
        if not _is_address(url) or not self._answers(url):
            raise Refused(BAD_CALLBACK, "The callback URL is either absent or incorrect")


def _key(one: Subscription) -> tuple[int, int, str]:
    return one.user_id, one.appli, one.url


def _named(grant: Grant, fields: Mapping[str, str]) -> Subscription:
    url = fields.get("callbackurl")
    if not url:
        raise invalid_params("missing callbackurl")
    return Subscription(
        user_id=grant.person.user_id,
        appli=_appli(fields.get("appli", "")),
        url=url,
        comment=fields.get("comment", ""),
    )


def _appli(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) not in SCOPES:
        raise invalid_params("invalid appli")
    return int(text)


def _check_allowed(grant: Grant, appli: int) -> None:
    if SCOPES[appli] not in grant.scopes:
        raise Refused(NOT_ALLOWED, f"Insufficient scope: {SCOPES[appli]}")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if len(url) > LONGEST_URL or parts.scheme not in {"http", "https"}:
        return False
    if host in LOOPBACK:
        return True
    return parts.scheme == "https" and port in PORTS and "." in host and not _is_number(host)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
