"""The token endpoint: client authentication and the exchange.

Belongs here: who may exchange. Not here: codes (`grants.py`) and what an id token says
(`id_tokens.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from werkzeug.datastructures import Authorization

from sandbox.identity.authorization import Client
from sandbox.identity.grants import ACCESS_SECONDS, Grants
from sandbox.identity.id_tokens import IdTokens

Answer = tuple[dict[str, Any], int, dict[str, str]]
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """What answers at the token endpoint."""

    client: Client
    grants: Grants
    id_tokens: IdTokens

    def answer(self, fields: Mapping[str, str], basic: Authorization | None) -> Answer:
        """Answer a token request."""
        if not _authenticated(self.client, fields, basic):
            return _error("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="sandbox"'})
        if fields.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type")
        exchanged = self.grants.exchange(
            fields.get("code", ""),
            redirect_uri=fields.get("redirect_uri", ""),
            verifier=fields.get("code_verifier", ""),
        )
        if exchanged is None:
            return _error("invalid_grant")
        access, sign_in = exchanged
        body: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
        }
        id_token = self.id_tokens.issue(sign_in.person, sign_in.nonce)
        return body if id_token is None else body | {"id_token": id_token}, 200, _HEADERS


def _authenticated(client: Client, fields: Mapping[str, str], basic: Authorization | None) -> bool:
    if basic is None:
        given = (fields.get("client_id"), fields.get("client_secret"))
        return _same(given, client)
    # RFC 6749 2.3: one method per request.
    if basic.type != "basic" or "client_secret" in fields:
        return False
    given = (basic.username, basic.password)
    # RFC 6749 2.3.1 wants both form-encoded; many clients send them plain.
    decoded = (unquote_plus(basic.username or ""), unquote_plus(basic.password or ""))
    return _same(given, client) or _same(decoded, client)


def _same(given: tuple[str | None, str | None], client: Client) -> bool:
    wanted = f"{client.client_id}\n{client.client_secret}"
    return compare_digest(f"{given[0]}\n{given[1]}".encode(), wanted.encode())


def _error(code: str, status: int = 400, more: Mapping[str, str] | None = None) -> Answer:
    return {"error": code}, status, _HEADERS | dict(more or {})
