"""Codes, access tokens and refresh tokens, with the vendor's lifetimes; nothing rotates.

Belongs here: what is valid, until when, and what kills it. Not here: HTTP and client credentials
(`oauth.py`), or what a scope allows (`abilities.py`).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.clock import Clock
from sandbox.google_health.errors import OAuthRefused, bad_credentials
from sandbox.google_health.settings import Settings
from sandbox.people import Person

CODE_SECONDS = 600
ACCESS_SECONDS = 3_599
# In publishing state Testing a consent ends after seven days.
TESTING_SECONDS = 604_799
# Six months.
UNUSED_SECONDS = 183 * 86_400
MOST_REFRESH_TOKENS = 100


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed."""

    person: Person
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How an application asked: where to, by which PKCE challenge, and for what kind of access."""

    redirect_uri: str
    challenge: str | None = None
    is_offline: bool = False
    is_prompted: bool = False
    adds_granted: bool = False


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a token call gives; seconds are left to live."""

    grant: Grant
    access: str
    refresh: str | None
    refresh_seconds: int | None


@dataclass(kw_only=True)
class _Held:
    """A code or a token; None for `ends_at` means that time alone does not end it."""

    grant: Grant
    ends_at: float | None


@dataclass(kw_only=True)
class _Code(_Held):
    way: Way
    gives_refresh: bool


@dataclass(kw_only=True)
class _Refresh(_Held):
    used_at: float


@dataclass(frozen=True, kw_only=True)
class _Consent:
    scopes: frozenset[str]
    ends_at: float | None


