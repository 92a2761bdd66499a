"""Codes and token pairs, with the vendor's lifetimes and its rotation.

Belongs here: what is valid, until when, and what kills it. Not here: HTTP, client credentials or
signatures (`oauth.py`).
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field, replace

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.envelope import invalid_params, invalid_token

CODE_SECONDS = 30
ACCESS_SECONDS = 10_800
REFRESH_SECONDS = 365 * 86_400
# A refreshed token stays good until its successor is used, and never longer than this.
OVERLAP_SECONDS = 8 * 3_600


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person allowed."""

    person: Person
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Code:
    grant: Grant
    redirect_uri: str
    expires_at: float


@dataclass(kw_only=True)
class Pair:
    """An access token and its refresh token; `before` is the pair it was refreshed from."""

    grant: Grant
    access_expires_at: float
    refresh_expires_at: float
    before: Pair | None = None
    successor: Pair | None = None
    access: str = field(default_factory=lambda: secrets.token_hex(20))
    refresh: str = field(default_factory=lambda: secrets.token_hex(20))


class Tokens:
    """All codes and pairs of the one registered application."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self._clock = clock
        self._lock = threading.RLock()
        self._codes: dict[str, _Code] = {}
        self._pairs: list[Pair] = []

    def issue_code(self, grant: Grant, redirect_uri: str) -> str:
        """Give a code for one exchange within 30 seconds."""
        code = secrets.token_hex(20)
        expires_at = self._clock.now() + CODE_SECONDS
        with self._lock:
            self._codes[code] = _Code(grant=grant, redirect_uri=redirect_uri, expires_at=expires_at)
        return code

    def exchange(self, code: str, redirect_uri: str) -> Pair:
        """Turn a code into the first pair; raises Refused (503). A code is used up either way."""
        with self._lock:
            known = self._codes.pop(code, None)
            if known is None or self._clock.now() >= known.expires_at:
                raise invalid_params("invalid code")
            if redirect_uri != known.redirect_uri:
                raise invalid_params("invalid redirect_uri")
            return self._new_pair(known.grant)

    def refresh(self, refresh: str) -> Pair:
        """Turn a refresh token into the next pair; raises Refused (503)."""
        with self._lock:
            pair = next((p for p in self._pairs if p.refresh == refresh), None)
            if pair is None or self._clock.now() >= pair.refresh_expires_at:
                raise invalid_params("invalid refresh_token")
            self._first_use(pair)
            if pair.successor is not None:
                # Two refreshes with one token: only the later answer counts, so a client that
                # keeps the earlier one has lost its link.
                self._pairs = [p for p in self._pairs if p is not pair.successor]
            pair.successor = self._new_pair(pair.grant, before=pair)
            overlap_ends_at = self._clock.now() + OVERLAP_SECONDS
            pair.refresh_expires_at = min(pair.refresh_expires_at, overlap_ends_at)
            return pair.successor

    def use(self, access: str) -> Grant:
        """Say who an access token speaks for; raises Refused (401)."""
        with self._lock:
            pair = next((p for p in self._pairs if p.access == access), None)
            if pair is None or self._clock.now() >= pair.access_expires_at:
                raise invalid_token()
            self._first_use(pair)
            return pair.grant

    def revoke(self, user_id: int | None) -> None:
        """Kill every token of a user, or of everybody."""
        with self._lock:
            self._pairs = [p for p in self._pairs if not _belongs(p, user_id)]

    def expire_code(self, code: str) -> None:
        """Let a code be too old."""
        with self._lock:
            known = self._codes.get(code)
            if known is not None:
                self._codes[code] = replace(known, expires_at=self._clock.now())

    def narrow(self, person: Person | None, scope: str) -> None:
        """Leave at most this one scope to all that a person allowed so far."""
        with self._lock:
            for code, known in self._codes.items():
                if known.grant.person == person:
                    self._codes[code] = replace(known, grant=_narrowed(known.grant, scope))
            for pair in self._pairs:
                if pair.grant.person == person:
                    pair.grant = _narrowed(pair.grant, scope)

    def whose(self, token: str) -> Person | None:
        """Say whose code or token this is, valid or not, without using it."""
        with self._lock:
            code = self._codes.get(token)
            if code is not None:
                return code.grant.person
            found = (p.grant.person for p in self._pairs if token in {p.access, p.refresh})
            return next(found, None)

    def _new_pair(self, grant: Grant, before: Pair | None = None) -> Pair:
        now = self._clock.now()
        pair = Pair(
            grant=grant,
            access_expires_at=now + ACCESS_SECONDS,
            refresh_expires_at=now + REFRESH_SECONDS,
            before=before,
        )
        self._pairs.append(pair)
        return pair

    def _first_use(self, pair: Pair) -> None:
        if pair.before is not None:
            pair.before.refresh_expires_at = self._clock.now()
            pair.before = None


def _belongs(pair: Pair, user_id: int | None) -> bool:
    return user_id is None or pair.grant.person.user_id == user_id


def _narrowed(grant: Grant, scope: str) -> Grant:
    return replace(grant, scopes=tuple(one for one in grant.scopes if one == scope))
