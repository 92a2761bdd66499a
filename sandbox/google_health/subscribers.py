"""Subscribers of the registered project: which address is told of changes to which data types.

Belongs here: keeping them, and asking an address whether it is its owner's. Not here: what may be in a
field (`subscriber_fields.py`), subscriptions of single users (`subscriptions.py`), HTTP
(`project_calls.py`), telling (`deliveries.py`).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import requests

from sandbox.clock import Clock
from sandbox.google_health.errors import Refused, not_found
from sandbox.google_health.service_accounts import PROJECT_NUMBER
from sandbox.google_health.subscriber_fields import (
    AUTHORIZATION,
    CONFIGS,
    FIELDS,
    URI,
    Config,
    already_exists,
    checked_id,
    masked,
    read_configs,
    read_secret,
    read_uri,
)

ACTIVE = "ACTIVE"
STATES = (ACTIVE, "INACTIVE", "UNVERIFIED")
USER_AGENT = "Google-Health-API-Webhooks-Verifier"
PATIENCE_SECONDS = 5.0
NO_ANSWER = 0


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """One registered address; the secret is never shown again."""

    id: str
    uri: str
    secret: str = field(repr=False)
    configs: tuple[Config, ...]
    created_at: float
    updated_at: float
    state: str = ACTIVE

    @property
    def name(self) -> str:
        """The resource's name."""
        return f"projects/{PROJECT_NUMBER}/subscribers/{self.id}"

    def types(self, policy: str) -> frozenset[str]:
        """Give the data types of a policy."""
        return frozenset(one for c in self.configs if c.policy == policy for one in c.types)

    def as_json(self) -> dict[str, Any]:
        """Give the resource as it goes over the wire."""
        return {
            "name": self.name,
            URI: self.uri,
            CONFIGS: [one.as_json() for one in self.configs],
            AUTHORIZATION: {"secretSet": True},
            "state": self.state,
            "createTime": _time(self.created_at),
            "updateTime": _time(self.updated_at),
        }


def post_challenge(uri: str, secret: str | None) -> int:
    """Ask an address once; gives the status of the answer, 0 when there is none in time."""
    headers = {"User-Agent": USER_AGENT} | ({} if secret is None else {"Authorization": secret})
    try:
        answer = requests.post(
            uri,
            json={"type": "verification"},
            headers=headers,
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException:
        return NO_ANSWER
    return answer.status_code


class Subscribers:
    """All subscribers, by their id."""

    def __init__(
        self, clock: Clock, *, ask: Callable[[str, str | None], int] = post_challenge
    ) -> None:
        """Start without any; `ask` puts the challenge to an address, with a secret or without."""
        self._clock = clock
        self._ask = ask
        self._lock = threading.Lock()
        self._kept: dict[str, Subscriber] = {}

    def create(self, wanted: str | None, given: Mapping[str, Any]) -> Subscriber:
        """Register an address that proves to be its owner's; raises Refused."""
        number = str(uuid.uuid4()) if wanted is None else checked_id(wanted, "subscriberId")
        self._refuse_taken(number)
        now = self._clock.now()
        made = Subscriber(
            id=number,
            uri=read_uri(given.get(URI)),
            secret=read_secret(given.get(AUTHORIZATION)),
            configs=read_configs(given.get(CONFIGS, [])),
            created_at=now,
            updated_at=now,
        )
        self._verify(made)
        with self._lock:
            # The address took its time to answer: another call may have come first.
            if self._kept.setdefault(number, made) is not made:
                raise already_exists()
        return made

    def patch(self, number: str, given: Mapping[str, Any], mask: str | None) -> Subscriber:
        """Change the fields of a mask, or those that are given; raises Refused."""
        before = self.find(number)
        fields = masked(mask, given, FIELDS)
        after = replace(
            before,
            uri=read_uri(given.get(URI)) if URI in fields else before.uri,
            secret=read_secret(given.get(AUTHORIZATION))
            if AUTHORIZATION in fields
            else before.secret,
            configs=read_configs(given.get(CONFIGS, [])) if CONFIGS in fields else before.configs,
            updated_at=self._clock.now(),
        )
        if fields & {URI, AUTHORIZATION}:
            self._verify(after)
        return self._put(after)

    def delete(self, number: str) -> None:
        """Forget a subscriber; raises Refused when there is no such."""
        self.find(number)
        with self._lock:
            self._kept.pop(number, None)

    def set_state(self, number: str, state: str) -> Subscriber:
        """Have the vendor switch a subscriber off, or on again."""
        return self._put(replace(self.find(number), state=state))

    def find(self, number: str) -> Subscriber:
        """Give a subscriber; raises Refused when there is no such."""
        with self._lock:
            found = self._kept.get(number)
        if found is None:
            raise not_found()
        return found

    def get(self, number: str) -> Subscriber | None:
        """Give a subscriber, or None."""
        with self._lock:
            return self._kept.get(number)

    def all(self) -> list[Subscriber]:
        """Give every subscriber."""
        with self._lock:
            return list(self._kept.values())

    def _put(self, one: Subscriber) -> Subscriber:
        with self._lock:
            self._kept[one.id] = one
        return one

    def _refuse_taken(self, number: str) -> None:
        with self._lock:
            if number in self._kept:
                raise already_exists()

    def _verify(self, one: Subscriber) -> None:
        # Both are asked, and at once: the vendor does not answer its caller before.
        with_secret, without = self._ask(one.uri, one.secret), self._ask(one.uri, None)
        if with_secret not in {200, 201} or without not in {401, 403}:
            raise Refused(400, "FAILED_PRECONDITION", "Endpoint verification failed")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
