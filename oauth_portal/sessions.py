"""Who is signed in: a random session id, a patient id and a time, in a signed cookie.

Belongs here: start, reading and end of a session. Not here: how somebody proves who they are
(`sign_in.py`) or the cookie's flags (`security.py`).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from werkzeug.sansio.http import parse_cookie

LIFETIME_SECONDS = 30 * 60
EXTENSION = "ohx_ended_sessions"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A signed-in patient; `session_hash` binds an authorization to this session."""

    patient_id: str
    session_hash: str = field(repr=False)


class EndedSessions:
    """Sessions that were signed out, so that a copied cookie is worth nothing afterwards.

    Kept in the memory of the one process: a restart forgets them, the cookie's own end does not.
    """

    def __init__(self) -> None:
        self._ended: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, session_hash: str) -> None:
        """Remember a session until its cookie would have ended anyway."""
        now = time.time()
        with self._lock:
            self._ended = {key: until for key, until in self._ended.items() if until > now}
            self._ended[session_hash] = now + LIFETIME_SECONDS

    def __contains__(self, session_hash: str) -> bool:
        """Tell whether a session was signed out."""
        return session_hash in self._ended


def begin(patient_id: str) -> None:
    """Start a session under a new id; nothing of the one before survives."""
    session.clear()
    session["id"] = secrets.token_urlsafe(32)
    session["patient"] = patient_id
    session["since"] = int(time.time())


def end() -> None:
    """Sign out: the cookie goes, and its session id is refused from now on."""
    visitor = current()
    session.clear()
    if visitor is not None:
        _ended_sessions().add(visitor.session_hash)


def current() -> Visitor | None:
    """Give who is signed in, or None; a session ends 30 minutes after the sign-in."""
    return _visitor(session, _ended_sessions())


def visitor_of(app: Flask, cookies: str) -> Visitor | None:
    """Give whom a Cookie header signs in, outside of any request: before its body is read."""
    interface = cast("SecureCookieSessionInterface", app.session_interface)
    serializer = interface.get_signing_serializer(app)
    sealed = parse_cookie(cookies).get(interface.get_cookie_name(app))
    if serializer is None or not sealed:
        return None
    try:
        opened = serializer.loads(sealed, max_age=LIFETIME_SECONDS)
    except BadSignature:
        return None
    return _visitor(opened, app.extensions[EXTENSION]) if isinstance(opened, dict) else None


def _visitor(kept: Mapping[str, Any], ended: EndedSessions) -> Visitor | None:
    session_id, patient, since = (kept.get(key) for key in ("id", "patient", "since"))
    if not isinstance(session_id, str) or not isinstance(patient, str):
        return None
    if not isinstance(since, int) or time.time() - since > LIFETIME_SECONDS:
        return None
    session_hash = hashlib.sha256(session_id.encode()).hexdigest()
    if session_hash in ended:
        return None
    return Visitor(patient_id=patient, session_hash=session_hash)


def _ended_sessions() -> EndedSessions:
    return cast("EndedSessions", current_app.extensions[EXTENSION])
