"""Whose changes this deployment's subscriber is told of, and in which data types.

Belongs here: the subscriptions of one user. Not here: the address that is told (`subscribers.py`), or
which data types a link wants (`ohx_pipelines/notifying.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ohx_pipelines.errors import VendorDown, VendorRejected
from ohx_pipelines.providers.google_health.administration import Administration, Order
from ohx_pipelines.providers.google_health.subscribers import CONFLICT, NOT_FOUND
from ohx_pipelines.providers.google_health.subscribers import PATH as SUBSCRIBERS

USER, TYPES = "user", "dataTypes"
# An id has at most 36 characters and begins with a letter.
_ID_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One subscription of a user."""

    id: str
    types: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """The subscriptions of the subscriber with the id `own`: one for each user, made by us."""

    administration: Administration = field(repr=False)
    own: str

    def types_of(self, user: str) -> frozenset[str]:
        """Give the data types that a user is subscribed to; none where there is no subscriber."""
        return frozenset[str]().union(*(one.types for one in self._of(user)))

    def add(self, user: str, data_type: str) -> None:
        """Subscribe a user to a data type besides those that there are; repeating does no harm."""
        # A second look when another process subscribed the same user in between.
        for _ in range(2):
            known = self._of(user)
            if any(data_type in one.types for one in known):
                return
            if known:
                self._set(known[0], user, known[0].types | {data_type})
                return
            if self._created(user, data_type):
                return
        message = "Google has not taken note of the subscription yet"
        raise VendorDown(message)

    def remove(self, user: str, data_type: str) -> None:
        """End a user's subscription to a data type; repeating does no harm."""
        for one in self._of(user):
            if data_type in one.types:
                self._set(one, user, one.types - {data_type})

    def end(self, user: str) -> None:
        """Take away every subscription of a user, and with them the user's id; repeating does no harm."""
        for one in self._of(user):
            try:
                order = Order(method="DELETE", path=f"{self._path}/{one.id}")
                self.administration.request(order)
            except VendorRejected as error:
                if error.status != NOT_FOUND:
                    raise

    def _of(self, user: str) -> list[Subscription]:
        params = {"filter": f'user = "users/{user}"'}
        try:
            rows = self.administration.rows(self._path, "subscriptions", params)
        except VendorRejected as error:
            if error.status != NOT_FOUND:
                raise
            rows = []
        # Sorted, so that all processes change the same one.
        found = [_subscription(row) for row in rows if row.get(USER) == f"users/{user}"]
        return sorted(found, key=lambda one: one.id)

    def _created(self, user: str, data_type: str) -> bool:
        """Give False when it is there already: another process was faster."""
        order = Order(
            method="POST",
            path=self._path,
            params={"subscriptionId": subscription_id(user)},
            body={USER: f"users/{user}", TYPES: _named(user, [data_type])},
        )
        try:
            self.administration.request(order)
        except VendorRejected as error:
            if error.status != CONFLICT:
                raise
            return False
        return True

    def _set(self, one: Subscription, user: str, types: Iterable[str]) -> None:
        """Leave a subscription with these types; with none it would be one to all of them."""
        path, named = f"{self._path}/{one.id}", _named(user, types)
        if not named:
            self.administration.request(Order(method="DELETE", path=path))
            return
        order = Order(method="PATCH", path=path, params={"updateMask": TYPES}, body={TYPES: named})
        self.administration.request(order)

    @property
    def _path(self) -> str:
        return f"{SUBSCRIBERS}/{self.own}/subscriptions"


def subscription_id(user: str) -> str:
    """Give the id of a user's subscription: the same in every process, and it names nobody."""
    return f"u{hashlib.sha256(user.encode()).hexdigest()[:_ID_LENGTH]}"


def _named(user: str, types: Iterable[str]) -> list[str]:
    return [f"users/{user}/dataTypes/{one}" for one in sorted(types)]


def _subscription(row: Mapping[str, Any]) -> Subscription:
    types = row.get(TYPES)
    # Google's guide shows them with the user before them and without.
    return Subscription(
        id=str(row.get("name")).rpartition("/")[2],
        types=frozenset(
            str(one).rpartition("/")[2] for one in (types if isinstance(types, list) else [])
        ),
    )