class Tokens:
    """All codes and tokens of the one registered application.

    Who is in `on_removed` hears whose consent goes, just before it is gone.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        """Start without any."""
        self.on_removed: list[Callable[[Person], None]] = []
        self._clock = clock
        self._settings = settings
        self._lock = threading.RLock()
        self._codes: dict[str, _Code] = {}
        self._accesses: dict[str, _Held] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self._consents: dict[str, _Consent] = {}

    def issue_code(self, grant: Grant, way: Way) -> str:
        """Note a consent and give a code for one exchange within ten minutes."""
        code, login = f"4/0{secrets.token_urlsafe(52)}", grant.person.login
        with self._lock:
            before = self.scopes_of(grant.person)
            if way.adds_granted:
                others = sorted(before - set(grant.scopes))
                grant = replace(grant, scopes=(*grant.scopes, *others))
            self._codes[code] = _Code(
                grant=grant,
                way=way,
                # Without a prompt an application hears of a refresh token once only.
                gives_refresh=way.is_offline and (way.is_prompted or not before),
                ends_at=self._clock.now() + CODE_SECONDS,
            )
            self._consents[login] = _Consent(scopes=before | set(grant.scopes), ends_at=self._end())
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> Given:
        """Turn a code into tokens; raises OAuthRefused. A code is used up either way."""
        with self._lock:
            known = self._codes.pop(code, None)
            if known is None or self._is_over(known):
                raise OAuthRefused("invalid_grant", "Malformed auth code.")
            if redirect_uri != known.way.redirect_uri:
                raise OAuthRefused("redirect_uri_mismatch", "Bad Request")
            _check_verifier(known.way.challenge, verifier)
            refresh = self._new_refresh(known.grant) if known.gives_refresh else None
            return self._given(known.grant, refresh)

    def refresh(self, refresh: str) -> Given:
        """Give another access token; the refresh token stays. Raises OAuthRefused."""
        with self._lock:
            known = self._refreshes.get(refresh)
            if known is None or not self._is_alive(known):
                raise OAuthRefused("invalid_grant", "Token has been expired or revoked.")
            known.used_at = self._clock.now()
            return replace(self._given(known.grant, refresh), refresh=None)

    def use(self, access: str) -> Grant:
        """Say who an access token speaks for; raises Refused (401)."""
        with self._lock:
            known = self._accesses.get(access)
            if known is None or self._is_over(known):
                raise bad_credentials()
            return known.grant

    def revoke(self, token: str) -> None:
        """End the consent that a living token stands for, and every token of it.

        Raises OAuthRefused for one that is gone.
        """
        with self._lock:
            access, refresh = self._accesses.get(token), self._refreshes.get(token)
            if access is not None and not self._is_over(access):
                person = access.grant.person
            elif refresh is not None and self._is_alive(refresh):
                person = refresh.grant.person
            else:
                raise OAuthRefused("invalid_token", "Token expired or revoked")
        self.remove_consent(person)

    def remove_consent(self, person: Person) -> None:
        """Kill all that a person allowed, as the account's own page does."""
        if self.scopes_of(person):
            for hear in self.on_removed:
                hear(person)
        with self._lock:
            self._consents.pop(person.login, None)
            for held in self._all_held():
                for token in [token for token, one in held.items() if one.grant.person == person]:
                    del held[token]

    def scopes_of(self, person: Person) -> frozenset[str]:
        """Give all that a person allows the application now; empty without consent."""
        with self._lock:
            known = self._consents.get(person.login)
            return frozenset() if known is None or self._is_over(known) else known.scopes

    def expire_code(self, code: str) -> None:
        """Let a code be too old."""
        with self._lock:
            known = self._codes.get(code)
            if known is not None:
                known.ends_at = self._clock.now()

    def narrow(self, person: Person, scopes: Iterable[str]) -> None:
        """Leave at most these scopes to all that a person allowed so far."""
        kept = frozenset(scopes)
        with self._lock:
            for held in self._all_held():
                for one in held.values():
                    if one.grant.person == person:
                        left = tuple(scope for scope in one.grant.scopes if scope in kept)
                        one.grant = replace(one.grant, scopes=left)
            consent = self._consents.get(person.login)
            if consent is not None:
                self._consents[person.login] = replace(consent, scopes=consent.scopes & kept)

    def whose(self, token: str) -> Person | None:
        """Say whose code or token this is, valid or not, without using it."""
        with self._lock:
            found = (held.get(token) for held in self._all_held())
            return next((one.grant.person for one in found if one is not None), None)

    def _given(self, grant: Grant, refresh: str | None) -> Given:
        # Longer than other vendors' tokens, as the real ones are.
        access, now = f"ya29.a0{secrets.token_urlsafe(180)}", self._clock.now()
        self._accesses[access] = _Held(grant=grant, ends_at=now + ACCESS_SECONDS)
        ends_at = None if refresh is None else self._refreshes[refresh].ends_at
        left = None if ends_at is None else int(ends_at - now)
        return Given(grant=grant, access=access, refresh=refresh, refresh_seconds=left)

    def _new_refresh(self, grant: Grant) -> str:
        refresh = f"1//0{secrets.token_urlsafe(75)}"
        known = _Refresh(grant=grant, used_at=self._clock.now(), ends_at=self._end())
        self._refreshes[refresh] = known
        of_person = [k for k, v in self._refreshes.items() if v.grant.person == grant.person]
        for oldest in of_person[:-MOST_REFRESH_TOKENS]:
            del self._refreshes[oldest]
        return refresh

    def _is_alive(self, known: _Refresh) -> bool:
        return not self._is_over(known) and self._clock.now() < known.used_at + UNUSED_SECONDS

    def _is_over(self, known: _Held | _Consent) -> bool:
        return known.ends_at is not None and self._clock.now() >= known.ends_at

    def _end(self) -> float | None:
        return self._clock.now() + TESTING_SECONDS if self._settings.testing_mode else None

    def _all_held(self) -> Sequence[MutableMapping[str, Any]]:
        return self._codes, self._accesses, self._refreshes


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    if challenge is None:
        return
    if not verifier:
        raise OAuthRefused("invalid_grant", "Missing code verifier.")
    digest = hashlib.sha256(verifier.encode()).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
        raise OAuthRefused("invalid_grant", "Invalid code verifier.")
