"""Subscriptions of single users, for the data types that a subscriber configured as MANUAL.

Belongs here: keeping them and finding them by a filter. Not here: the language of filters
(`subscription_filter.py`), subscribers (`subscribers.py`), HTTP (`project_calls.py`).
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.google_health.errors import invalid, not_found
from sandbox.google_health.subscriber_fields import MANUAL, already_exists, checked_id, masked
from sandbox.google_health.subscribers import Subscriber
from sandbox.google_health.subscription_filter import read_filter

USER, TYPES = "user", "dataTypes"
_TYPE = re.compile(r"(?:users/(?P<user>[^/]+)/dataTypes/)?(?P<type>[^/]+)")


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One user whose data of these types a subscriber is told of."""

    id: str
    parent: str  # the subscriber's resource name
    user: str  # the public healthUserId
    types: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the resource as it goes over the wire."""
        return {
            "name": f"{self.parent}/subscriptions/{self.id}",
            USER: f"users/{self.user}",
            TYPES: [f"users/{self.user}/dataTypes/{one}" for one in self.types],
        }


class Subscriptions:
    """All subscriptions, by their subscriber and id."""

    def __init__(self, knows: Callable[[str], bool]) -> None:
        """Start without any; `knows` says whether somebody has a healthUserId."""
        self._knows = knows
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Subscription] = {}

    def create(
        self, subscriber: Subscriber, wanted: str | None, given: Mapping[str, Any]
    ) -> Subscription:
        """Subscribe a user; raises Refused."""
        number = str(uuid.uuid4()) if wanted is None else checked_id(wanted, "subscriptionId")
        user = self._user(given.get(USER))
        types = _types(given.get(TYPES, []), user, subscriber)
        made = Subscription(id=number, parent=subscriber.name, user=user, types=types)
        with self._lock:
            if self._kept.setdefault((subscriber.id, number), made) is not made:
                raise already_exists()
        return made

    def patch(
        self, subscriber: Subscriber, number: str, given: Mapping[str, Any], mask: str | None
    ) -> Subscription:
        """Change the data types of one; raises Refused."""
        before = self._find(subscriber, number)
        if given.get(USER, f"users/{before.user}") != f"users/{before.user}":
            raise invalid("user is immutable")
        if TYPES not in masked(mask, given, (TYPES,)):
            return before
        types = _types(given.get(TYPES, []), before.user, subscriber)
        after = replace(before, types=types)
        with self._lock:
            self._kept[subscriber.id, number] = after
        return after

    def delete(self, subscriber: Subscriber, number: str) -> None:
        """Forget one; raises Refused when there is no such."""
        self._find(subscriber, number)
        with self._lock:
            self._kept.pop((subscriber.id, number), None)

    def drop(self, subscriber: Subscriber) -> None:
        """Forget all of a subscriber."""
        with self._lock:
            gone = [key for key in self._kept if key[0] == subscriber.id]
            for key in gone:
                del self._kept[key]

    def of(self, subscriber: Subscriber, text: str = "") -> list[Subscription]:
        """Give those of a subscriber that a filter lets through; raises Refused for a wrong one."""
        accepts = read_filter(text)
        with self._lock:
            kept = [one for (of, _), one in self._kept.items() if of == subscriber.id]
        return [one for one in kept if accepts(f"users/{one.user}", one.types)]

    def _find(self, subscriber: Subscriber, number: str) -> Subscription:
        with self._lock:
            found = self._kept.get((subscriber.id, number))
        if found is None:
            raise not_found()
        return found

    def _user(self, given: Any) -> str:
        kind, _, user = given.partition("/") if isinstance(given, str) else ("", "", "")
        if kind != "users" or not user:
            raise invalid("user must be users/{healthUserId}")
        if not self._knows(user):
            raise not_found()
        return user


def _types(given: Any, user: str, subscriber: Subscriber) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise invalid("dataTypes must be a list")
    types = tuple(_type(one, user) for one in given)
    if not set(types) <= subscriber.types(MANUAL):
        raise invalid("the subscriber has no MANUAL configuration of such a data type")
    return types or tuple(sorted(subscriber.types(MANUAL)))


def _type(given: Any, user: str) -> str:
    named = _TYPE.fullmatch(given) if isinstance(given, str) else None
    if named is None or named["user"] not in {None, user}:
        raise invalid("dataTypes must be data types of that user")
    return named["type"]
