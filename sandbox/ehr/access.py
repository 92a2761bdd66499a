"""Who may ask the EHR for what, where it requires tokens.

Belongs here: reading the Authorization header, and the right that an interaction needs. Not here:
giving tokens out (`sandbox/smart/`).
"""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import Authorization

from sandbox.ehr.asked import Interaction
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.settings import Settings
from sandbox.smart.scopes import CREATE, DELETE, READ, SEARCH, UPDATE, Scopes
from sandbox.smart.server import AuthorizationServer


class Access:
    """Finds out what a request may do."""

    def __init__(self, settings: Settings, smart: AuthorizationServer) -> None:
        self._settings = settings
        self._smart = smart

    def scopes(self, given: Authorization | None) -> Scopes | None:
        """Give the scopes of a request, None where no token is asked for; raises Refused (401)."""
        if not self._settings.token_required:
            return None
        found = None if given is None else self._scopes_of(given)
        if found is None:
            raise _unknown(is_given=given is not None)
        return found

    def _scopes_of(self, given: Authorization) -> Scopes | None:
        if given.type == "bearer":
            return self._smart.tokens.scopes_of(given.token or "")
        if given.type == "basic":
            return self._smart.clients.scopes_of(given.username or "", given.password or "")
        return None


def check_access(asked: Interaction) -> None:
    """Refuse (403) what the token's scopes do not cover."""
    _check(asked, _right(asked))


def check_creation(asked: Interaction) -> None:
    """Refuse (403) an update that would create when the scopes do not cover creating too."""
    _check(asked, CREATE)


def _check(asked: Interaction, right: str) -> None:
    scopes = asked.caller.scopes
    if scopes is not None and not scopes.covers(asked.resource_type, right):
        text = f"the token's scopes do not cover this interaction with {asked.resource_type}"
        raise refuse(403, "forbidden", text)


def _right(asked: Interaction) -> str:
    if asked.method == "GET":
        return SEARCH if asked.resource_id is None else READ
    rights: dict[str, Any] = {"POST": CREATE, "PUT": UPDATE, "DELETE": DELETE}
    return str(rights[asked.method])


def _unknown(*, is_given: bool) -> Refused:
    text = "the token is not valid" if is_given else "this server asks for a token"
    # RFC 6750 3.1: who sent no token is told no reason.
    challenge = 'Bearer error="invalid_token"' if is_given else "Bearer"
    refused = refuse(401, "login", text)
    return Refused(refused.status, refused.issues, challenge=challenge)
