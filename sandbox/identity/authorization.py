"""Checking an authorization request, as strictly as a careful provider does.

Belongs here: which requests get a sign-in page, an error page or an error sent back. Not here: the
pages (`sign_in.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# RFC 7636 4.2: what S256 gives, 43 characters of base64url.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class Client:
    """The one client that is registered with the provider."""

    client_id: str
    client_secret: str
    redirect_uri: str


def unsafe_return(asked: Mapping[str, str], client: Client) -> str | None:
    """Say why the browser may not be sent back at all; None when it may."""
    if asked.get("client_id") != client.client_id:
        return "The application is not registered (client_id)."
    if asked.get("redirect_uri") != client.redirect_uri:
        return "The return address is not the registered one (redirect_uri)."
    return None


def wrong_request(asked: Mapping[str, str]) -> tuple[str, str] | None:
    """Give the error code and description to send back; None for a good request."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "only the code flow is offered"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope", "scope lacks openid"
    if not asked.get("state"):
        return "invalid_request", "state is missing"
    if asked.get("code_challenge_method") != "S256":
        return "invalid_request", "PKCE with S256 is required"
    if not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        return "invalid_request", "code_challenge is missing or malformed"
    return None
