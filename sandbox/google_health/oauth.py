"""The token endpoint and the end of a consent, as OAuth 2.0 has them.

Belongs here: who may ask, and the shape of the answers. Not here: what is valid (`tokens.py`) or the
consent page (`consent.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from sandbox.application import Application
from sandbox.google_health.errors import OAuthRefused
from sandbox.google_health.tokens import ACCESS_SECONDS, Given, Tokens

TOKEN, REVOKE = "/token", "/revoke"
CODE_GRANT, REFRESH_GRANT = "authorization_code", "refresh_token"


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """The calls of the token host, over the tokens."""

    application: Application
    tokens: Tokens

    def token(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Turn a code or a refresh token into an access token."""
        self._check_client(fields)
        grant_type = _needed(fields, "grant_type")
        if grant_type == CODE_GRANT:
            code, redirect_uri = _needed(fields, "code"), _needed(fields, "redirect_uri")
            given = self.tokens.exchange(code, redirect_uri, fields.get("code_verifier"))
        elif grant_type == REFRESH_GRANT:
            given = self.tokens.refresh(_needed(fields, "refresh_token"))
        else:
            raise OAuthRefused("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        return _token_body(given)

    def revoke(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """End the consent behind a token; whoever holds the token may."""
        self.tokens.revoke(_needed(fields, "token"))
        return {}

    def _check_client(self, fields: Mapping[str, str]) -> None:
        if _needed(fields, "client_id") != self.application.client_id:
            raise OAuthRefused("invalid_client", "The OAuth client was not found.", status=401)
        given = _needed(fields, "client_secret").encode()
        if not compare_digest(given, self.application.client_secret.encode()):
            raise OAuthRefused("invalid_client", "Unauthorized", status=401)


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise OAuthRefused("invalid_request", f"Missing required parameter: {name}")
    return value


def _token_body(given: Given) -> dict[str, Any]:
    body = {
        "access_token": given.access,
        "expires_in": ACCESS_SECONDS,
        "refresh_token": given.refresh,
        "scope": " ".join(given.grant.scopes),
        "token_type": "Bearer",
        "refresh_token_expires_in": given.refresh_seconds,
    }
    return {name: value for name, value in body.items() if value is not None}
