"""The token endpoint's actions: `requesttoken`, `revoke`, and `getnonce` of the signature endpoint.

Belongs here: who may ask, and the shape of the answers. Not here: what is valid (`tokens.py`) or
the consent page (`consent.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from sandbox.application import Application
from sandbox.withings.envelope import invalid_params
from sandbox.withings.limits import DuplicateGuard
from sandbox.withings.notify import Subscriptions
from sandbox.withings.signing import Nonces, check_signature
from sandbox.withings.tokens import ACCESS_SECONDS, Pair, Tokens


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """The actions, over the tokens."""

    application: Application
    tokens: Tokens
    nonces: Nonces
    guard: DuplicateGuard
    subscriptions: Subscriptions

    def get_nonce(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Give a nonce to whoever signs with the client secret."""
        self._check_client_id(fields)
        timestamp = _needed(fields, "timestamp")
        check_signature(
            _needed(fields, "signature"),
            self.application.client_secret,
            "getnonce",
            self.application.client_id,
            timestamp,
        )
        return {"nonce": self.nonces.issue()}

    def request_token(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """Turn a code or a refresh token into a pair."""
        self._check_client(fields)
        self.guard.check(dict(fields))
        grant_type = _needed(fields, "grant_type")
        if grant_type == "authorization_code":
            code, redirect_uri = _needed(fields, "code"), _needed(fields, "redirect_uri")
            return _token_body(self.tokens.exchange(code, redirect_uri))
        if grant_type == "refresh_token":
            return _token_body(self.tokens.refresh(_needed(fields, "refresh_token")))
        raise invalid_params("invalid grant_type")

    def revoke(self, fields: Mapping[str, str]) -> dict[str, Any]:
        """End all that a user allowed and subscribed to; a signed call, the secret alone does not do."""
        self._check_client_id(fields)
        self._check_signed(fields)
        user_id = _needed(fields, "userid")
        if not user_id.isascii() or not user_id.isdigit():
            raise invalid_params("invalid userid")
        self.tokens.revoke(int(user_id))
        self.subscriptions.drop(int(user_id))
        return {}

    def _check_client(self, fields: Mapping[str, str]) -> None:
        self._check_client_id(fields)
        if "signature" in fields:
            self._check_signed(fields)
            return
        # The secret counts in the body only: the vendor knows no Basic authentication.
        given = _needed(fields, "client_secret").encode()
        if not compare_digest(given, self.application.client_secret.encode()):
            raise invalid_params("invalid client_secret")

    def _check_client_id(self, fields: Mapping[str, str]) -> None:
        if _needed(fields, "client_id") != self.application.client_id:
            raise invalid_params("invalid client_id")

    def _check_signed(self, fields: Mapping[str, str]) -> None:
        nonce = _needed(fields, "nonce")
        check_signature(
            _needed(fields, "signature"),
            self.application.client_secret,
            fields["action"],
            self.application.client_id,
            nonce,
        )
        self.nonces.spend(nonce)


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise invalid_params(f"missing {name}")
    return value


def _token_body(pair: Pair) -> dict[str, Any]:
    return {
        "userid": pair.grant.person.user_id,
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": ACCESS_SECONDS,
        "scope": ",".join(pair.grant.scopes),
        "csrf_token": secrets.token_hex(16),
        "token_type": "Bearer",
    }
