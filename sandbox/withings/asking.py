"""Reading what a data call is sent: whose token, numbers, days.

Belongs here: checks that all data calls share. Not here: what they answer (`data.py`, `row_calls.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sandbox.people import Person
from sandbox.withings.envelope import NOT_ALLOWED, Refused, invalid_params
from sandbox.withings.tokens import Tokens


def allowed(tokens: Tokens, access: str, scope: str) -> Person:
    """Give whose token it is; raises Refused for one that is not good for a scope."""
    grant = tokens.use(access)
    if scope not in grant.scopes:
        raise Refused(NOT_ALLOWED, f"Insufficient scope: {scope}")
    return grant.person


def number_asked(fields: Mapping[str, str], name: str) -> int | None:
    """Give a whole number that is not negative, None when it is not there."""
    text = fields.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise invalid_params(f"invalid {name}")
    return int(text)


def day_asked(fields: Mapping[str, str], name: str) -> date | None:
    """Give a day, None when it is not there."""
    text = fields.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid_params(f"invalid {name}") from None
