"""Codes, access tokens and refresh tokens, which rotate or do not.

Belongs here: what is valid, until when, and what kills it. Not here: HTTP and client credentials
(`oauth.py`), or how a token looks (`jwts.py`).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from dataclasses import dataclass, replace

from sandbox.clock import Clock
from sandbox.omron.accounts import omron_user
from sandbox.omron.errors import bad_token, oauth_refused
from sandbox.omron.jwts import looks_signed
from sandbox.omron.scopes import OFFLINE
from sandbox.omron.settings import Settings
from sandbox.people import Person


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed."""

    person: Person
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How an application asked: where to, and by which PKCE challenge."""

    redirect_uri: str
    challenge: str | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a token call gives; `refresh` is None where the answer has none."""

    grant: Grant
    access: str
    refresh: str | None


@dataclass(kw_only=True)
class _Yes:
    """One decision of a person, which all its tokens share."""

    grant: Grant
    way: Way
    is_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class _Held:
    yes: _Yes


@dataclass(frozen=True, kw_only=True)
class _Code(_Held):
    ends_at: float


@dataclass(frozen=True, kw_only=True)
class _Access(_Held):
    ends_at: float


@dataclass(frozen=True, kw_only=True)
class _Refresh(_Held):
    is_used: bool = False


class Tokens:
    """All codes and tokens of the one registered application."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        """Start without any."""
        self._clock = clock
        self._settings = settings
        self._lock = threading.RLock()
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, _Access] = {}
        self._refreshes: dict[str, _Refresh] = {}

    def issue_code(self, grant: Grant, way: Way) -> str:
        """Give a code for one exchange within five minutes."""
        code = secrets.token_hex(32)
        ends_at = self._clock.now() + self._settings.code_seconds
        with self._lock:
            self._codes[code] = _Code(yes=_Yes(grant=grant, way=way), ends_at=ends_at)
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Given:
        """Turn a code into tokens; raises Refused (400). A code is used up either way."""
        with self._lock:
            known = self._codes.pop(code, None)
            if known is None or known.yes.is_ended or self._clock.now() >= known.ends_at:
                raise oauth_refused("invalid_grant")
            way = known.yes.way
            if redirect_uri != way.redirect_uri or not _fits(way.challenge, verifier):
                raise oauth_refused("invalid_grant")
            is_lasting = OFFLINE in known.yes.grant.scopes
            return self._given(known.yes, self._new_refresh(known.yes) if is_lasting else None)

    def refresh(self, refresh: str, redirect_uri: str | None = None) -> Given:
        """Give another access token, and where they rotate the next refresh token.

        Raises Refused (400).
        """
        with self._lock:
            known = self._refreshes.get(refresh)
            if known is None or known.is_used or known.yes.is_ended:
                raise oauth_refused("invalid_grant")
            if self._settings.refresh_redirect and redirect_uri != known.yes.way.redirect_uri:
                raise oauth_refused("invalid_request")
            if not self._settings.rotate:
                return self._given(known.yes, None)
            self._refreshes[refresh] = replace(known, is_used=True)
            return self._given(known.yes, self._new_refresh(known.yes))

    def use(self, access: str) -> Grant:
        """Say who an access token speaks for; raises Refused (401)."""
        with self._lock:
            known = self._accesses.get(access)
            if known is None or known.yes.is_ended or self._clock.now() >= known.ends_at:
                raise bad_token()
            return known.yes.grant

    def revoke(self, token: str) -> None:
        """End all that a token's yes gave; nothing happens for a token that nobody knows."""
        with self._lock:
            known = self._accesses.get(token) or self._refreshes.get(token)
            if known is not None:
                known.yes.is_ended = True

    def remove_consent(self, person: Person) -> None:
        """Kill all that a person allowed, as the account's own page does."""
        with self._lock:
            for yes in self._given_by(person):
                yes.is_ended = True

    def scopes_of(self, person: Person) -> frozenset[str]:
        """Give all that a person allows the application now; empty without consent."""
        with self._lock:
            alive = [yes for yes in self._exchanged(person) if not yes.is_ended]
        return frozenset(scope for yes in alive for scope in yes.grant.scopes)

    def expire_code(self, code: str) -> None:
        """Let a code be too old."""
        with self._lock:
            known = self._codes.get(code)
            if known is not None:
                self._codes[code] = replace(known, ends_at=self._clock.now())

    def narrow(self, person: Person, scopes: frozenset[str]) -> None:
        """Leave at most these scopes to all that a person allowed so far."""
        with self._lock:
            for yes in self._given_by(person):
                left = tuple(scope for scope in yes.grant.scopes if scope in scopes)
                yes.grant = replace(yes.grant, scopes=left)

    def whose(self, token: str) -> Person | None:
        """Say whose code or token this is, valid or not, without using it."""
        with self._lock:
            code, access = self._codes.get(token), self._accesses.get(token)
            found: _Held | None = code or access or self._refreshes.get(token)
            return None if found is None else found.yes.grant.person

    def _given(self, yes: _Yes, refresh: str | None) -> Given:
        now = self._clock.now()
        scope = " ".join(yes.grant.scopes)
        claims = {"sub": omron_user(yes.grant.person), "scope": scope, "jti": secrets.token_hex(16)}
        access = looks_signed(claims)
        self._accesses[access] = _Access(yes=yes, ends_at=now + self._settings.token_seconds)
        return Given(grant=yes.grant, access=access, refresh=refresh)

    def _new_refresh(self, yes: _Yes) -> str:
        refresh = secrets.token_hex(32)
        self._refreshes[refresh] = _Refresh(yes=yes)
        return refresh

    def _given_by(self, person: Person) -> list[_Yes]:
        of_codes = [one.yes for one in self._codes.values() if one.yes.grant.person == person]
        return [*of_codes, *self._exchanged(person)]

    def _exchanged(self, person: Person) -> list[_Yes]:
        held = (*self._accesses.values(), *self._refreshes.values())
        return [one.yes for one in held if one.yes.grant.person == person]


def _fits(challenge: str | None, verifier: str | None) -> bool:
    if challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
