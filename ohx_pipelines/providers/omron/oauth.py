"""OMRON's OAuth 2 dialect, over requests-oauthlib.

Belongs here: consent address, code exchange, refresh, revocation. Not here: what a token answer holds
(`token_answers.py`), data calls (`client.py`).
The dialect: the secret goes in the body; whose tokens they are stands in an id_token; a refresh may
bring another refresh token, and then the old one is dead; revocation is not in every contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ohx_pipelines.errors import AuthLost, VendorDown, VendorRejected
from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import CallBudget, TokenGrant, Unlimited
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.oauth_sessions import OAuthSessions, allow_loopback, token_answer
from ohx_pipelines.providers.omron.answers import HTTP_OK, json_object
from ohx_pipelines.providers.omron.refusals import token_refusal
from ohx_pipelines.providers.omron.token_answers import first_grant, next_grant, open_token
from ohx_pipelines.urgency import at_once

TOKEN_PATH, REVOCATION_PATH = "/connect/token", "/connect/revocation"
# How long a call may wait for its turn: a person waits at the page, and who refreshes holds a lease.
CODE_TURN_SECONDS = 20.0
TURN_SECONDS = 5.0
# A refresh token that was never given to anybody.
OF_NOBODY = "of-nobody"
# Revocation vanished from OMRON's documents: where it is gone, there is nobody to tell.
NO_REVOCATION = frozenset({404, 405, 410})


class OmronOAuth:
    """Consent page, code exchange, refresh and revocation for one application."""

    def __init__(
        self,
        settings: OmronSettings,
        *,
        scopes: tuple[str, ...],
        adapter: HTTPAdapter,
        budget: CallBudget | None = None,
        return_address: str | None = None,
    ) -> None:
        """Share `adapter`, and so its connection pool, and `budget` with the data calls."""
        self._settings = settings
        self._scopes = scopes
        self.session = OAuthSessions(
            client_id=settings.client_id, adapter=adapter, open_token=open_token
        ).session
        self._return_address = return_address
        self.budget: CallBudget = budget or Unlimited()
        allow_loopback((settings.api_url, settings.authorize_url))

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address."""
        session = self.session(redirect_uri=redirect_uri, scope=list(self._scopes))
        challenge = {"code_challenge": code_challenge, "code_challenge_method": "S256"}
        url, _ = session.authorization_url(
            self._settings.authorize_url, state=state, **(challenge if code_challenge else {})
        )
        return str(url)

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn a code into tokens, and read whose they are.

        Raises VendorRejected when the code is refused, another VendorError when the call fails.
        """
        # Without scopes: oauthlib raises where others come than those it knows of.
        session = self.session(redirect_uri=redirect_uri)
        with at_once(most_seconds=CODE_TURN_SECONDS):
            try:
                token = self._token(
                    lambda: session.fetch_token(
                        self._token_url,
                        code=code,
                        code_verifier=code_verifier,
                        include_client_id=True,
                        **self._token_fields,
                    )
                )
            except AuthLost as error:
                refused = error.status
            else:
                return first_grant(token, asked=self._scopes)
        message = "OMRON refuses the code"
        raise VendorRejected(message, status=refused)

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into new tokens; without another refresh token it stays the same.

        Raises AuthLost when OMRON refuses it, another VendorError when the call fails.
        """
        session = self.session()
        # OMRON's own clients send it at every refresh.
        back = {"redirect_uri": self._return_address} if self._return_address else {}
        fields = self._token_fields | back
        with at_once(most_seconds=TURN_SECONDS):
            token = self._token(
                lambda: session.refresh_token(
                    self._token_url,
                    refresh_token=refresh_token,
                    client_id=self._settings.client_id,
                    **fields,
                )
            )
        return next_grant(token)

    def revoke(self, refresh_token: str | None) -> None:
        """End what the user allowed us; nothing is asked where the contract knows no revocation.

        Raises VendorRejected without a token: OMRON goes by nothing else, so nobody was told.
        """
        if not self._settings.revokes:
            return
        if refresh_token is None:
            message = "there is no token by which OMRON could be told"
            raise VendorRejected(message)
        with at_once(most_seconds=TURN_SECONDS), counted(self.budget):
            response = self._revoked(refresh_token)
            if response.status_code in NO_REVOCATION:
                return
            if response.status_code != HTTP_OK:
                refused = token_refusal(response)
                if isinstance(refused, AuthLost):
                    # The token is dead: there is nothing left to end.
                    return
                raise refused
        if response.content.strip():
            # OMRON says nothing with its yes: a page here is somebody else on the way.
            json_object(response)

    def check(self) -> None:
        """Prove client id and secret without a user: they are looked at before the token."""
        try:
            self.refresh(OF_NOBODY)
        except AuthLost:
            return

    @property
    def _token_url(self) -> str:
        return self._settings.api_url + TOKEN_PATH

    @property
    def _token_fields(self) -> dict[str, Any]:
        return {
            "client_secret": self._settings.client_secret.get_secret_value(),
            "timeout": self._settings.timeout_seconds,
        }

    def _token(self, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        return token_answer(call, budget=self.budget, vendor="OMRON")

    def _revoked(self, refresh_token: str) -> requests.Response:
        try:
            return self.session().post(
                self._settings.api_url + REVOCATION_PATH,
                data={
                    "client_id": self._settings.client_id,
                    "client_secret": self._settings.client_secret.get_secret_value(),
                    "token": refresh_token,
                    "token_type_hint": "refresh_token",
                },
                timeout=self._settings.timeout_seconds,
            )
        except requests.RequestException:
            message = "OMRON did not answer"
        raise VendorDown(message)
