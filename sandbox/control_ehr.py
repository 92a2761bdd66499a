"""Setting up the EHR on a test's order: how it behaves, and who may get a token for it.

Belongs here: checking an order and handing it on. Not here: faults that pass by themselves
(`control_faults.py`), and what a setting does (`ehr/settings.py`).
"""

from __future__ import annotations

from typing import Any

from sandbox.control_input import Fields, WrongRequest, body
from sandbox.ehr.app import EhrServer
from sandbox.ehr.settings import NAMES
from sandbox.smart.clients import Client
from sandbox.smart.scopes import Scopes

CLIENT = ("id", "secret", "jwks", "jwks_uri", "scope")
_PROOFS = CLIENT[1:4]


class EhrOrders:
    """Takes orders for one EHR and its authorization server."""

    def __init__(self, ehr: EhrServer) -> None:
        self._ehr = ehr
        self._smart = ehr.smart

    def change_settings(self) -> dict[str, Any]:
        """Change what is given; gives all settings as they are now."""
        try:
            self._ehr.settings.change(body(*NAMES).as_given())
        except ValueError as wrong:
            raise WrongRequest(str(wrong)) from None
        return self._ehr.settings.as_json()

    def reset_settings(self) -> dict[str, Any]:
        """Behave as at the start; gives all settings."""
        self._ehr.settings.reset()
        return self._ehr.settings.as_json()

    def register_client(self) -> dict[str, str]:
        """Register a client with a secret, its public keys, or the address of these."""
        given = body(*CLIENT)
        proofs = [name for name in _PROOFS if given.has(name)]
        if len(proofs) != 1:
            raise WrongRequest(f"a client has one of: {', '.join(_PROOFS)}")
        client = Client(
            client_id=_words(given, "id"),
            scopes=Scopes(_words(given, "scope").split()),
            secret=given.words("secret"),
            jwks=given.mapping("jwks"),
            jwks_uri=given.words("jwks_uri"),
        )
        self._smart.clients.register(client)
        return {"registered": client.client_id}

    def change_tokens(self) -> dict[str, int]:
        """Change how long tokens last that are given out from now on."""
        lifetime = body("token_seconds").needed("token_seconds", least=1)
        self._smart.tokens.lifetime_seconds = lifetime
        return {"token_seconds": lifetime}

    def revoke_tokens(self) -> dict[str, bool]:
        """End every token at once."""
        self._smart.tokens.revoke()
        return {"revoked": True}


def _words(given: Fields, name: str) -> str:
    found = given.words(name)
    if not found:
        raise WrongRequest(f"{name} is missing")
    return found
