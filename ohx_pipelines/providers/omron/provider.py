"""OMRON as a Provider: the protocol's methods, each a line or two over the room's parts.

Belongs here: composition. Not here: wire details (`oauth`, `client`) or readings (`fetching`, `normalize`).
"""

from __future__ import annotations

from collections.abc import Iterable
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
from ohx_pipelines.providers.omron.account import read_account, read_devices
from ohx_pipelines.providers.omron.client import OmronClient
from ohx_pipelines.providers.omron.fetching import fetch_window
from ohx_pipelines.providers.omron.limits import limits
from ohx_pipelines.providers.omron.listings import LISTINGS, Listing, listings_of
from ohx_pipelines.providers.omron.normalize import normalize
from ohx_pipelines.providers.omron.notifications import KIND, NOTIFICATIONS, receive
from ohx_pipelines.providers.omron.oauth import OmronOAuth

if TYPE_CHECKING:
    from ohx_pipelines.provider_settings import OmronSettings

# Without the second there is no refresh token, without the first nothing says whose tokens they are.
ALWAYS = ("openid", "offline_access")


def _scopes(listings: Iterable[Listing]) -> tuple[str, ...]:
    # A contract may have one word for several types.
    return tuple(dict.fromkeys([*(one.scope for one in listings), *ALWAYS]))


FACTS = ProviderFacts(
    name="omron",
    title="OMRON",
    manufacturer="OMRON Healthcare",
    scopes=_scopes(LISTINGS),
    needed_scopes=frozenset(ALWAYS),
    data_types=tuple(one.data_type for one in LISTINGS),
    pkce=True,
    # A listing has no end: a longer window costs no more calls than a shorter one that begins then.
    most_days=366,
    limits=(Limit(calls=60, seconds=60, per="application"),),
    notifications=NOTIFICATIONS,
    same_readings=("omron_connect",),
    # A phone uploads days after the cuff measured.
    look_back_days=7,
)
POOLED_CONNECTIONS = 10


def facts_for(settings: OmronSettings) -> ProviderFacts:
    """Give the facts as far as a deployment's contract goes."""
    granted = listings_of(settings.types)
    names = frozenset(one.data_type.name for one in granted)
    return replace(
        FACTS,
        scopes=_scopes(granted),
        data_types=tuple(one.data_type for one in granted),
        limits=limits(settings),
        notifications=tuple(
            replace(one, data_types=one.data_types & names) for one in NOTIFICATIONS
        ),
    )


class OmronProvider:
    """OMRON's cloud as one application of its partner API sees it."""

    def __init__(
        self,
        settings: OmronSettings,
        *,
        budget: CallBudget | None = None,
        return_address: str | None = None,
    ) -> None:
        """Build the OAuth and data clients on one connection pool; all of them spend `budget`.

        `return_address` is where patients come back to, which OMRON is told at a refresh, too.
        """
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS)
        self._settings = settings
        self._facts = facts_for(settings)
        self._oauth = OmronOAuth(
            settings,
            scopes=self._facts.scopes,
            adapter=adapter,
            budget=budget,
            return_address=return_address,
        )
        self._client = OmronClient(settings, self._oauth)

    @property
    def facts(self) -> ProviderFacts:
        """What is known of OMRON's API, and what of it this deployment's contract grants."""
        return self._facts

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address."""
        return self._oauth.authorize_url(
            state=state, redirect_uri=redirect_uri, code_challenge=code_challenge
        )

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn the code of a return into tokens, which say whose they are."""
        return self._oauth.exchange_code(
            code=code, redirect_uri=redirect_uri, code_verifier=code_verifier
        )

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into new tokens; some contracts let it stay the same."""
        return self._oauth.refresh(refresh_token)

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """End what the user allowed, for which OMRON goes by the token."""
        del user
        self._oauth.revoke(refresh_token)

    def check(self) -> None:
        """Prove that OMRON answers and takes the application's id and secret."""
        self._oauth.check()

    def account(self, token: TokenSource) -> Account:
        """Ask for devices and the last reading of the past 30 days; OMRON says no zone."""
        return read_account(self._client, token, settings=self._settings)

    def devices(
        self, token: TokenSource, *, shared: frozenset[str] | None = None
    ) -> list[DeviceInfo]:
        """List the devices that took the shared readings of the past 30 days, one of each model."""
        return read_devices(self._client, token, settings=self._settings, shared=shared)

    def fetch(self, window: Window, token: TokenSource, *, asked: Asked) -> Fetched:
        """Read the listings that the shared data types need; nothing when none does."""
        return fetch_window(self._client, window, token, asked=asked, settings=self._settings)

    def normalize(self, fetched: Fetched) -> Normalized:
        """Turn the pages into the common vocabulary."""
        return normalize(fetched)

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """Give the one kind, always: OMRON registers the address by hand, for all accounts."""
        del token, url
        return frozenset({KIND})

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Do nothing: there is no call for it."""

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Do nothing: there is no call for it, and a hint about nobody is dropped."""

    def receive(self, delivery: Delivery) -> Received:
        """Read what anybody may have sent: OMRON signs nothing."""
        return receive(delivery)
