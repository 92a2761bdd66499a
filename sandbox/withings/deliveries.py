"""Telling an address of an event: an unsigned form, sent again on the vendor's ladder.

Belongs here: what is sent, when, and how it went. Not here: who subscribed (`notify.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.notify import ACCOUNT, PATIENCE_SECONDS, Subscription, Subscriptions

# Seconds from one try to the next; after the last one there is none.
LADDER = (10, 60, 3_600, 4 * 3_600)
LOOK_SECONDS = 0.1
SUCCESS = range(200, 300)
NO_ANSWER = 0


@dataclass(kw_only=True)
class Delivery:
    """One notification on its way; `status` is what was answered last, 0 for no answer."""

    subscription: Subscription
    fields: Mapping[str, str]
    due_at: float
    state: Literal["waiting", "delivered", "given_up"] = "waiting"
    tried_at: list[float] = field(default_factory=list)
    status: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as tests see it."""
        return {
            "url": self.subscription.url,
            "fields": dict(self.fields),
            "state": self.state,
            "tried_at": list(self.tried_at),
            "status": self.status,
        }


def post_form(url: str, fields: Mapping[str, str]) -> int:
    """Post a form; gives the status of the answer, 0 when there is none in time."""
    try:
        answer = requests.post(
            url, data=dict(fields), timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return NO_ANSWER
    return answer.status_code


class Deliveries:
    """All notifications, in the order in which they came to be."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        clock: Clock,
        *,
        post: Callable[[str, Mapping[str, str]], int] = post_form,
    ) -> None:
        """Tell those who subscribed; `post` sends a form and gives the status."""
        self._subscriptions = subscriptions
        self._clock = clock
        self._post = post
        self._lock = threading.Lock()
        # Held while something is being sent: nothing is sent twice at once.
        self._sending = threading.Lock()
        self._all: list[Delivery] = []

    def tell(self, person: Person, appli: int, said: Mapping[str, str]) -> int:
        """Have everybody told who subscribed to the person's event; gives how many that are."""
        fields = {"userid": str(person.user_id), "appli": str(appli), **said}
        told = self._subscriptions.of(person.user_id, appli)
        now = self._clock.now()
        with self._lock:
            self._all += [Delivery(subscription=one, fields=fields, due_at=now) for one in told]
        return len(told)

    def user_left(self, person: Person) -> None:
        """Tell that a person took the permission away at the vendor's; nothing else is told then."""
        self.tell(person, ACCOUNT, {"action": "unlink"})
        self._subscriptions.drop(person.user_id)

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

    def _try(self, one: Delivery) -> None:
        one.tried_at.append(self._clock.now())
        one.status = self._post(one.subscription.url, one.fields)
        tries = len(one.tried_at)
        if one.status in SUCCESS:
            one.state = "delivered"
        elif tries > len(LADDER):
            one.state = "given_up"
        else:
            one.due_at = one.tried_at[-1] + LADDER[tries - 1]

    def _run(self) -> None:
        while True:
            self.deliver_due()
            time.sleep(LOOK_SECONDS)
