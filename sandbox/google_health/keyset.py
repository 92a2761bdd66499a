"""The keys by which notifications are signed, and the public half of them as Tink writes it.

Belongs here: making keys, changing over from one to the next, signing, the published JSON. Not here:
what is signed and sent (`deliveries.py`).
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PATH = "/webhooks/webhooks_public_keyset.json"
HEADER = "GOOGLE-HEALTH-API-SIGNATURE"
ENABLED, DISABLED = "ENABLED", "DISABLED"
TYPE_URL = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
# Tink's prefix of a signature: this byte, then the key's number.
_TINK = b"\x01"
# EcdsaParams by field: hash_type SHA256, curve NIST_P256, encoding DER.
_PARAMS = ((1, 3), (2, 2), (3, 2))
_COORDINATE_BYTES = 32
_VARINT, _BYTES = 0, 2


@dataclass(kw_only=True)
class Key:
    """One key pair; `status` is DISABLED when nothing signed by it counts any more."""

    number: int
    private: ec.EllipticCurvePrivateKey
    status: str = ENABLED

    def as_json(self) -> dict[str, Any]:
        """Give the public half as an entry of a Tink keyset."""
        value = base64.b64encode(self._public_value()).decode()
        return {
            "keyData": {
                "typeUrl": TYPE_URL,
                "value": value,
                "keyMaterialType": "ASYMMETRIC_PUBLIC",
            },
            "status": self.status,
            "keyId": self.number,
            "outputPrefixType": "TINK",
        }

    def _public_value(self) -> bytes:
        """Write the message EcdsaPublicKey; its version is 0, which protobuf leaves out."""
        point = self.private.public_key().public_numbers()
        params = b"".join(_number_field(field, value) for field, value in _PARAMS)
        parts = (params, _coordinate(point.x), _coordinate(point.y))
        return b"".join(_bytes_field(n, part) for n, part in enumerate(parts, start=2))


class Keyset:
    """All keys that were ever in use; the primary one signs."""

    def __init__(self) -> None:
        """Start with one key."""
        self._lock = threading.Lock()
        self._numbers = _new_numbers()
        self._keys = [self._new_key()]

    @property
    def primary(self) -> Key:
        """The key that signs from now on."""
        with self._lock:
            return self._keys[-1]

    def rotate(self) -> int:
        """Sign by another key from now on; the keys before stay good. Gives its number."""
        with self._lock:
            self._keys.append(self._new_key())
            return self._keys[-1].number

    def disable(self, number: int) -> None:
        """Let nothing count any more that a key signed; raises KeyError for the primary or none."""
        with self._lock:
            found = next((key for key in self._keys[:-1] if key.number == number), None)
            if found is None:
                raise KeyError(number)
            found.status = DISABLED

    def sign(self, body: bytes) -> str:
        """Give the header's value for these very bytes."""
        key = self.primary
        signature = key.private.sign(body, ec.ECDSA(hashes.SHA256()))
        return base64.b64encode(_TINK + key.number.to_bytes(4, "big") + signature).decode()

    def as_json(self) -> dict[str, Any]:
        """Give the published keyset."""
        with self._lock:
            return {
                "primaryKeyId": self._keys[-1].number,
                "key": [key.as_json() for key in self._keys],
            }

    def _new_key(self) -> Key:
        return Key(number=next(self._numbers), private=ec.generate_private_key(ec.SECP256R1()))


def _new_numbers() -> Iterator[int]:
    """Give numbers of 32 bits by lot; the first has its highest bit set, as half of Tink's have."""
    given = {0}
    number = 1 << 31 | secrets.randbits(31)
    while True:
        if number not in given:
            given.add(number)
            yield number
        number = secrets.randbits(32)


def _number_field(field: int, value: int) -> bytes:
    return bytes((field << 3 | _VARINT, value))


def _bytes_field(field: int, value: bytes) -> bytes:
    return bytes((field << 3 | _BYTES, len(value))) + value


def _coordinate(number: int) -> bytes:
    # Tink writes big integers with a leading zero byte.
    return number.to_bytes(_COORDINATE_BYTES + 1, "big")
