"""The one service account of the registered project: its key, and tokens for who signs by it.

Belongs here: the key file that Google gives out, each check of a signed assertion (RFC 7523), access
tokens. Not here: what a token is good for (`project_calls.py`).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from sandbox.clock import Clock
from sandbox.google_health.errors import OAuthRefused

PATH = "/service-account/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHM = "RS256"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
PROJECT_ID, PROJECT_NUMBER = "sandbox-health", "481200339177"
MOST_SECONDS = 3_600
TOKEN_SECONDS = 3_599
# How far the two clocks may differ.
SKEW_SECONDS = 60
_KEY_BITS = 2_048
_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
)


@dataclass(frozen=True, kw_only=True)
class _Token:
    scopes: frozenset[str]
    expires_at: float


class ServiceAccount:
    """The account `notifier` of the project."""

    email = f"notifier@{PROJECT_ID}.iam.gserviceaccount.com"

    def __init__(self) -> None:
        """Have a name for the key already; the key itself is made when it is first asked for."""
        self.key_id = secrets.token_hex(20)
        self._making = threading.Lock()

    def key_file(self, token_uri: str) -> dict[str, str]:
        """Give the JSON that the console lets an owner download, once, with the private key."""
        return {
            "type": "service_account",
            "project_id": PROJECT_ID,
            "private_key_id": self.key_id,
            "private_key": self._pem,
            "client_email": self.email,
            "client_id": "108120033917720012345",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }

    def public_key(self) -> RSAKey:
        """Give the key by which a signature is judged."""
        return RSAKey.import_key(self._pem)

    @property
    def _pem(self) -> str:
        # A key takes its time: it is not made for everybody who needs a sandbox, nor twice.
        with self._making:
            return self._made

    @cached_property
    def _made(self) -> str:
        return (
            rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode()
        )


class ServiceAccountTokens:
    """Judges assertions and remembers the tokens that were given for them."""

    def __init__(
        self, account: ServiceAccount, clock: Clock, now: Callable[[], float] = time.time
    ) -> None:
        """Judge assertions by real time: who signs them has no clock that tests move."""
        self._account = account
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}

    def grant(self, form: Mapping[str, str], token_uri: str) -> dict[str, Any]:
        """Give an access token for an assertion; raises OAuthRefused."""
        if form.get("grant_type") != GRANT_TYPE:
            raise OAuthRefused("unsupported_grant_type", "Invalid grant_type")
        claims = self._verified(form.get("assertion", ""))
        self._check(claims, token_uri)
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise OAuthRefused(
                "invalid_scope", "Invalid OAuth scope or ID token audience provided."
            )
        token = f"ya29.c.{secrets.token_urlsafe(48)}"
        expires_at = self._clock.now() + TOKEN_SECONDS
        with self._lock:
            self._tokens[token] = _Token(scopes=scopes, expires_at=expires_at)
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """Say what a token covers; None when it is none of ours or too old."""
        with self._lock:
            known = self._tokens.get(token)
        return None if known is None or known.expires_at <= self._clock.now() else known.scopes

    def _verified(self, assertion: str) -> dict[str, Any]:
        try:
            header = jws.extract_compact(assertion.encode()).headers()
            if header.get("alg") != ALGORITHM or header.get("kid") != self._account.key_id:
                raise OAuthRefused("invalid_grant", "Invalid JWT Signature.")
            key = self._account.public_key()
            return jwt.decode(assertion, key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            raise OAuthRefused("invalid_grant", "Invalid JWT Signature.") from None

    def _check(self, claims: Mapping[str, Any], token_uri: str) -> None:
        if claims.get("iss") != self._account.email:
            raise OAuthRefused("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") != token_uri:
            raise OAuthRefused("invalid_grant", "Invalid JWT: Failed audience check.")
        issued, expires = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
        now = self._now()
        is_now = issued <= now + SKEW_SECONDS and now - SKEW_SECONDS < expires
        if not is_now or not 0 < expires - issued <= MOST_SECONDS:
            raise OAuthRefused("invalid_grant", _TIMES)


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise OAuthRefused("invalid_grant", _TIMES)
    return value
