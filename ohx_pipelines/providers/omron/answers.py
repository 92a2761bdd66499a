"""OMRON's answers: `{status, result}` under HTTP 200, refusals included, read with the vendor's own digits.

Belongs here: telling an answer from what is none. Not here: refusals (`refusals.py`), pages
(`pages.py`), or what rows mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests

from ohx_pipelines.deadline import is_json
from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.omron.refusals import refusal, status_refusal

HTTP_OK = 200
STATUS, RESULT = "status", "result"
PAGING = ("nextPaginationKey", "paginationKey")
# Digits of a status or an error code.
LONGEST_CODE = 9


def open_result(response: requests.Response) -> Mapping[str, Any]:
    """Give the `result` of a data answer, its fractions as Decimal.

    Raises the error of the tables of refusals, Malformed when the answer is no such object.
    """
    if response.status_code != HTTP_OK:
        raise refusal(response)
    body = json_object(response)
    status, result = _integer(body.get(STATUS, 0)), body.get(RESULT)
    if status is None:
        message = "OMRON's status cannot be read"
        raise Malformed(message, status=HTTP_OK)
    if status != 0:
        raise status_refusal(status, code=_integer(body.get("errorCode")))
    if not isinstance(result, dict):
        message = "OMRON answered without a result"
        raise Malformed(message, status=HTTP_OK)
    # Where a key of the next page stands is told by no document.
    beside = {name: body[name] for name in PAGING if body.get(name) and not result.get(name)}
    return {**result, **beside}


def json_object(response: requests.Response) -> Mapping[str, Any]:
    """Give the object that an answer holds; raises Malformed when it holds none."""
    # A page of a network or of the vendor's edge is none, whatever its status says.
    body = _parsed(response) if is_json(response.headers.get("Content-Type", "")) else None
    if not isinstance(body, dict):
        message = "OMRON did not answer with a JSON object"
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


def _integer(given: object) -> int | None:
    """Read a code, a number or its digits; None for what is none."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    is_digits = isinstance(given, str) and given.isascii() and given.isdecimal()
    return int(str(given)) if is_digits and len(str(given)) <= LONGEST_CODE else None
