"""Codes and access tokens of the identity provider.

Belongs here: what is valid, until when, and the proof of possession (PKCE). Not here: HTTP, client
credentials, id tokens.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass
from hmac import compare_digest

from sandbox.clock import Clock
from sandbox.people import Person

CODE_SECONDS = 60
ACCESS_SECONDS = 3_600


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A finished sign-in, as the authorization request bound it."""

    person: Person
    redirect_uri: str
    code_challenge: str
    nonce: str | None


@dataclass(frozen=True, kw_only=True)
class _Until:
    sign_in: SignIn
    expires_at: float


class Grants:
    """Everything that the provider gave out."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, _Until] = {}
        self._access: dict[str, _Until] = {}
        self._access_of_code: dict[str, str] = {}

    def issue_code(self, sign_in: SignIn) -> str:
        """Give a code for one exchange within a minute."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = self._until(sign_in, CODE_SECONDS)
        return code

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> tuple[str, SignIn] | None:
        """Give an access token and the sign-in; None when the code proves nothing.

        RFC 6749 4.1.2: a code that comes twice ends what its first exchange gave.
        """
        with self._lock:
            self._access.pop(self._access_of_code.get(code, ""), None)
            known = self._codes.pop(code, None)
            if known is None or self._clock.now() >= known.expires_at:
                return None
            bound = known.sign_in
            if redirect_uri != bound.redirect_uri or not _proves(verifier, bound.code_challenge):
                return None
            access = secrets.token_urlsafe(32)
            self._access[access] = self._until(bound, ACCESS_SECONDS)
            self._access_of_code[code] = access
            return access, bound

    def holder(self, access: str) -> Person | None:
        """Say who an access token speaks for; None when it is not valid."""
        with self._lock:
            known = self._access.get(access)
        if known is None or self._clock.now() >= known.expires_at:
            return None
        return known.sign_in.person

    def _until(self, sign_in: SignIn, seconds: float) -> _Until:
        return _Until(sign_in=sign_in, expires_at=self._clock.now() + seconds)


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return compare_digest(computed, challenge.encode())
