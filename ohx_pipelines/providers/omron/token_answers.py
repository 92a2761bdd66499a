"""OMRON's token answers: the tokens of a code with the user's id, and those of a refresh.

Belongs here: reading them. Not here: asking (`oauth.py`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from ohx_pipelines.errors import Malformed, VendorRejected
from ohx_pipelines.providers.base import TokenGrant
from ohx_pipelines.providers.omron.answers import HTTP_OK, json_object
from ohx_pipelines.providers.omron.refusals import token_refusal
from ohx_pipelines.providers.omron.user_ids import user_id

A_YEAR_IN_SECONDS = 365 * 86_400
# What today's clients of OMRON see, for an answer that does not say.
USUAL_SECONDS = 3_600
LONGEST_ID_TOKEN = 20_000
_JWT_PARTS = 3
_NUMBER = re.compile(r"[0-9]{1,40}(?:\.[0-9]{0,40})?", re.ASCII)
# The scopes without which these do not come.
PROVEN_BY = {"id_token": "openid", "refresh_token": "offline_access"}
_TEXTS = ("access_token", "refresh_token", "scope", "id_token")


def open_token(response: requests.Response) -> requests.Response:
    """Read a token answer, and leave of it what we use, in the types that oauthlib takes."""
    if response.status_code != HTTP_OK:
        raise token_refusal(response)
    body = json_object(response)
    texts = {name: _text(body.get(name)) for name in _TEXTS}
    kept: dict[str, Any] = {name: text for name, text in texts.items() if text}
    kept["expires_in"] = _seconds(body.get("expires_in"))
    response._content = json.dumps(kept).encode()  # noqa: SLF001 (requests offers no setter)
    return response


def first_grant(token: Mapping[str, Any], *, asked: tuple[str, ...]) -> TokenGrant:
    """Read the tokens of a code; OMRON need not say which scopes it granted: those `asked` then."""
    if not token.get("refresh_token"):
        message = "OMRON gave no refresh token: offline_access was not granted"
        raise VendorRejected(message, status=HTTP_OK)
    user = _subject(token.get("id_token"))
    if user is None:
        message = "OMRON's token answer does not say whose the tokens are"
        raise Malformed(message)
    return _grant(token, user=user, scopes=_scopes(token) or frozenset(asked))


def next_grant(token: Mapping[str, Any]) -> TokenGrant:
    """Read the tokens of a refresh; `user` stays empty, and `scopes` where it says nothing of them."""
    return _grant(token, user="", scopes=_scopes(token))


def _grant(token: Mapping[str, Any], *, user: str, scopes: frozenset[str]) -> TokenGrant:
    return TokenGrant(
        access_token=token["access_token"],
        refresh_token=token["refresh_token"],
        expires_at=datetime.now(UTC) + timedelta(seconds=token["expires_in"]),
        scopes=scopes,
        user=user,
    )


def _scopes(token: Mapping[str, Any]) -> frozenset[str]:
    """Give what was granted; empty where nothing is said of it."""
    told = frozenset(token.get("scope") or ())
    # What came proves its scope, also where the answer names those of readings alone.
    proven = {scope for name, scope in PROVEN_BY.items() if token.get(name)}
    return told | proven if told else told


def _subject(id_token: object) -> str | None:
    """Give the `sub` of an id_token, which came from OMRON itself: nobody is signed in by it."""
    parts = id_token.split(".") if isinstance(id_token, str) else []
    if len(parts) != _JWT_PARTS or len(parts[1]) > LONGEST_ID_TOKEN:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, RecursionError):
        return None
    return user_id(claims.get("sub")) if isinstance(claims, dict) else None


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _seconds(value: object) -> int:
    """Read a lifetime; whatever it says, it costs no tokens: a refresh token is dead once used."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 1:
        return USUAL_SECONDS
    return int(min(value, A_YEAR_IN_SECONDS))
