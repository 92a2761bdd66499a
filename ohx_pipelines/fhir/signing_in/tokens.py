"""Access tokens of an EHR: asked for with our credentials, kept in memory, shared by all threads.

Belongs here: the token request and the one token of a connection. Not here: which kinds of auth
there are (`auth.py`), where the endpoint is (`signing_in/endpoint.py`).
"""

from __future__ import annotations

import copy
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from ohx_pipelines.errors import EhrDown, EhrError, EhrMalformed, SignInRefused
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.signing_in.endpoint import OK, PASSING, as_it_is, passing, token_endpoint

# A token this close to its end could die on the way.
MARGIN_SECONDS = 30.0
# What SMART recommends, for servers that do not say it.
USUAL_SECONDS = 300.0
# How long a refusal is believed without asking again.
REFUSED_SECONDS = 10.0
VISIBLE = re.compile(r"[\x21-\x7e]+")
# RFC 6749 section 5.2. The server's own words never pass; these are ours.
_REFUSALS = {
    "invalid_client": "it does not accept client id, secret or key: register them there again "
    "(`ohx ehr keys` prints the public key)",
    "invalid_scope": "it does not grant the scope: change OHX_EHR__SCOPE (or `ohx ehr add --scope`)",
    "unauthorized_client": "the client may not use client credentials: have the EHR allow it",
    "unsupported_grant_type": "it knows no client credentials: choose another kind of auth",
}
_UNKNOWN_REFUSAL = "look at the connection's auth, client id and scope (`ohx ehr list`)"


# Headers and form fields of a token request.
Credentials = tuple[dict[str, str], dict[str, str]]


@dataclass(frozen=True)
class Token:
    """An Authorization header, and when it ends by the monotonic clock."""

    header: str = field(repr=False)
    ends_at: float

    def is_fresh(self) -> bool:
        """Tell whether a request may still set out with it."""
        return time.monotonic() < self.ends_at


class TokenBox:
    """The one token of a connection: whoever finds none fetches it, all others wait for that."""

    def __init__(self) -> None:
        """Begin without a token."""
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._failure: EhrError | None = None
        self._failed_at = 0.0
        self._renewed_at = -math.inf
        self._fetches = 0

    def header(self, fetch: Callable[[], Token]) -> str:
        """Give the header, fetched when there is none that lasts."""
        came_at = self._fetches
        with self._lock:
            if self._token is None or not self._token.is_fresh():
                self._fetch(fetch, came_at)
            return self._given().header

    def renew(self, refused: str | None, fetch: Callable[[], Token]) -> bool:
        """Replace the header that was refused; tell whether there is another one now.

        An EHR that refuses the new one as well would refuse the next: that is not asked for at once.
        """
        came_at = self._fetches
        with self._lock:
            if self._token is None or self._token.header == refused:
                if time.monotonic() - self._renewed_at < REFUSED_SECONDS:
                    return False
                self._token = None
                self._fetch(fetch, came_at)
                self._renewed_at = time.monotonic()
            return self._given().header != refused

    def _fetch(self, fetch: Callable[[], Token], came_at: int) -> None:
        if self._failure is not None and (self._fetches != came_at or self._was_just_refused()):
            # Who waited while somebody failed would only fail as slowly; and a server that is asked
            # with the same wrong credentials for each day of a night may lock them.
            raise copy.copy(self._failure)
        self._token = self._failure = None
        try:
            self._token = fetch()
        except EhrError as error:
            self._failure, self._failed_at = copy.copy(error), time.monotonic()
            raise
        finally:
            self._fetches += 1

    def _was_just_refused(self) -> bool:
        lately = time.monotonic() - self._failed_at < REFUSED_SECONDS
        return lately and isinstance(self._failure, SignInRefused)

    def _given(self) -> Token:
        if self._token is None:
            message = "there is no token"
            raise EhrDown(message)
        return self._token


class TokenRequests:
    """Asks for tokens: `credentials(connection, endpoint)` gives what says who we are."""

    def __init__(
        self,
        connection: FhirConnection,
        session: requests.Session,
        credentials: Callable[[FhirConnection, str], Credentials],
    ) -> None:
        """Ask through `session`; nothing is asked yet."""
        self._connection = connection
        self._session = session
        self._credentials = credentials

    def fetch(self) -> Token:
        """Ask for a token, once: whoever makes the request tries again.

        Raises SignInRefused, EhrMalformed or EhrDown.
        """
        endpoint = token_endpoint(self._connection, self._session)
        headers, fields = self._credentials(self._connection, endpoint)
        scope = {"scope": self._connection.scope} if self._connection.scope else {}
        asked_at = time.monotonic()
        try:
            response = self._session.post(
                endpoint,
                data={"grant_type": "client_credentials", **scope, **fields},
                headers={"Accept": "application/json", **headers},
                timeout=self._connection.timeout_seconds,
                allow_redirects=False,
                auth=as_it_is,
            )
        except requests.RequestException:
            response = None
        if response is None:
            message = "the EHR's token endpoint did not answer"
            raise EhrDown(message)
        return _read(response, asked_at)


def _read(response: requests.Response, asked_at: float) -> Token:
    status = response.status_code
    if status in PASSING:
        raise passing("the EHR's token endpoint has trouble", response)
    answer = _json(response)
    if status != OK:
        said = _REFUSALS.get(str(answer.get("error")), _UNKNOWN_REFUSAL)
        # Told and not set as the error's status: there a 404 would read as "no such resource".
        message = f"the EHR's token endpoint refuses us (HTTP {status}): {said}"
        raise SignInRefused(message)
    token, kind = answer.get("access_token"), answer.get("token_type", "bearer")
    if not isinstance(token, str) or not VISIBLE.fullmatch(token) or str(kind).lower() != "bearer":
        message = "the EHR's token endpoint did not answer with a bearer token"
        raise EhrMalformed(message, status=status)
    lasts = _seconds(answer.get("expires_in"))
    # A token shorter than the margin would be fetched for each request.
    return Token(f"Bearer {token}", asked_at + max(lasts - MARGIN_SECONDS, lasts / 2))


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return USUAL_SECONDS
    return seconds if math.isfinite(seconds) and seconds > 0 else USUAL_SECONDS
