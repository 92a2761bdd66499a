"""Tokens that look like signed JWTs.

Belongs here: their three parts. Not here: what is valid (`tokens.py`). The signature is noise: the
vendor's keyset is not public, so nobody here can check one.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any

_SIGNATURE_BYTES = 256


def looks_signed(claims: Mapping[str, Any]) -> str:
    """Give a token that says so."""
    parts = (json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode())
    return ".".join(_unpadded(one) for one in (*parts, secrets.token_bytes(_SIGNATURE_BYTES)))


def _unpadded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
