"""Who calls, and whether they may.

Belongs here: access tokens, the user in the address, scopes, accounts without a profile. Not here:
what a call answers, and faults (`trouble.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.errors import (
    account_not_linked,
    bad_credentials,
    no_credentials,
    not_allowed,
    not_found,
    scope_insufficient,
)
from sandbox.google_health.settings import Settings
from sandbox.google_health.tokens import Grant, Tokens
from sandbox.people import Person

ME = "me"


@dataclass(frozen=True, kw_only=True)
class Callers:
    """The people, as the API's calls meet them."""

    people: Sequence[Person]
    tokens: Tokens
    settings: Settings

    def admit(self, user: str) -> Grant:
        """Give what the current request's token stands for.

        Raises Refused for a bad token (401), another person (403, 404) and an account without a
        Google Health profile (400).
        """
        token = bearer()
        if not token:
            raise no_credentials()
        grant = self.tokens.use(token)
        if user not in {ME, health_user_id(grant.person)}:
            is_known = any(health_user_id(person) == user for person in self.people)
            raise not_allowed() if is_known else not_found()
        if grant.person.login in self.settings.not_linked:
            raise account_not_linked()
        if not grant.scopes:
            raise scope_insufficient()
        return grant


def allow(grant: Grant, scope: str) -> Person:
    """Give whose grant it is; raises Refused (403) where a scope is missing."""
    if scope not in grant.scopes:
        raise scope_insufficient()
    return grant.person


def bearer() -> str:
    """Give the current request's access token, empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return ""
    if not token:
        raise bad_credentials()
    return token
