"""The token endpoint: client authentication, the exchange, the id token.

Belongs here: who may exchange, and what an id token says. Not here: codes (`grants.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.datastructures import Authorization

from sandbox.identity.authorization import Client
from sandbox.identity.grants import ACCESS_SECONDS, Grants
from sandbox.people import Person

ALGORITHM = "ES256"
ID_TOKEN_SECONDS = 600
Answer = tuple[dict[str, Any], int, dict[str, str]]
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, kw_only=True)
class TokenEndpoint:
    """What answers at the token endpoint."""

    issuer: str
    client: Client
    grants: Grants
    key: ECKey

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
        body = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "id_token": self._id_token(sign_in.person, sign_in.nonce),
        }
        return body, 200, _HEADERS

    def _id_token(self, person: Person, nonce: str | None) -> str:
        # Real time, not the sandbox's: the client that checks it has no clock that tests move.
        now = int(time.time())
        claims = claims_about(person) | {
            "iss": self.issuer,
            "aud": self.client.client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + ID_TOKEN_SECONDS,
        }
        if nonce is not None:
            claims["nonce"] = nonce
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self.key.kid}
        return jwt.encode(header, claims, self.key)


def claims_about(person: Person) -> dict[str, Any]:
    """Give what the provider says about a person; `fhirUser` is SMART's name for their record."""
    return {
        "sub": person.subject,
        "name": person.name,
        "preferred_username": person.username,
        "zoneinfo": person.zone,
        "fhirUser": f"Patient/{person.patient_id}",
    }


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
