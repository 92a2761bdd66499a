"""Id tokens: what they say about whom, and their signature.

Belongs here: right id tokens, and how a wrong one is signed. Not here: who gets one (`tokens.py`),
and which wrong ones there are (`trouble.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from sandbox.faults import Faults
from sandbox.identity.authorization import Client
from sandbox.identity.trouble import ID_TOKEN, NO_ID_TOKEN, WAYS_TO_SIGN, wrong_claims
from sandbox.people import Person

ALGORITHM = "ES256"
KEY_ID = "sandbox-1"
ID_TOKEN_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class IdTokens:
    """Makes the id tokens of one client."""

    issuer: str
    client: Client
    key: ECKey
    faults: Faults

    def issue(self, person: Person, nonce: str | None) -> str | None:
        """Give an id token, right or as a fault wants it; None where the fault is to have none."""
        kinds = [fault.kind for fault in self.faults.take(person.login, ID_TOKEN)]
        if NO_ID_TOKEN in kinds:
            return None
        claims = self._claims(person, nonce)
        for kind in kinds:
            claims = wrong_claims(kind, claims)
        return self._signed(claims, next((kind for kind in kinds if kind in WAYS_TO_SIGN), None))

    def _claims(self, person: Person, nonce: str | None) -> dict[str, Any]:
        # Real time, not the sandbox's: the client that checks it has no clock that tests move.
        now = int(time.time())
        claims = claims_about(person) | {
            "iss": self.issuer,
            "aud": self.client.client_id,
            "iat": now,
            "auth_time": now,
            "exp": now + ID_TOKEN_SECONDS,
        }
        return claims if nonce is None else claims | {"nonce": nonce}

    def _signed(self, claims: Mapping[str, Any], way: str | None) -> str:
        header = {"typ": "JWT", "kid": KEY_ID}
        # By hand, because no library that deserves the name signs like this.
        if way == "alg_none":
            return f"{_unsigned(header | {'alg': 'none'}, claims)}."
        if way == "hs256_with_client_secret":
            text = _unsigned(header | {"alg": "HS256"}, claims)
            secret = self.client.client_secret.encode()
            return f"{text}.{_base64url(hmac.digest(secret, text.encode(), hashlib.sha256))}"
        key = new_key() if way == "wrong_signature" else self.key
        return jwt.encode(header | {"alg": ALGORITHM}, dict(claims), key)


def new_key() -> ECKey:
    """Make a signing key under the provider's one key id."""
    return ECKey.generate_key("P-256", parameters={"kid": KEY_ID, "use": "sig", "alg": ALGORITHM})


def claims_about(person: Person) -> dict[str, Any]:
    """Give what the provider says about a person; `fhirUser` is SMART's name for their record."""
    return {
        "sub": person.subject,
        "name": person.name,
        "preferred_username": person.username,
        "zoneinfo": person.zone,
        "fhirUser": f"Patient/{person.patient_id}",
    }


def _unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
