"""Refusals as the vendor's wire has them: OAuth's, of HTTP, and those in an answer of HTTP 200.

Belongs here: status and body. Not here: when something is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

# Codes of the envelope: the vendor publishes none but 0, so these stand for any other.
SUCCESS, WRONG_FIELD, NOT_GRANTED = 0, 1, 2


class Refused(Exception):
    """A call is refused."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}

    def answer(self) -> Response:
        """Give the answer."""
        answer = jsonify(dict(self.body))
        answer.status_code = self.status
        answer.headers.update(self.headers)
        return answer


def oauth_refused(error: str) -> Refused:
    """Refuse a token call: 400 for a wrong client too, as IdentityServer does."""
    return Refused(400, {"error": error})


def bad_token() -> Refused:
    """Refuse an access token that is unknown, too old or revoked."""
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Refused(401, {"message": "Unauthorized"}, challenge)


def too_many(wait: int | None) -> Refused:
    """Refuse a call above the limit; `wait` are the seconds to say."""
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Refused(429, {"message": "Too Many Requests"}, headers)


def not_ok(status: int, reason: str) -> Refused:
    """Refuse as an envelope does: HTTP itself says 200."""
    return Refused(200, {"status": status, "reason": reason, "errorCode": status})
