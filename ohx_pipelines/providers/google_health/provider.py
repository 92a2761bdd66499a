"""Google Health as a Provider: the protocol's methods, each a line or two over the room's parts.

Belongs here: composition. Not here: wire details (`oauth`, `client`) or readings (`fetching`, `normalize`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ohx_pipelines.deadline import DeadlineAdapter
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
from ohx_pipelines.providers.google_health.account import read_account, read_devices
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.data_types import COUNTED, DATA_TYPES
from ohx_pipelines.providers.google_health.fetching import fetch_window
from ohx_pipelines.providers.google_health.normalize import normalize
from ohx_pipelines.providers.google_health.notifications import (
    NOTIFICATIONS,
    GoogleNotifications,
)
from ohx_pipelines.providers.google_health.oauth import GoogleOAuth
from ohx_pipelines.providers.google_health.scopes import NUTRITION_SCOPE, SETTINGS_SCOPE

if TYPE_CHECKING:
    from ohx_pipelines.provider_settings import GoogleHealthSettings

MOST_DAYS = 31
_SCOPES = frozenset[str]().union(*(one.scopes for one in DATA_TYPES))
FACTS = ProviderFacts(
    name="google_health",
    # The Fitbit Web API was turned off; people know their accounts by that name.
    aliases=("fitbit",),
    title="Fitbit / Google Health",
    manufacturer="Fitbit",
    scopes=tuple(sorted(_SCOPES)),
    needed_scopes=frozenset({SETTINGS_SCOPE}),
    data_types=DATA_TYPES,
    pkce=True,
    # Roll-ups could span 90; a month of a watch's heart rate is what a worker's memory should hold.
    most_days=MOST_DAYS,
    limits=(
        Limit(calls=120_000, seconds=60, per="application"),
        Limit(calls=300, seconds=60, per="account"),
    ),
    notifications=NOTIFICATIONS,
)
POOLED_CONNECTIONS = 10


def facts_for(settings: GoogleHealthSettings) -> ProviderFacts:
    """Give the facts as far as a deployment asks for them."""
    facts = FACTS if settings.has_notifications else replace(FACTS, notifications=())
    if not settings.logs:
        return facts
    scopes = (*facts.scopes, NUTRITION_SCOPE)
    return replace(facts, scopes=scopes, data_types=(*facts.data_types, COUNTED))


class GoogleHealthProvider:
    """The Google Health API as one Google Cloud project sees it."""

    def __init__(self, settings: GoogleHealthSettings, *, budget: CallBudget | None = None) -> None:
        """Build the OAuth and data clients on one connection pool; all of them spend `budget`."""
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS)
        self._facts = facts_for(settings)
        self._oauth = GoogleOAuth(
            settings, scopes=self._facts.scopes, adapter=adapter, budget=budget
        )
        self._client = GoogleHealthClient(settings, self._oauth)
        self._notifications = GoogleNotifications(
            settings, self._client, adapter=adapter, budget=budget
        )

    @property
    def facts(self) -> ProviderFacts:
        """What Google's documents declare, and what of it this deployment asks for."""
        return self._facts

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address."""
        return self._oauth.authorize_url(
            state=state, redirect_uri=redirect_uri, code_challenge=code_challenge
        )

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn the code of a return into tokens, and ask whose they are."""
        return self._oauth.exchange_code(
            code=code, redirect_uri=redirect_uri, code_verifier=code_verifier
        )

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token, which stays the same, into another access token."""
        return self._oauth.refresh(refresh_token)

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """End what the user allowed, for which Google goes by the token, and forget whose it was."""
        self._oauth.revoke(refresh_token)
        if self._facts.notifications:
            self._notifications.forget(user)

    def check(self) -> None:
        """Prove that Google answers and takes the client's id and secret."""
        self._oauth.check()

    def account(self, token: TokenSource) -> Account:
        """Ask zone, devices and when one of them last told of something."""
        return read_account(self._client, token)

    def devices(
        self, token: TokenSource, *, shared: frozenset[str] | None = None
    ) -> list[DeviceInfo]:
        """List the account's paired devices, one of each model."""
        del shared
        return read_devices(self._client, token)

    def fetch(self, window: Window, token: TokenSource, *, asked: Asked) -> Fetched:
        """Read the window's listings that the shared data types need; nothing when none does."""
        return fetch_window(
            self._client,
            window,
            token,
            asked=asked,
            data_types=self._facts.data_types,
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
        """Read what Google sent, after its secret and its signature were checked."""
        return self._notifications.receive(delivery)
