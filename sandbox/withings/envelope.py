"""The vendor's answers: `{status, body}` inside HTTP 200, errors included.

Belongs here: status numbers and the shape of answers. Not here: when each is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SUCCESS = 0
INVALID_TOKEN = 401
INVALID_PARAMS = 503
TOO_MANY_REQUESTS = 601
NOT_ALLOWED = 2553
NOT_IMPLEMENTED = 2554


class Refused(Exception):
    """A call ends with a status other than 0."""

    def __init__(self, status: int, error: str, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error
        self.body = dict(body or {})

    def envelope(self) -> dict[str, Any]:
        """Give the answer."""
        return {"status": self.status, "body": self.body, "error": self.error}


def success(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the answer of a call that worked."""
    return {"status": SUCCESS, "body": dict(body)}


def invalid_params(what: str) -> Refused:
    """Give the refusal of a wrong, used or missing parameter."""
    return Refused(INVALID_PARAMS, f"Invalid Params: {what}")


def invalid_token() -> Refused:
    """Give the refusal of an access token."""
    return Refused(
        INVALID_TOKEN,
        "XRequestID: Not provided invalid_token: The access token provided is invalid",
    )


def too_many(error: str, wait_seconds: int) -> Refused:
    """Give the refusal of a call that came too early."""
    return Refused(TOO_MANY_REQUESTS, error, {"wait_seconds": wait_seconds})
