"""Envelope encryption of what must not be read at rest: tokens, vendor user ids, credentials.

Belongs here: keys and ciphertexts. Not here: which row holds them (`store.py`).
AES-256-GCM with associated data, so that a ciphertext copied into another row or field, or a
flipped bit, is refused instead of opened.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ohx_pipelines.errors import VaultError

FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class WrappedKey:
    """A data key as it is stored: sealed under the key-encryption key that `key_id` names."""

    key_id: str
    sealed: bytes = field(repr=False)


class Vault:
    """Seals and opens under one key-encryption key."""

    def __init__(self, key: bytes, *, key_id: str) -> None:
        """Take the 32-byte key-encryption key and its name."""
        if len(key) != KEY_BYTES:
            message = "the key-encryption key must be 32 bytes"
            raise VaultError(message)
        self._key = key
        self._key_id = key_id
        self._hash_key = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"ohx keyed hash").derive(key)

    def new_data_key(self, owner: str) -> tuple[bytes, WrappedKey]:
        """Give a fresh data key, open and wrapped."""
        data_key = secrets.token_bytes(KEY_BYTES)
        sealed = _seal(self._key, data_key, self._wrap_aad(owner))
        return data_key, WrappedKey(key_id=self._key_id, sealed=sealed)

    def open_data_key(self, wrapped: WrappedKey, *, owner: str) -> bytes:
        """Open a wrapped data key; raises VaultError with another key or owner."""
        if wrapped.key_id != self._key_id:
            message = f"the row was sealed with key {wrapped.key_id!r}: set OHX_TOKEN_KEY to it"
            raise VaultError(message)
        return _open(self._key, wrapped.sealed, self._wrap_aad(owner))

    def seal(self, data_key: bytes, text: str, *, owner: str, name: str, version: int) -> bytes:
        """Seal a text for one owner, field name and version."""
        return _seal(data_key, text.encode(), _aad(owner, name, version))

    def open(self, data_key: bytes, sealed: bytes, *, owner: str, name: str, version: int) -> str:
        """Open what was sealed for the same owner, field name and version; else VaultError."""
        return _open(data_key, sealed, _aad(owner, name, version)).decode()

    def keyed_hash(self, *parts: str) -> str:
        """Give a hash for finding duplicates, under a key of its own."""
        message = b"".join(len(raw).to_bytes(4) + raw for raw in (part.encode() for part in parts))
        return hmac.new(self._hash_key, message, hashlib.sha256).hexdigest()

    def _wrap_aad(self, owner: str) -> bytes:
        return f"ohx|v1|{owner}|data-key|{self._key_id}".encode()


def _aad(owner: str, name: str, version: int) -> bytes:
    return f"ohx|v1|{owner}|{name}|{version}".encode()


def _seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, aad)


def _open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    if sealed[:1] != FORMAT:
        message = "a sealed value has an unknown format"
        raise VaultError(message)
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, aad)
    except (InvalidTag, ValueError):  # ValueError: cut off within the nonce
        message = "a sealed value cannot be opened: another key, or its row was changed"
    raise VaultError(message)
