"""Google's answers: a JSON object under HTTP 200, read with the vendor's own digits.

Belongs here: telling an answer from what is none. Not here: refusals (`refusals.py`), pages
(`client.py`), or what members mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests

from ohx_pipelines.deadline import is_json
from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.google_health.refusals import refusal

HTTP_OK = 200


def open_answer(response: requests.Response) -> Mapping[str, Any]:
    """Give the object of an answer, its fractions as Decimal.

    Raises the error of the table of refusals, Malformed when the answer is no JSON object.
    """
    if response.status_code != HTTP_OK:
        raise refusal(response)
    return json_object(response)


def json_object(response: requests.Response) -> Mapping[str, Any]:
    """Give the object that an answer holds; raises Malformed when it holds none."""
    # A page of a network or of the vendor's edge is none, whatever its status says.
    body = _parsed(response) if is_json(response.headers.get("Content-Type", "")) else None
    if not isinstance(body, dict):
        message = "Google did not answer with a JSON object"
        raise Malformed(message, status=response.status_code)
    return body


def _parsed(response: requests.Response) -> Any:
    """Read JSON; None for what cannot be read, and for a number that is none."""
    try:
        # As floats, digits would come that nobody measured.
        return json.loads(response.content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None


def _no_number(_word: str) -> Any:
    raise ValueError
