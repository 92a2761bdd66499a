"""Google's refusals: which error an HTTP status and its reason stand for.

Belongs here: the one table, where a reason stands in an answer, and the pause that is asked for. Not
here: answers that say yes (`answers.py`), or who tries again (`sending.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    Malformed,
    RateLimited,
    ScopeMissing,
    ServiceDisabled,
    VendorDown,
    VendorError,
    VendorRejected,
)

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, TOO_MANY_REQUESTS = 400, 401, 403, 429
GATEWAY_TIMEOUT = 504
OTHER_ANSWERS, SERVER_ERRORS = range(201, 300), range(500, 600)
# A longer pause is a mistake of the server's.
LONGEST_PAUSE_SECONDS = 86_400.0
ANY = ""
# By status and reason; what is in no row is a wrong request of ours.
REFUSALS: Mapping[tuple[int, str], type[VendorError]] = {
    (BAD_REQUEST, "ACCOUNT_NOT_LINKED"): AccountWithoutData,
    (BAD_REQUEST, "invalid_grant"): AuthLost,
    (UNAUTHORIZED, ANY): AuthLost,
    (FORBIDDEN, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"): ScopeMissing,
    (FORBIDDEN, "MISSING_OAUTH_SCOPE"): ScopeMissing,
    (FORBIDDEN, "SERVICE_DISABLED"): ServiceDisabled,
    # What Google's services call a limit where they do not say 429.
    (FORBIDDEN, "RATE_LIMIT_EXCEEDED"): RateLimited,
    (FORBIDDEN, "RESOURCE_QUOTA_EXCEEDED"): RateLimited,
    (FORBIDDEN, "QUOTA_EXCEEDED"): RateLimited,
    (FORBIDDEN, "RESOURCE_EXHAUSTED"): RateLimited,
    (FORBIDDEN, "rateLimitExceeded"): RateLimited,
    (FORBIDDEN, "userRateLimitExceeded"): RateLimited,
    (FORBIDDEN, "quotaExceeded"): RateLimited,
    (FORBIDDEN, "dailyLimitExceeded"): RateLimited,
    (TOO_MANY_REQUESTS, ANY): RateLimited,
    **dict.fromkeys(((status, ANY) for status in OTHER_ANSWERS), Malformed),
    **dict.fromkeys(((status, ANY) for status in SERVER_ERRORS), VendorDown),
}
_MESSAGES: Mapping[type[VendorError], str] = {
    AccountWithoutData: "the Google account has no Google Health profile",
    AuthLost: "Google does not accept the token",
    Malformed: "Google's answer is none that it documents",
    ScopeMissing: "the account was linked without the scope of this call",
    ServiceDisabled: "the Google Health API is not enabled for the project",
    VendorDown: "Google has trouble",
    VendorRejected: "Google refuses the request",
}


def refusal(response: requests.Response) -> VendorError:
    """Give the exception for an answer of a status other than 200.

    It carries the status and nothing of the answer's text.
    """
    status = response.status_code
    rows = [(status, reason) for reason in (*reasons(response), ANY)]
    kind = next((REFUSALS[row] for row in rows if row in REFUSALS), VendorRejected)
    if kind is RateLimited:
        wait = _seconds_asked(response.headers.get("Retry-After"))
        return RateLimited("Google asks for a pause", status=status, wait_seconds=wait)
    return kind(_MESSAGES[kind], status=status)


def token_refusal(response: requests.Response) -> VendorError:
    """Give the exception for a refusal of the token endpoint.

    Its 401 is about our own credentials: a mistyped secret must cost no patient the link.
    """
    if response.status_code == UNAUTHORIZED:
        return VendorRejected("Google does not accept the application", status=UNAUTHORIZED)
    return refusal(response)


def reasons(response: requests.Response) -> tuple[str, ...]:
    """Give the words for why, the most exact first; none where the answer names none."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ()
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return (error,)
    return tuple(_words(error)) if isinstance(error, dict) else ()


def _words(error: Mapping[str, Any]) -> Iterator[str]:
    for member in ("details", "errors"):
        rows = error.get(member)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("reason"), str):
                yield row["reason"]
    if isinstance(error.get("status"), str):
        yield error["status"]


def _seconds_asked(header: str | None) -> float | None:
    """Read `Retry-After`, in seconds or as a date; None when it is missing or cannot be read."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), LONGEST_PAUSE_SECONDS)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    # "-0000" reads as no zone; RFC 9110 section 5.6.7 knows GMT only.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    seconds = (until - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)
