"""The public keys that sign Google's notifications, read out of a JSON keyset of Tink.

Belongs here: the keyset's JSON and the protobuf message within. Not here: fetching it, or signatures
(`signatures.py`). Tink's own library is a compiled giant; what is needed of its format is this page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from ohx_pipelines.errors import Malformed

Keys = Mapping[int, ec.EllipticCurvePublicKey]
TYPE_URL = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
ENABLED, TINK = "ENABLED", "TINK"
# Fields of EcdsaPublicKey, and of the EcdsaParams in it: hash, curve and encoding of signatures.
PARAMS, X, Y = 2, 3, 4
SHA256_P256_DER = {1: 3, 2: 2, 3: 2}
_VARINT, _BYTES = 0, 2
_WIRE_TYPE_BITS, _WIRE_TYPE = 3, 0b111
_MORE, _SEVEN_BITS = 0x80, 0x7F
_LONGEST_VARINT = 10


def read_keyset(content: bytes) -> Keys:
    """Give the enabled keys by their number; one that is of no use to us costs only itself.

    Raises Malformed when it is no keyset, or none of its keys can be used.
    """
    try:
        keyset = json.loads(content)
    except (ValueError, RecursionError):
        keyset = None
    rows = keyset.get("key") if isinstance(keyset, dict) else None
    keys = dict(_usable(rows if isinstance(rows, list) else []))
    if not keys:
        message = "Google's keyset holds no key of use"
        raise Malformed(message)
    return keys


def _usable(rows: list[Any]) -> Iterator[tuple[int, ec.EllipticCurvePublicKey]]:
    for row in rows:
        try:
            yield row["keyId"], _public_key(row)
        except (KeyError, TypeError, ValueError, IndexError):
            continue


def _public_key(row: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """Give a key's point; raises an error of reading for what is no enabled key of the one kind."""
    data = row["keyData"]
    said = (row["status"], row["outputPrefixType"], data["typeUrl"], type(row["keyId"]))
    if said != (ENABLED, TINK, TYPE_URL, int):
        raise ValueError
    fields = dict(_fields(base64.b64decode(data["value"], validate=True)))
    if dict(_fields(fields[PARAMS])) != SHA256_P256_DER:
        raise ValueError
    # As numbers: Tink writes a leading zero byte before them.
    x, y = (int.from_bytes(fields[one], "big") for one in (X, Y))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Give the fields of a protobuf message that are numbers or bytes; raises ValueError for others."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & _WIRE_TYPE == _BYTES:
            at, start = at + value, at
            if at > len(message):
                raise ValueError
            yield tag >> _WIRE_TYPE_BITS, message[start:at]
        elif tag & _WIRE_TYPE == _VARINT:
            yield tag >> _WIRE_TYPE_BITS, value
        else:
            raise ValueError


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Give a number and where it ends; raises IndexError when it does not."""
    number = 0
    for place in range(_LONGEST_VARINT):
        byte = message[at + place]
        number |= (byte & _SEVEN_BITS) << (7 * place)
        if not byte & _MORE:
            return number, at + place + 1
    raise ValueError
