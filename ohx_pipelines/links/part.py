"""What every part of the store stands on: the engine, the vault, sealed columns, new ids.

Belongs here: those four. Not here: any table.
"""

from __future__ import annotations

import base64
import secrets

from sqlalchemy import Engine

from ohx_pipelines.errors import VaultError
from ohx_pipelines.links.vault import Vault, WrappedKey

ID_LENGTH = 12
# The name under which a link's vendor user id is sealed.
ACCOUNT = "vendor-user"


class Part:
    """A part of the store."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        """Share one engine and one vault."""
        self.engine = engine
        self.vault = vault

    def open_key(self, key_id: str | None, wrapped: bytes | None, *, owner: str) -> bytes:
        """Open a row's data key; raises VaultError when it was destroyed."""
        if key_id is None or wrapped is None:
            message = f"the data key of {owner} was destroyed"
            raise VaultError(message)
        return self.vault.open_data_key(WrappedKey(key_id=key_id, sealed=wrapped), owner=owner)


def new_id() -> str:
    """Give a random id of 12 lower-case base32 characters: 60 bits, no meaning."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()[:ID_LENGTH]
