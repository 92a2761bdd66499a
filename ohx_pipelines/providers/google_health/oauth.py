"""Google's OAuth 2 dialect, over requests-oauthlib.

Belongs here: consent address, code exchange, refresh, revocation. Not here: what a token answer holds
(`token_answers.py`), data calls (`client.py`).
The dialect: a refresh token comes only where it is asked for, and stays the same for good; tokens do
not say whose they are; scopes can be unticked on the consent page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from ohx_pipelines.deadline import is_json
from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import CallBudget, TokenGrant, Unlimited
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.google_health import calls
from ohx_pipelines.providers.google_health.answers import HTTP_OK, json_object
from ohx_pipelines.providers.google_health.refusals import (
    BAD_REQUEST,
    reasons,
    token_refusal,
)
from ohx_pipelines.providers.google_health.sending import Sending
from ohx_pipelines.providers.google_health.token_answers import (
    first_grant,
    open_token,
    read_grant,
)
from ohx_pipelines.providers.google_health.user_ids import is_user_id
from ohx_pipelines.providers.oauth_sessions import OAuthSessions, allow_loopback, token_answer
from ohx_pipelines.urgency import at_once

# How long a call may wait for its turn: a person waits at the page, and who refreshes holds a lease.
CODE_TURN_SECONDS = 20.0
TURN_SECONDS = 5.0
# A refresh token that was never given to anybody.
OF_NOBODY = "of-nobody"


class GoogleOAuth:
    """Consent page, code exchange, refresh and revocation for one OAuth client of a project."""

    def __init__(
        self,
        settings: GoogleHealthSettings,
        *,
        scopes: tuple[str, ...],
        adapter: HTTPAdapter,
        budget: CallBudget | None = None,
    ) -> None:
        """Share `adapter`, and so its connection pool, and `budget` with the data calls."""
        self._settings = settings
        self._scopes = scopes
        self.session = OAuthSessions(
            client_id=settings.client_id, adapter=adapter, open_token=open_token
        ).session
        self.budget: CallBudget = budget or Unlimited()
        self._sending = Sending(settings, self.session, self.budget)
        hosts = (settings.api_url, settings.token_url, settings.revoke_url, settings.authorize_url)
        allow_loopback(hosts)

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address."""
        session = self.session(redirect_uri=redirect_uri, scope=list(self._scopes))
        challenge = {"code_challenge": code_challenge, "code_challenge_method": "S256"}
        # `include_granted_scopes` is not sent: an older, wider grant must not widen this link.
        url, _ = session.authorization_url(
            self._settings.authorize_url,
            state=state,
            # Without both, Google gives no refresh token to who has consented once before.
            access_type="offline",
            prompt="consent",
            **(challenge if code_challenge else {}),
        )
        return str(url)

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn a code into tokens, and ask whose they are; gives the scopes that were ticked.

        Raises VendorRejected when the code is refused, another VendorError when a call fails.
        """
        # Without scopes: oauthlib raises where others come than those it knows of.
        session = self.session(redirect_uri=redirect_uri)
        with at_once(most_seconds=CODE_TURN_SECONDS):
            try:
                token = self._token(
                    lambda: session.fetch_token(
                        self._settings.token_url,
                        code=code,
                        code_verifier=code_verifier,
                        include_client_id=True,
                        **self._token_fields,
                    )
                )
            except AuthLost as error:
                refused = error.status
            else:
                grant = first_grant(token)
                return replace(grant, user=self._user(grant.access_token))
        message = "Google refuses the code"
        raise VendorRejected(message, status=refused)

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token, which stays as it is, into a new access token; `user` is empty.

        Raises AuthLost when Google refuses it, another VendorError when the call fails.
        """
        session = self.session()
        with at_once(most_seconds=TURN_SECONDS):
            token = self._token(
                lambda: session.refresh_token(
                    self._settings.token_url,
                    refresh_token=refresh_token,
                    client_id=self._settings.client_id,
                    **self._token_fields,
                )
            )
        return read_grant(token)

    def revoke(self, refresh_token: str | None) -> None:
        """End what the user allowed us; a token that is gone already is as good as revoked.

        Raises VendorRejected without a token: Google goes by nothing else, so nobody was told.
        """
        if refresh_token is None:
            message = "there is no token by which Google could be told"
            raise VendorRejected(message)
        with at_once(most_seconds=TURN_SECONDS), counted(self.budget):
            response = self._revoked(refresh_token)
            if _is_gone(response):
                return
            if response.status_code != HTTP_OK:
                raise token_refusal(response)
        if response.content and json_object(response):
            # Google says nothing with its yes: that is somebody else on the way.
            message = "Google's answer to a revocation cannot be read"
            raise Malformed(message, status=HTTP_OK)

    def check(self) -> None:
        """Prove client id and secret without a user: Google looks at them before the token."""
        try:
            self.refresh(OF_NOBODY)
        except AuthLost:
            return

    @property
    def _token_fields(self) -> dict[str, Any]:
        return {
            "client_secret": self._settings.client_secret.get_secret_value(),
            "timeout": self._settings.timeout_seconds,
        }

    def _token(self, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        return token_answer(call, budget=self.budget, vendor="Google")

    def _revoked(self, refresh_token: str) -> requests.Response:
        try:
            return self.session().post(
                self._settings.revoke_url,
                data={"token": refresh_token},
                timeout=self._settings.timeout_seconds,
            )
        except requests.RequestException:
            message = "Google did not answer"
        raise VendorDown(message)

    def _user(self, access_token: str) -> str:
        """Ask whose the tokens are; the calls tell it nowhere else."""
        user = self._sending.request(calls.identity(), access_token).get("healthUserId")
        if not is_user_id(user):
            message = "Google's answer lacks the user's id"
            raise Malformed(message)
        return user


def _is_gone(response: requests.Response) -> bool:
    """Tell whether Google knows the token no more; a page on the way that says so is not Google."""
    is_google = is_json(response.headers.get("Content-Type", ""))
    refused = response.status_code == BAD_REQUEST and is_google
    return refused and "invalid_token" in reasons(response)
