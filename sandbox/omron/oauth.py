"""The token endpoint and the revocation, as OAuth 2.0 has them.

Belongs here: who may ask, and the shape of the answers. Not here: what is valid (`tokens.py`) or the
consent page (`consent.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from flask import Response, abort, request

from sandbox.application import Application
from sandbox.clock import Clock
from sandbox.omron.accounts import omron_user
from sandbox.omron.errors import Refused, oauth_refused
from sandbox.omron.jwts import looks_signed
from sandbox.omron.scopes import OPENID
from sandbox.omron.settings import Settings
from sandbox.omron.tokens import Given, Tokens

TOKEN, REVOKE = "/connect/token", "/connect/revocation"
CODE_GRANT, REFRESH_GRANT = "authorization_code", "refresh_token"


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """The calls about tokens."""

    application: Application
    tokens: Tokens
    clock: Clock
    settings: Settings

    def token(self) -> dict[str, Any]:
        """Turn a code or a refresh token into an access token."""
        self._check_client()
        grant_type = _needed("grant_type")
        if grant_type == CODE_GRANT:
            verifier = request.form.get("code_verifier")
            given = self.tokens.exchange(_needed("code"), _needed("redirect_uri"), verifier)
            return self._body(given, has_id=OPENID in given.grant.scopes)
        if grant_type == REFRESH_GRANT:
            redirect_uri = request.form.get("redirect_uri")
            given = self.tokens.refresh(_needed("refresh_token"), redirect_uri)
            return self._body(given, has_id=False)
        raise oauth_refused("unsupported_grant_type")

    def revoke(self) -> Response:
        """End what a token stands for; the answer is the same whether there was anything."""
        if not self.settings.revocation:
            abort(404)
        try:
            self._check_client()
        except Refused:
            return Response(status=200)
        self.tokens.revoke(request.form.get("token", ""))
        return Response(status=200)

    def _check_client(self) -> None:
        """Look in the form, or in a Basic header where the form has no secret."""
        basic = request.authorization
        client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
        if secret is None and basic is not None and basic.type == "basic":
            client_id, secret = basic.username, basic.password
        wanted = self.application.client_secret.encode()
        is_known = client_id == self.application.client_id
        if not is_known or not compare_digest((secret or "").encode(), wanted):
            raise oauth_refused("invalid_client")

    def _body(self, given: Given, *, has_id: bool) -> dict[str, Any]:
        body = {
            "id_token": self._id_token(given) if has_id else None,
            "access_token": given.access,
            "expires_in": self.settings.token_seconds,
            "token_type": "Bearer",
            "refresh_token": given.refresh,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _id_token(self, given: Given) -> str:
        now = int(self.clock.now())
        return looks_signed(
            {
                "iss": request.host_url.rstrip("/"),
                "aud": self.application.client_id,
                "sub": omron_user(given.grant.person),
                "iat": now,
                "exp": now + self.settings.token_seconds,
            }
        )


def _needed(name: str) -> str:
    value = request.form.get(name)
    if not value:
        raise oauth_refused("invalid_request")
    return value
