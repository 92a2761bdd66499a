"""Withings' answers: a `{status, body}` envelope inside HTTP 200, errors included.

Belongs here: reading an answer and choosing the exception. Not here: which call was made.
Without this a stock OAuth library says "missing access token" whatever went wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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
from ohx_pipelines.providers.withings.codes import Reaction, reaction

HTTP_OK = 200
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = range(500, 600)


def open_envelope(response: requests.Response) -> Mapping[str, Any]:
    """Give the `body` of an answer.

    Raises AuthLost, RateLimited, VendorDown or VendorRejected by the status tables, Malformed when
    the answer is no envelope. Errors carry the status and nothing of the answer's text.
    """
    if response.status_code != HTTP_OK:
        raise edge_failure(response)
    envelope = _json_object(response)
    status = envelope.get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        message = "Withings answered without a status"
        raise Malformed(message, status=response.status_code)
    body = envelope.get("body")
    if reaction(status) is not Reaction.DONE:
        raise status_failure(status, body if isinstance(body, dict) else {})
    if not isinstance(body, dict):
        message = "Withings answered without a body"
        raise Malformed(message, status=response.status_code)
    return body


def edge_failure(response: requests.Response) -> VendorError:
    """Give the exception for an HTTP status other than 200, as the vendor's edge sends them."""
    status = response.status_code
    if status == TOO_MANY_REQUESTS:
        wait = _seconds(response.headers.get("Retry-After"))
        return RateLimited("Withings asks for a pause", status=status, wait_seconds=wait)
    if status in SERVER_ERRORS:
        return VendorDown("Withings has trouble", status=status)
    return VendorRejected("Withings refuses the request", status=status)


def status_failure(status: int, body: Mapping[str, Any]) -> VendorError:
    """Give the exception for a status of the envelope."""
    match reaction(status):
        case Reaction.RENEW_TOKEN:
            return AuthLost("Withings does not accept the token", status=status)
        case Reaction.WAIT:
            wait = _seconds(body.get("wait_seconds"))
            return RateLimited("Withings asks for a pause", status=status, wait_seconds=wait)
        case Reaction.TRY_AGAIN:
            return VendorDown("Withings has trouble", status=status)
        case _:
            return VendorRejected("Withings refuses the request", status=status)


def _json_object(response: requests.Response) -> Mapping[str, Any]:
    if not is_json(response.headers.get("Content-Type", "")):
        # A portal of a network or a page of the vendor's edge, whatever its status says.
        message = "Withings did not answer with JSON"
        raise Malformed(message, status=response.status_code)
    try:
        envelope = _exact_json(response)
    except ValueError:
        message = "Withings did not answer with JSON"
        raise Malformed(message, status=response.status_code) from None
    if not isinstance(envelope, dict):
        message = "Withings did not answer with a JSON object"
        raise Malformed(message, status=response.status_code)
    return envelope


def _exact_json(response: requests.Response) -> Any:
    """Read JSON with the vendor's own digits; raises ValueError, also for what is no number."""
    # Without: 1028.559 m of the vendor would be 1028.5589999999999690… m in a chart.
    return json.loads(response.content, parse_float=Decimal, parse_constant=_no_number)


def _no_number(_word: str) -> Any:
    raise ValueError


def _seconds(value: object) -> float | None:
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
