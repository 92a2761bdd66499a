"""Access tokens of the authorization server: opaque, short-lived, all of them revocable.

Belongs here: what is valid, until when, and how often tokens were asked for. Not here: who may have
one (`server.py`).
"""

from __future__ import annotations

import secrets
import threading

from sandbox.clock import Clock
from sandbox.smart.scopes import Scopes

LIFETIME_SECONDS = 300


class Tokens:
    """The tokens that were given out, by the sandbox's clock."""

    def __init__(self, clock: Clock) -> None:
        """Start without any; `lifetime_seconds` may be changed for those that follow."""
        self.lifetime_seconds = LIFETIME_SECONDS
        self._clock = clock
        self._lock = threading.Lock()
        self._valid: dict[str, tuple[Scopes, float]] = {}

    def issue(self, scopes: Scopes) -> str:
        """Give a new token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._valid[token] = scopes, self._clock.now() + self.lifetime_seconds
        return token

    def scopes_of(self, token: str) -> Scopes | None:
        """Give what a token allows; None when it is unknown, over or revoked."""
        with self._lock:
            scopes, ends_at = self._valid.get(token, (None, 0.0))
        return scopes if self._clock.now() < ends_at else None

    def revoke(self) -> None:
        """End every token at once."""
        with self._lock:
            self._valid.clear()
