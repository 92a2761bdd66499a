"""How requests to an EHR are signed in: one Authorizer per kind of auth.

Belongs here: the Protocol, and what a connection of each kind sends. Not here: fetching tokens
(`signing_in/tokens.py`) or sending requests (`client.py`).
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote_plus

import requests

from ohx_pipelines.errors import SignInRefused
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.signing_in.signing_keys import client_assertion
from ohx_pipelines.fhir.signing_in.tokens import VISIBLE, Credentials, TokenBox, TokenRequests

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_BOXES = 64


class Authorizer(Protocol):
    """Gives the Authorization header of each request.

    Both methods may fetch a token: they raise EhrRejected (detail `ehr_auth`) when it is refused,
    EhrDown when its server is down, EhrMalformed when its answer cannot be read.
    """

    def header(self) -> str | None:
        """Give the whole header, None when the EHR wants none."""
        ...

    def renew(self, refused: str | None) -> bool:
        """After a 401 that refused this header: tell whether another one is worth a try.

        However many threads were refused the same header, it is renewed once.
        """
        ...


@dataclass(frozen=True)
class FixedHeader:
    """A header that never changes, or none: nothing can be renewed."""

    value: str | None = field(default=None, repr=False)

    def header(self) -> str | None:
        """Give the header."""
        return self.value

    def renew(self, refused: str | None) -> bool:
        """Give False: there is no other one."""
        del refused
        return False


@dataclass(frozen=True)
class AccessToken:
    """The header of a token that this process shares and fetches anew when it ends."""

    box: TokenBox = field(repr=False)
    requests: TokenRequests = field(repr=False)

    def header(self) -> str:
        """Give the token's header."""
        return self.box.header(self.requests.fetch)

    def renew(self, refused: str | None) -> bool:
        """Fetch another token, unless another thread has done so."""
        return self.box.renew(refused, self.requests.fetch)


@dataclass(frozen=True)
class NoWayIn:
    """Refuses each request: the connection lacks what its kind of auth needs."""

    lack: str

    def header(self) -> str | None:
        """Raise what is to be done."""
        raise SignInRefused(self.lack)

    def renew(self, refused: str | None) -> bool:
        """Give False."""
        del refused
        return False


def authorizer(connection: FhirConnection, session: requests.Session) -> Authorizer:
    """Give what signs in requests of this connection; token requests go through `session`."""
    kind = connection.auth
    lack = _lack(connection)
    if lack is not None:
        return NoWayIn(lack)
    if kind == "none":
        return FixedHeader()
    if kind == "bearer":
        return _bearer(str(connection.token))
    if kind == "basic":
        return FixedHeader(_basic_header(str(connection.username), str(connection.password)))
    asking = TokenRequests(connection, session, _CREDENTIALS[kind])
    return AccessToken(_shared_box(connection), asking)


def _signed(connection: FhirConnection, endpoint: str) -> Credentials:
    assertion = client_assertion(
        str(connection.private_key), client_id=str(connection.client_id), audience=endpoint
    )
    return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def _secret_in_body(connection: FhirConnection, endpoint: str) -> Credentials:
    del endpoint
    client, secret = str(connection.client_id), str(connection.client_secret)
    return {}, {"client_id": client, "client_secret": secret}


def _secret_in_header(connection: FhirConnection, endpoint: str) -> Credentials:
    del endpoint
    client, secret = str(connection.client_id), str(connection.client_secret)
    # RFC 6749 section 2.3.1: both parts are form-encoded before they become Basic.
    return {"Authorization": _basic_header(quote_plus(client), quote_plus(secret))}, {}


_CREDENTIALS: dict[str, Callable[[FhirConnection, str], Credentials]] = {
    "smart_backend": _signed,
    "client_credentials_body": _secret_in_body,
    "client_credentials_basic": _secret_in_header,
}
_CLIENT = {"client_id": "a client id", "client_secret": "a client secret"}
_NEEDS = {
    "none": {},
    "bearer": {"token": "a bearer token"},
    "basic": {"username": "a user name", "password": "a password"},
    "client_credentials_basic": _CLIENT,
    "client_credentials_body": _CLIENT,
    "smart_backend": {"client_id": "a client id", "private_key": "a key: `ohx ehr keys` makes one"},
}


def _lack(connection: FhirConnection) -> str | None:
    needs = _NEEDS.get(connection.auth)
    if needs is None:
        return "the EHR connection has an unknown kind of auth: see `ohx ehr add --help`"
    for name, what in needs.items():
        if not getattr(connection, name):
            return f"the EHR connection (auth {connection.auth}) lacks {what}"
    return None


def _bearer(token: str) -> Authorizer:
    if not VISIBLE.fullmatch(token):
        return NoWayIn(
            "the bearer token holds what no header may, such as a line end: give it again"
        )
    return FixedHeader(f"Bearer {token}")


def _basic_header(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


_boxes_lock = threading.Lock()


def _shared_box(connection: FhirConnection) -> TokenBox:
    """Give the box of whoever signs in at the same place with the same credentials."""
    who = replace(connection, write_mode="", timeout_seconds=0.0)
    with _boxes_lock:
        return _box(who)


@lru_cache(maxsize=MOST_BOXES)
def _box(_who: FhirConnection) -> TokenBox:
    return TokenBox()
