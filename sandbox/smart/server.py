"""The authorization server as a Flask blueprint: discovery below the EHR's base, and a token endpoint.

Belongs here: the client credentials grant, its answers and errors (RFC 6749 4.4, 5.1, 5.2). Not
here: how a client proves itself with a key (`assertions.py`), and ordered faults (`trouble.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from flask import Blueprint, request
from werkzeug.datastructures import Authorization

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.smart.assertions import ALGORITHMS, ASSERTION_TYPE, Assertions, WrongAssertion
from sandbox.smart.clients import Client, Clients
from sandbox.smart.tokens import Tokens
from sandbox.smart.trouble import suffer

BELOW = "/smart/"
PATH = f"{BELOW}token"
DISCOVERY = "/fhir/.well-known/smart-configuration"
GRANT = "client_credentials"
GRANTED, REFUSED = "granted", "refused"
Answer = tuple[dict[str, Any], int, dict[str, str]]
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenRefused(Exception):
    """An error of RFC 6749 5.2, with the status of its answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


class AuthorizationServer:
    """Clients, tokens, and the endpoints; one per EHR."""

    def __init__(self, clock: Clock) -> None:
        self.clients = Clients()
        self.tokens = Tokens(clock)
        self.calls = Calls()  # token requests, by `granted` and `refused`
        self.faults = Faults()
        self._assertions = Assertions(self.clients)

    def blueprint(self) -> Blueprint:
        """Give the endpoints."""
        pages = Blueprint("smart", __name__)
        pages.before_request(lambda: suffer(self.faults, request.endpoint))
        pages.get(DISCOVERY, endpoint="discovery")(_configuration)
        pages.post(PATH, endpoint="token")(self._token)
        return pages

    def _token(self) -> Answer:
        try:
            answer = self._granted(request.form, request.authorization)
        except TokenRefused as no:
            self.calls.count(REFUSED)
            more = {"WWW-Authenticate": 'Basic realm="sandbox"'} if no.status == 401 else {}  # noqa: PLR2004
            body = {"error": no.error, "error_description": no.description}
            return body, no.status, _HEADERS | more
        self.calls.count(GRANTED)
        return answer, 200, _HEADERS

    def _granted(self, form: Mapping[str, str], basic: Authorization | None) -> dict[str, Any]:
        client = self._proven(form, basic)
        if form.get("grant_type") != GRANT:
            raise TokenRefused("unsupported_grant_type", f"grant_type must be {GRANT}")
        asked = form.get("scope")
        scopes = client.scopes if asked is None else client.scopes.of(asked.split())
        if not scopes.texts:
            raise TokenRefused("invalid_scope", "no scope of these is registered for the client")
        return {
            "access_token": self.tokens.issue(scopes),
            "token_type": "bearer",
            "expires_in": self.tokens.lifetime_seconds,
            "scope": " ".join(scopes.texts),
        }

    def _proven(self, form: Mapping[str, str], basic: Authorization | None) -> Client:
        ways = [basic is not None, "client_secret" in form, "client_assertion" in form]
        if ways.count(True) > 1:
            # RFC 6749 2.3: one method per request.
            raise TokenRefused("invalid_request", "a client proves itself in one way only")
        if "client_assertion" in form:
            return self._by_assertion(form)
        if basic is not None:
            # RFC 6749 2.3.1: both are form-encoded before they are put together.
            given = unquote_plus(basic.username or ""), unquote_plus(basic.password or "")
        else:
            given = form.get("client_id", ""), form.get("client_secret", "")
        client = self.clients.with_secret(*given)
        if client is None:
            raise TokenRefused("invalid_client", "no client has this id and secret", 401)
        return client

    def _by_assertion(self, form: Mapping[str, str]) -> Client:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        try:
            client = self._assertions.prove(form["client_assertion"], token_endpoint())
        except WrongAssertion as wrong:
            raise TokenRefused("invalid_client", str(wrong)) from None
        # RFC 7521 4.2: optional beside an assertion, but then the same.
        if form.get("client_id", client.client_id) != client.client_id:
            raise TokenRefused("invalid_client", "client_id is not that of the assertion")
        return client


def token_endpoint() -> str:
    """Give the address of the token endpoint, as the current request knows this server."""
    return f"{request.host_url.rstrip('/')}{PATH}"


def _configuration() -> dict[str, Any]:
    methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
    return {
        "issuer": f"{request.host_url}fhir",
        "token_endpoint": token_endpoint(),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [GRANT],
        "scopes_supported": ["system/*.cruds", "system/*.read", "system/*.write"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
