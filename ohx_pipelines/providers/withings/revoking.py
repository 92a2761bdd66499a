"""Withings' revocation: a call that is signed with a nonce, never with the secret itself.

Belongs here: the signature scheme and the two calls of it. Not here: tokens (`oauth.py`).
There is no RFC 7009 endpoint; the user's id names whose permission ends.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

import requests

from ohx_pipelines.errors import Malformed, VendorDown
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.withings.envelope import open_envelope
from ohx_pipelines.providers.withings.oauth import TOKEN_PATH, TURN_SECONDS, WithingsOAuth
from ohx_pipelines.urgency import at_once

SIGNATURE_PATH = "/v2/signature"


class WithingsRevoking:
    """Ends what a user allowed the application."""

    def __init__(self, settings: WithingsSettings, oauth: WithingsOAuth) -> None:
        """Use the application's settings and its OAuth sessions."""
        self._settings = settings
        self._oauth = oauth

    def revoke(self, user: str) -> None:
        """Kill the user's tokens, and the subscriptions with them.

        Each call takes a nonce of its own, so it can be repeated. What Withings answers for a user
        whom it no longer knows is not documented: any refusal is a VendorError.
        """
        self._call(TOKEN_PATH, "revoke", {"nonce": self._nonce(), "userid": user}, signs="nonce")

    def check(self) -> None:
        """Prove client id and secret with the one call that touches no user: it asks for a nonce."""
        self._nonce()

    def _nonce(self) -> str:
        given = self._call(
            SIGNATURE_PATH, "getnonce", {"timestamp": str(int(time.time()))}, signs="timestamp"
        )
        nonce = given.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            message = "Withings' answer lacks the nonce"
            raise Malformed(message)
        return nonce

    def _call(
        self, path: str, action: str, fields: Mapping[str, str], *, signs: str
    ) -> Mapping[str, Any]:
        client_id = self._settings.client_id
        # Withings signs the values of these three fields, in the order of the fields' names.
        signature = self._sign(action, client_id, fields[signs])
        signed = {"action": action, "client_id": client_id, "signature": signature, **fields}
        # A refused refresh asks for a nonce, and holds its lease meanwhile.
        with at_once(most_seconds=TURN_SECONDS), counted(self._oauth.budget):
            return self._post(path, signed)

    def _post(self, path: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            response = self._oauth.session().post(
                self._settings.api_url + path,
                data=dict(fields),
                timeout=self._settings.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            message = "Withings did not answer"
        else:
            return open_envelope(response)
        raise VendorDown(message)

    def _sign(self, *values: str) -> str:
        secret = self._settings.client_secret.get_secret_value()
        return hmac.new(secret.encode(), ",".join(values).encode(), hashlib.sha256).hexdigest()
