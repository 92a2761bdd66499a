"""Telling subscribers of changes: signed bodies, sent again after growing pauses for seven days.

Belongs here: who is told, what is sent and when, and how it went. Not here: what a notification says
(`notices.py`), keys (`keyset.py`), who subscribed (`subscribers.py`, `subscriptions.py`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from sandbox.clock import Clock
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.keyset import HEADER, Keyset
from sandbox.google_health.notices import DELETE, Event
from sandbox.google_health.subscriber_fields import AUTOMATIC, MANUAL
from sandbox.google_health.subscribers import (
    ACTIVE,
    NO_ANSWER,
    PATIENCE_SECONDS,
    Subscriber,
    Subscribers,
)
from sandbox.google_health.subscriptions import Subscriptions
from sandbox.google_health.tellable import SCOPES
from sandbox.people import Person

TAKEN = 204
USER_AGENT = "Google-Health-API-Webhooks"
MOST_TOGETHER = 10
LONGEST_PAUSE_SECONDS = 3_600
KEPT_SECONDS = 7 * 86_400
LOOK_SECONDS = 0.1


@dataclass(kw_only=True)
class Delivery:
    """One body on its way; `status` is what was answered last, 0 for no answer."""

    subscriber: str
    notifications: Sequence[Mapping[str, Any]]
    made_at: float
    due_at: float
    state: Literal["waiting", "delivered", "given_up"] = "waiting"
    tried_at: list[float] = field(default_factory=list)
    status: int | None = None

    def body(self) -> bytes:
        """Give the bytes that are signed and sent: an object, or a list of several."""
        one = len(self.notifications) == 1
        said = self.notifications[0] if one else list(self.notifications)
        return json.dumps(said, separators=(",", ":")).encode()

    def as_json(self) -> dict[str, Any]:
        """Give it as tests see it."""
        return {
            "subscriber": self.subscriber,
            "notifications": list(self.notifications),
            "state": self.state,
            "tried_at": list(self.tried_at),
            "status": self.status,
        }


def post_signed(uri: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a body as it is; gives the status of the answer, 0 when there is none in time."""
    try:
        answer = requests.post(
            uri, data=body, headers=headers, timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return NO_ANSWER
    return answer.status_code


class Deliveries:
    """All notifications, in the order in which they came to be."""

    def __init__(
        self,
        subscribers: Subscribers,
        subscriptions: Subscriptions,
        keyset: Keyset,
        clock: Clock,
        *,
        consented: Callable[[Person], Collection[str]],
        post: Callable[[str, bytes, Mapping[str, str]], int] = post_signed,
    ) -> None:
        """Tell subscribers; `consented` gives the scopes that a person allows now."""
        self._subscribers = subscribers
        self._subscriptions = subscriptions
        self._keyset = keyset
        self._clock = clock
        self._consented = consented
        self._post = post
        self._lock = threading.Lock()
        # Held while something is being sent: nothing is sent twice at once.
        self._sending = threading.Lock()
        self._all: list[Delivery] = []

    def tell(self, events: Sequence[Event]) -> int:
        """Have all told whom these events concern; gives how many notifications that makes."""
        allowed = [one for one in events if self._is_allowed(one.person, one.type)]
        return sum(self._queue(subscriber, allowed) for subscriber in self._subscribers.all())

    def consent_ends(self, person: Person) -> None:
        """Tell that all of a person's data is gone; to be called while the consent still stands."""
        self.tell([Event(person=person, type=one, operation=DELETE) for one in SCOPES])

    def deliver_due(self) -> int:
        """Send what is due by the clock; gives how many tries were made."""
        with self._sending:
            now = self._clock.now()
            with self._lock:
                due = [one for one in self._all if one.state == "waiting" and one.due_at <= now]
            for one in due:
                self._try(one)
        return len(due)

    def start(self) -> None:
        """Send what is due from a thread that ends with the process."""
        threading.Thread(target=self._run, daemon=True).start()

    def all(self) -> list[Delivery]:
        """Give everything that was told or is to be."""
        with self._lock:
            return list(self._all)

    def _queue(self, subscriber: Subscriber, events: Sequence[Event]) -> int:
        said = [event.as_json(name) for event in events for name in self._names(subscriber, event)]
        now = self._clock.now()
        with self._lock:
            self._all += [
                Delivery(
                    subscriber=subscriber.id,
                    notifications=said[at : at + MOST_TOGETHER],
                    made_at=now,
                    due_at=now,
                )
                for at in range(0, len(said), MOST_TOGETHER)
            ]
        return len(said)

    def _names(self, subscriber: Subscriber, event: Event) -> Iterator[str]:
        """Give a name for each way in which a subscriber wants to know of an event."""
        if subscriber.state != ACTIVE:
            return
        if event.type in subscriber.types(AUTOMATIC):
            yield subscriber.id
        if event.type in subscriber.types(MANUAL):
            user = health_user_id(event.person)
            for one in self._subscriptions.of(subscriber):
                if one.user == user and event.type in one.types:
                    yield one.id

    def _is_allowed(self, person: Person, data_type: str) -> bool:
        return SCOPES.get(data_type) in self._consented(person)

    def _try(self, one: Delivery) -> None:
        subscriber = self._subscribers.get(one.subscriber)
        if subscriber is None:
            one.state = "given_up"
            return
        one.tried_at.append(self._clock.now())
        one.status = self._send(subscriber, one.body())
        pause = min(2 ** (len(one.tried_at) - 1), LONGEST_PAUSE_SECONDS)
        one.due_at = one.tried_at[-1] + pause
        if one.status == TAKEN:
            one.state = "delivered"
        elif one.due_at > one.made_at + KEPT_SECONDS:
            one.state = "given_up"

    def _send(self, subscriber: Subscriber, body: bytes) -> int:
        headers = {
            "Authorization": subscriber.secret,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            HEADER: self._keyset.sign(body),
        }
        return self._post(subscriber.uri, body, headers)

    def _run(self) -> None:
        while True:
            self.deliver_due()
            time.sleep(LOOK_SECONDS)
