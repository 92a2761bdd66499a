"""Registered clients of the authorization server: keys or a secret, and what each may ask for.

Belongs here: who is registered and with what. Not here: judging an assertion (`assertions.py`).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.smart.scopes import Scopes

JWKS_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Client:
    """One registration: public keys inline or at an address, or a secret."""

    client_id: str
    scopes: Scopes
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    secret: str | None = field(default=None, repr=False)

    def keys(self) -> KeySet | None:
        """Give the public keys as they are now; None when there are none to be had."""
        published = self.jwks
        if self.jwks_uri is not None:
            try:
                published = requests.get(self.jwks_uri, timeout=JWKS_SECONDS).json()
            except requests.RequestException:
                return None
        try:
            keys = KeySet.import_key_set(published)  # type: ignore[arg-type]  # judged right here
        except (JoseError, AttributeError, KeyError, TypeError, ValueError):
            return None
        # Whoever publishes a private key has no key any more.
        return None if any(key.is_private for key in keys) else keys

    def has_secret(self, given: str) -> bool:
        """Say whether this is the client's secret; a client with keys has none."""
        return self.secret is not None and compare_digest(self.secret.encode(), given.encode())


class Clients:
    """All registrations by client id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}

    def register(self, client: Client) -> None:
        """Take a registration; a later one replaces an earlier one of the same id."""
        with self._lock:
            self._clients[client.client_id] = client

    def find(self, client_id: str) -> Client | None:
        """Give the client of an id."""
        with self._lock:
            return self._clients.get(client_id)

    def with_secret(self, client_id: str, secret: str) -> Client | None:
        """Give the client whose id and secret these are."""
        client = self.find(client_id)
        return client if client is not None and client.has_secret(secret) else None

    def scopes_of(self, client_id: str, secret: str) -> Scopes | None:
        """Give what a client may do that signs in with its secret, without any token."""
        client = self.with_secret(client_id, secret)
        return None if client is None else client.scopes
