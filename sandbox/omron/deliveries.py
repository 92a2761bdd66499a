"""Telling the registered address of an upload: unsigned JSON, sent once more without a 200.

Belongs here: what is sent, when, and how it went. Not here: what was uploaded (`store.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import requests

from sandbox.clock import Clock
from sandbox.omron.accounts import omron_user
from sandbox.omron.settings import Settings
from sandbox.people import Person

TAKEN = 200
NO_ANSWER = 0
TRIES = 2
# Agreed with each partner; this is ours.
PAUSE_SECONDS = 60
PATIENCE_SECONDS = 5
LOOK_SECONDS = 0.1


@dataclass(kw_only=True)
class Delivery:
    """One notification on its way; `status` is what was answered last, 0 for no answer."""

    url: str
    body: Mapping[str, str]
    due_at: float
    state: Literal["waiting", "delivered", "given_up"] = "waiting"
    tried_at: list[float] = field(default_factory=list)
    status: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as tests see it."""
        return {
            "url": self.url,
            "body": dict(self.body),
            "state": self.state,
            "tried_at": list(self.tried_at),
            "status": self.status,
        }


def post_json(url: str, body: Mapping[str, str]) -> int:
    """Post JSON; gives the status of the answer, 0 when there is none in time."""
    try:
        answer = requests.post(
            url, json=dict(body), timeout=PATIENCE_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return NO_ANSWER
    return answer.status_code


class Deliveries:
    """All notifications, in the order in which they came to be."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        consented: Callable[[Person], Collection[str]],
        post: Callable[[str, Mapping[str, str]], int] = post_json,
    ) -> None:
        """Tell the registered address; `consented` gives the scopes that a person allows now."""
        self._settings = settings
        self._clock = clock
        self._consented = consented
        self._post = post
        self._lock = threading.Lock()
        # Held while something is being sent: nothing is sent twice at once.
        self._sending = threading.Lock()
        self._all: list[Delivery] = []

    def tell(self, person: Person, type_: str) -> int:
        """Tell of an upload of a type, if the person shares it; gives how many are told."""
        url = self._settings.notify_url
        if url is None or type_ not in self._consented(person):
            return 0
        now = self._clock.now()
        # The server's time, not the reading's: readings may be of another day, or days old.
        told_at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        body = {"id": omron_user(person), "timestamp": told_at, "type": type_}
        with self._lock:
            self._all.append(Delivery(url=url, body=body, due_at=now))
        return 1

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
        one.status = self._post(one.url, one.body)
        if one.status == TAKEN:
            one.state = "delivered"
        elif len(one.tried_at) >= TRIES:
            one.state = "given_up"
        else:
            one.due_at = one.tried_at[-1] + PAUSE_SECONDS

    def _run(self) -> None:
        while True:
            self.deliver_due()
            time.sleep(LOOK_SECONDS)
