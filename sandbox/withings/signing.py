"""Nonces and HMAC signatures, which revoking needs and token calls may use.

Belongs here: the vendor's signature scheme. Not here: the calls that are signed (`oauth.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from sandbox.clock import Clock
from sandbox.withings.envelope import invalid_params

NONCE_SECONDS = 30 * 60


def sign(secret: str, *values: str) -> str:
    """Give the hex HMAC-SHA256 of the values, joined by commas."""
    return hmac.new(secret.encode(), ",".join(values).encode(), hashlib.sha256).hexdigest()


def check_signature(given: str, secret: str, *values: str) -> None:
    """Raise Refused (503) unless `given` signs the values."""
    if not hmac.compare_digest(given.encode(), sign(secret, *values).encode()):
        raise invalid_params("invalid signature")


class Nonces:
    """Nonces: each good for one signed call within half an hour."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self._lock = threading.Lock()
        self._expiry: dict[str, float] = {}

    def issue(self) -> str:
        """Give a new nonce."""
        nonce = secrets.token_hex(20)
        with self._lock:
            self._expiry[nonce] = self._clock.now() + NONCE_SECONDS
        return nonce

    def spend(self, nonce: str) -> None:
        """Use a nonce up; raises Refused (503) for one that is unknown, used or too old."""
        with self._lock:
            expires_at = self._expiry.pop(nonce, None)
        if expires_at is None or self._clock.now() >= expires_at:
            raise invalid_params("invalid nonce")
