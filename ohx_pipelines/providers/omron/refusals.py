"""OMRON's refusals: which error an HTTP status, an OAuth word or a status of the answer stands for.

Belongs here: the tables, and the pause that is asked for. Not here: answers that say yes
(`answers.py`), or who tries again (`client.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from ohx_pipelines.deadline import is_json
from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    VendorDown,
    VendorError,
    VendorRejected,
)

BAD_REQUEST, UNAUTHORIZED, REQUEST_TIMEOUT, TOO_MANY_REQUESTS = 400, 401, 408, 429
OTHER_ANSWERS, SERVER_ERRORS = range(201, 300), range(500, 600)
# A longer pause is a mistake of the server's.
LONGEST_PAUSE_SECONDS = 86_400.0
# By HTTP status; what is in no row is a wrong request of ours.
REFUSALS: Mapping[int, type[VendorError]] = {
    UNAUTHORIZED: AuthLost,
    REQUEST_TIMEOUT: VendorDown,
    TOO_MANY_REQUESTS: RateLimited,
    **dict.fromkeys(OTHER_ANSWERS, Malformed),
    **dict.fromkeys(SERVER_ERRORS, VendorDown),
}
# By the `errorCode` of an answer that says no under HTTP 200. OMRON publishes none: what is in no row
# is a wrong request of ours, and its `reason`, a text, is never guessed from.
CODES: Mapping[int, type[VendorError]] = {}
# By the word of the token endpoint.
INVALID_GRANT = "invalid_grant"
_MESSAGES: Mapping[type[VendorError], str] = {
    AuthLost: "OMRON does not accept the token",
    Malformed: "OMRON's answer is none that is known of it",
    RateLimited: "OMRON asks for a pause",
    VendorDown: "OMRON has trouble",
    VendorRejected: "OMRON refuses the request",
}


def refusal(response: requests.Response) -> VendorError:
    """Give the exception for an answer of a status other than 200.

    It carries the status and nothing of the answer's text.
    """
    status = response.status_code
    kind = REFUSALS.get(status, VendorRejected)
    if kind is RateLimited:
        wait = _seconds_asked(response.headers.get("Retry-After"))
        return RateLimited(_MESSAGES[RateLimited], status=status, wait_seconds=wait)
    return kind(_MESSAGES[kind], status=status)


def status_refusal(status: int, *, code: int | None) -> VendorError:
    """Give the exception for a status other than 0 under HTTP 200."""
    number = status if code is None else code
    kind = CODES.get(number, VendorRejected)
    return kind(_MESSAGES[kind], status=number)


def token_refusal(response: requests.Response) -> VendorError:
    """Give the exception for a refusal of the token endpoint.

    Its 401 is about our own credentials: a mistyped secret must cost no patient the link.
    """
    status = response.status_code
    if status == BAD_REQUEST and oauth_word(response) == INVALID_GRANT:
        return AuthLost(_MESSAGES[AuthLost], status=status)
    if status == UNAUTHORIZED:
        return VendorRejected("OMRON does not accept the application", status=status)
    return refusal(response)


def oauth_word(response: requests.Response) -> str:
    """Give the `error` of an OAuth answer, empty where there is none; a page on the way is none."""
    if not is_json(response.headers.get("Content-Type", "")):
        return ""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    word = body.get("error") if isinstance(body, dict) else None
    return word if isinstance(word, str) else ""


def _seconds_asked(header: str | None) -> float | None:
    """Read `Retry-After`, in seconds or as a date; None when it is missing or cannot be read."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return min(float(header), LONGEST_PAUSE_SECONDS)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    # "-0000" reads as no zone; RFC 9110 section 5.6.7 knows GMT only.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)
