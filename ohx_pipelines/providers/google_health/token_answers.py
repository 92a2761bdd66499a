"""Google's token answers: the tokens of a code, and those of a refresh.

Belongs here: reading them. Not here: asking (`oauth.py`), or whose they are: they do not say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from ohx_pipelines.errors import Malformed, VendorRejected
from ohx_pipelines.providers.base import TokenGrant
from ohx_pipelines.providers.google_health.answers import HTTP_OK, json_object
from ohx_pipelines.providers.google_health.refusals import token_refusal

A_YEAR_IN_SECONDS = 365 * 86_400


def open_token(response: requests.Response) -> requests.Response:
    """Read a token answer, and leave of it what we use, in the types that oauthlib takes."""
    if response.status_code != HTTP_OK:
        raise token_refusal(response)
    body = json_object(response)
    texts = {name: _text(body.get(name)) for name in ("access_token", "refresh_token", "scope")}
    kept: dict[str, Any] = {name: text for name, text in texts.items() if text}
    kept["expires_in"] = _seconds(body.get("expires_in"))
    response._content = json.dumps(kept).encode()  # noqa: SLF001 (requests offers no setter)
    return response


def first_grant(token: Mapping[str, Any]) -> TokenGrant:
    """Read the tokens of a code, which must come with a refresh token and with scopes."""
    if not token.get("refresh_token"):
        message = "Google gave no refresh token: the consent page was asked without prompt=consent"
        raise VendorRejected(message, status=HTTP_OK)
    if not token.get("scope"):
        # What the user did not tick is not guessed.
        message = "Google's token answer lacks a field"
        raise Malformed(message)
    return read_grant(token)


def read_grant(token: Mapping[str, Any]) -> TokenGrant:
    """Read oauthlib's token; `user` stays empty, and `scopes` where a refresh says nothing of them."""
    return TokenGrant(
        access_token=token["access_token"],
        refresh_token=token["refresh_token"],
        expires_at=datetime.now(UTC) + timedelta(seconds=token["expires_in"]),
        scopes=frozenset(token.get("scope") or ()),
        user="",
    )


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _seconds(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < A_YEAR_IN_SECONDS:
        return value
    message = "Google's token answer lacks a field"
    raise Malformed(message)
