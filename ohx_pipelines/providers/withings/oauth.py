"""Withings' OAuth 2 dialect, as compliance hooks of requests-oauthlib.

Belongs here: consent address, code exchange, refresh. Not here: data calls (`client.py`).
The dialect: scopes are separated by commas, `action=requesttoken` goes with every token call, the
secret goes in the body, and the tokens come wrapped in `{status, body}` with HTTP 200 for errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from oauthlib.oauth2 import OAuth2Error
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    VendorDown,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.base import CallBudget, TokenGrant, Unlimited
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.oauth_sessions import OAuthSessions, allow_loopback
from ohx_pipelines.providers.withings.envelope import open_envelope
from ohx_pipelines.urgency import at_once

TOKEN_PATH = "/v2/oauth2"  # noqa: S105 (a path)
# "Invalid Params": what a wrong, used or expired code or refresh token is answered with.
INVALID_PARAMS = 503
GUARD_SECONDS = 10.0
# How long a call may wait for its turn: a code lives 30 seconds, and who refreshes holds a lease.
CODE_TURN_SECONDS = 20.0
TURN_SECONDS = 5.0


class WithingsOAuth:
    """Consent page, code exchange and refresh for one registered application."""

    def __init__(
        self,
        settings: WithingsSettings,
        *,
        scopes: tuple[str, ...],
        adapter: HTTPAdapter,
        budget: CallBudget | None = None,
    ) -> None:
        """Share `adapter`, and so its connection pool, and `budget` with the data calls."""
        self._settings = settings
        self._scopes = scopes
        self._adapter = adapter
        self.budget: CallBudget = budget or Unlimited()
        allow_loopback([settings.api_url])

    def session(self, access_token: str | None = None, **options: Any) -> OAuth2Session:
        """Give a session of requests-oauthlib on the shared connection pool."""
        sessions = OAuthSessions(
            client_id=self._settings.client_id, adapter=self._adapter, open_token=unwrap_token
        )
        return sessions.session(access_token, **options)

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        """Give the consent page's address."""
        session = self.session(redirect_uri=redirect_uri, scope=",".join(self._scopes))
        url, _ = session.authorization_url(self._settings.authorize_url, state=state)
        return str(url)

    def exchange_code(self, *, code: str, redirect_uri: str) -> TokenGrant:
        """Turn a code (it lives 30 seconds) into tokens.

        Raises VendorRejected when the code is refused, another VendorError when the call fails.
        """
        session = self.session(redirect_uri=redirect_uri)
        with at_once(most_seconds=CODE_TURN_SECONDS):
            return self._grant(
                lambda: session.fetch_token(
                    self._token_url, code=code, include_client_id=True, **self._token_fields
                )
            )

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into a new pair; the old one dies at the new one's first use.

        Withings refuses a token call that looks like one of the last ten seconds. After a process
        died in the middle of a refresh its successor's is one: it waits, and asks again, once.
        Raises AuthLost when the vendor refuses it, another VendorError when the call fails.
        """
        retrying = Retrying(
            stop=stop_after_attempt(2),
            retry=retry_if_exception(_is_duplicate),
            wait=_guard_wait,
            reraise=True,
        )
        with at_once(most_seconds=TURN_SECONDS):
            return retrying(self._refresh, refresh_token)

    def _refresh(self, refresh_token: str) -> TokenGrant:
        session = self.session("due")
        try:
            return self._grant(
                lambda: session.refresh_token(
                    self._token_url,
                    refresh_token=refresh_token,
                    client_id=self._settings.client_id,
                    **self._token_fields,
                )
            )
        except VendorRejected as error:
            if error.status != INVALID_PARAMS:
                raise
        message = "Withings refuses the refresh token"
        raise AuthLost(message, status=INVALID_PARAMS)

    @property
    def _token_url(self) -> str:
        return self._settings.api_url + TOKEN_PATH

    @property
    def _token_fields(self) -> dict[str, Any]:
        return {
            "action": "requesttoken",
            "client_secret": self._settings.client_secret.get_secret_value(),
            "timeout": self._settings.timeout_seconds,
        }

    def _grant(self, call: Callable[[], Mapping[str, Any]]) -> TokenGrant:
        try:
            with counted(self.budget, unless=_is_duplicate):
                answer = call()
            return read_grant(answer)
        except VendorError:
            raise
        except requests.RequestException:
            # requests' text carries the address, and with it more than a log may hold.
            failure: VendorError = VendorDown("Withings' token endpoint did not answer")
        except OAuth2Error:
            failure = Malformed("Withings' token answer cannot be read")
        raise failure


def _is_duplicate(error: BaseException) -> bool:
    return isinstance(error, RateLimited) and 0 < _guard_seconds(error) <= GUARD_SECONDS + 1


def _guard_seconds(error: BaseException) -> float:
    return (error.wait_seconds or 0.0) if isinstance(error, RateLimited) else 0.0


def _guard_wait(state: Any) -> float:
    return _guard_seconds(state.outcome.exception())


def unwrap_token(response: requests.Response) -> requests.Response:
    """Lift the envelope's body to the top level, where oauthlib looks for the tokens."""
    body = dict(open_envelope(response))
    body["scope"] = str(body.get("scope", "")).replace(",", " ")
    response._content = json.dumps(body).encode()  # noqa: SLF001 (requests offers no setter)
    return response


def read_grant(token: Mapping[str, Any]) -> TokenGrant:
    """Read oauthlib's token; raises Malformed when something that we need is missing."""
    try:
        seconds = int(token["expires_in"])
        scope = token.get("scope", "")
        words = scope.split() if isinstance(scope, str) else list(scope)
        return TokenGrant(
            access_token=_text(token["access_token"]),
            refresh_token=_text(token["refresh_token"]),
            expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
            scopes=frozenset(words),
            # Seen as integer and as text on the wire.
            user=_text(str(token["userid"])),
        )
    except (KeyError, TypeError, ValueError):
        message = "Withings' token answer lacks a field"
        raise Malformed(message) from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value
