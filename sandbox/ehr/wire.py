"""JSON as FHIR needs it: a number keeps the digits it was written with.

Belongs here: parsing and writing bodies. Not here: what a body has to contain.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import simplejson

FHIR_JSON = "application/fhir+json"
JSON_TYPES = frozenset({FHIR_JSON, "application/json"})
Json = dict[str, Any]


class Number(Decimal):
    """A decimal that remembers its text: 72.30 stays 72.30, and 0.00000001 gains no exponent."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Read the text; raises decimal.InvalidOperation when it is no number."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        """Give the digits as they came."""
        return self.text


class MalformedJsonError(ValueError):
    """The body is no JSON that a FHIR server may accept."""


def loads(body: bytes) -> Any:
    """Parse a body; raises MalformedJsonError, whose text never quotes the body."""
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_float=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except MalformedJsonError:
        raise
    except (ValueError, InvalidOperation, RecursionError):
        raise MalformedJsonError("the body is not well-formed JSON") from None


def dumps(value: Any, *, sort_keys: bool = False) -> str:
    """Write JSON with every number's own digits."""
    return simplejson.dumps(
        value, use_decimal=True, sort_keys=sort_keys, ensure_ascii=False, separators=(",", ":")
    )


def _refuse_constant(_name: str) -> None:
    raise MalformedJsonError("NaN and Infinity are no JSON numbers")


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Parsers differ in which of the two they keep, so a strict server keeps neither.
        raise MalformedJsonError("an object names the same property twice")
    return found
