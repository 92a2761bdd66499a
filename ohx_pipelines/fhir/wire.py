"""JSON as it goes over the wire: numbers keep the digits that the vendor gave.

Belongs here: text in and out. Not here: HTTP (`client.py`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import simplejson


def dump(resource: Any) -> bytes:
    """Give JSON with every Decimal written out: 72.30 stays 72.30, 0.00001 is never 1E-5."""
    return simplejson.dumps(
        resource, default=_plain, use_decimal=False, separators=(",", ":"), ensure_ascii=False
    ).encode()


def load(content: bytes) -> Any:
    """Read JSON, numbers with a fraction as Decimal; raises ValueError when it is none."""
    return simplejson.loads(content.decode(), use_decimal=True)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return simplejson.RawJSON(format(value, "f"))
    message = f"{type(value).__name__} has no place in a resource"
    raise TypeError(message)
