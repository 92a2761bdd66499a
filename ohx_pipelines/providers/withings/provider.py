"""Withings as a Provider: the protocol's methods, each a line or two over the room's parts.

Belongs here: composition. Not here: wire details (`oauth`, `client`) or readings (`fetching`, `normalize`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.errors import AuthLost
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import (
    Account,
    Asked,
    CallBudget,
    Delivery,
    DeviceInfo,
    Fetched,
    Limit,
    Normalized,
    ProviderFacts,
    Received,
    TokenGrant,
    TokenSource,
)
from ohx_pipelines.providers.withings.account import read_account, read_devices
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.data_types import (
    ACTIVITY_SCOPE,
    DATA_TYPES,
    INFO_SCOPE,
    METRICS_SCOPE,
    PAID,
)
from ohx_pipelines.providers.withings.fetching import fetch_window
from ohx_pipelines.providers.withings.normalize import normalize
from ohx_pipelines.providers.withings.notifications import (
    NOTIFICATIONS,
    WithingsNotifications,
    receive,
)
from ohx_pipelines.providers.withings.oauth import WithingsOAuth
from ohx_pipelines.providers.withings.revoking import WithingsRevoking

if TYPE_CHECKING:
    from ohx_pipelines.provider_settings import WithingsSettings

FACTS = ProviderFacts(
    name="withings",
    title="Withings",
    manufacturer="Withings",
    # No user.sleepevents: when somebody goes to bed is nobody's business here.
    scopes=(INFO_SCOPE, METRICS_SCOPE, ACTIVITY_SCOPE),
    data_types=DATA_TYPES,
    pkce=False,
    most_days=90,
    limits=(Limit(calls=120, seconds=60, per="application"),),
    notifications=NOTIFICATIONS,
)
POOLED_CONNECTIONS = 10


class WithingsProvider:
    """The Withings cloud of one registered application."""

    def __init__(self, settings: WithingsSettings, *, budget: CallBudget | None = None) -> None:
        """Build the OAuth and data clients on one connection pool; all of them spend `budget`."""
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS)
        self._facts = (
            replace(FACTS, data_types=(*FACTS.data_types, *PAID)) if settings.paid_types else FACTS
        )
        self._oauth = WithingsOAuth(settings, scopes=FACTS.scopes, adapter=adapter, budget=budget)
        self._client = WithingsClient(settings, self._oauth)
        self._revoking = WithingsRevoking(settings, self._oauth)
        self._notifications = WithingsNotifications(self._client)

    @property
    def facts(self) -> ProviderFacts:
        """What Withings' documents declare, and what of it this deployment asks for."""
        return self._facts

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address; Withings documents no PKCE, so none is sent."""
        del code_challenge
        return self._oauth.authorize_url(state=state, redirect_uri=redirect_uri)

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn the code of a return into tokens."""
        del code_verifier
        return self._oauth.exchange_code(code=code, redirect_uri=redirect_uri)

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into a new pair.

        Withings answers a wrong client secret like a bad refresh token. Without the second
        question a mistyped secret would cost every patient a new consent.
        """
        try:
            return self._oauth.refresh(refresh_token)
        except AuthLost as error:
            refused = error
        self.check()
        raise refused

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """End what the user allowed; Withings goes by the user alone."""
        del refresh_token
        self._revoking.revoke(user)

    def check(self) -> None:
        """Prove that Withings answers and takes the application's id and secret."""
        self._revoking.check()

    def account(self, token: TokenSource) -> Account:
        """Ask zone, devices and the date of the last reading of the past 30 days."""
        return read_account(self._client, token, data_types=self._facts.data_types)

    def devices(
        self, token: TokenSource, *, shared: frozenset[str] | None = None
    ) -> list[DeviceInfo]:
        """List the account's devices; rows without an id are phones and apps, and left out."""
        del shared
        return read_devices(self._client, token)

    def fetch(self, window: Window, token: TokenSource, *, asked: Asked) -> Fetched:
        """Read the window's listings that the shared data types need; nothing when none does."""
        return fetch_window(
            self._client, window, token, asked=asked, data_types=self._facts.data_types
        )

    def normalize(self, fetched: Fetched) -> Normalized:
        """Turn the pages into the common vocabulary."""
        return normalize(fetched, self._facts.data_types)

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """List the kinds of notifications that the account sends to this address."""
        return self._notifications.subscriptions(token, url=url)

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have notifications of a kind sent to this address."""
        self._notifications.subscribe(token, url=url, kind=kind)

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have them sent no longer."""
        self._notifications.unsubscribe(token, url=url, kind=kind)

    def receive(self, delivery: Delivery) -> Received:
        """Read what anybody may have sent: Withings signs nothing."""
        return receive(delivery)
