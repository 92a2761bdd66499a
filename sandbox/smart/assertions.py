"""Signed client assertions (private_key_jwt): whether one proves that a client is who it says.

Belongs here: each check of SMART App Launch 2.2, asymmetric client authentication. Not here: who is
registered (`clients.py`), and what a proven client gets (`server.py`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from sandbox.smart.clients import Client, Clients

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("ES384", "RS384")
MOST_SECONDS_AHEAD = 300


class WrongAssertion(Exception):
    """The assertion proves nothing; the message says why, without quoting it."""


class Assertions:
    """Judges assertions and remembers each `jti`, so that none counts twice."""

    def __init__(self, clients: Clients, now: Callable[[], float] = time.time) -> None:
        """Judge by real time: the client that signs has no clock that tests move."""
        self._clients = clients
        self._now = now
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()

    def prove(self, assertion: str, token_endpoint: str) -> Client:
        """Give the client that an assertion proves; raises WrongAssertion."""
        client = self._claimed(assertion)
        claims = _verified(assertion, client)
        self._check_claims(claims, client.client_id, token_endpoint)
        self._use_up(client.client_id, claims.get("jti"))
        return client

    def _claimed(self, assertion: str) -> Client:
        """Find out whose key to try; nothing of it is believed yet."""
        try:
            claims = json.loads(jws.extract_compact(assertion.encode()).payload)
            client = self._clients.find(str(claims["iss"]))
        except (JoseError, KeyError, TypeError, ValueError):
            raise WrongAssertion("the assertion is no JWT with an iss") from None
        if client is None:
            raise WrongAssertion("iss is no registered client")
        return client

    def _check_claims(self, claims: dict[str, Any], client_id: str, token_endpoint: str) -> None:
        if not claims.get("iss") == claims.get("sub") == client_id:
            raise WrongAssertion("iss and sub must both be the client id")
        if claims.get("aud") not in (token_endpoint, [token_endpoint]):
            raise WrongAssertion("aud must be the token endpoint")
        expires = claims.get("exp")
        if not isinstance(expires, int | float) or isinstance(expires, bool):
            raise WrongAssertion("exp must be a number of seconds")
        if expires <= self._now():
            raise WrongAssertion("exp lies in the past")
        if expires > self._now() + MOST_SECONDS_AHEAD:
            raise WrongAssertion("exp lies more than five minutes ahead")

    def _use_up(self, client_id: str, jti: Any) -> None:
        if not isinstance(jti, str) or not jti:
            raise WrongAssertion("jti is missing")
        with self._lock:
            if (client_id, jti) in self._seen:
                raise WrongAssertion("jti was used before")
            self._seen.add((client_id, jti))


def _verified(assertion: str, client: Client) -> dict[str, Any]:
    header = jws.extract_compact(assertion.encode()).headers()
    if header.get("alg") not in ALGORITHMS or header.get("typ") != "JWT":
        raise WrongAssertion(f"alg must be one of {', '.join(ALGORITHMS)}, typ must be JWT")
    keys = client.keys()
    if keys is None:
        raise WrongAssertion("the client has no public keys that can be had")
    key = next((one for one in keys if one.kid == header.get("kid")), None)
    if not header.get("kid") or key is None:
        raise WrongAssertion("kid names none of the client's public keys")
    try:
        return jwt.decode(assertion, key, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError):
        raise WrongAssertion("the signature is not that of the client's key") from None
