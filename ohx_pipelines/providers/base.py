"""What every vendor's room offers: the Provider protocol and the plain data that crosses it.

Belongs here: the contract all providers meet. Not here: anything that only one vendor knows, and
nothing of FHIR, Dagster or storage.
"""

from __future__ import annotations

from typing import Protocol

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.declared import DataType, Limit, NotificationKind, ProviderFacts
from ohx_pipelines.providers.exchanged import (
    Account,
    Asked,
    Delivery,
    DeviceInfo,
    Fetched,
    Listed,
    ListingFailed,
    Normalized,
    Notification,
    Page,
    Received,
    TokenGrant,
    Unpublished,
)

__all__ = [
    "Account",
    "Asked",
    "CallBudget",
    "DataType",
    "Delivery",
    "DeviceInfo",
    "Fetched",
    "Limit",
    "Listed",
    "ListingFailed",
    "Normalized",
    "Notification",
    "NotificationKind",
    "Page",
    "Provider",
    "ProviderFacts",
    "Received",
    "TokenGrant",
    "TokenSource",
    "Unlimited",
    "Unpublished",
]


class CallBudget(Protocol):
    """How often this application may call a vendor, shared by all its processes."""

    def spend(self, *, account: str | None = None) -> None:
        """Wait for the turn of one call, for the account where it is one account's.

        Raises BudgetSpent when that would take longer than is worth waiting for.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Take note that the vendor asked for a pause: every process keeps it."""
        ...


class Unlimited:
    """A CallBudget that lets every call through: for tools and tests that run alone."""

    def spend(self, *, account: str | None = None) -> None:
        """Let the call through."""

    def pause(self, seconds: float) -> None:
        """Leave it to the caller."""


class TokenSource(Protocol):
    """Where a client gets its access token; knows storage so that the client need not."""

    @property
    def account(self) -> str:
        """A word for whose tokens they are, the same in every process; not the vendor's."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """What the tokens were given for: a call that they do not cover is not made."""
        ...

    def current(self) -> str:
        """Give a token that is not due, refreshing and storing the new pair first if it is."""
        ...

    def renew(self, refused: str) -> str:
        """Give another token than the refused one, once; raises AuthLost if there is none."""
        ...


class Provider(Protocol):
    """One vendor's cloud. Every method that calls it raises a VendorError when it fails."""

    @property
    def facts(self) -> ProviderFacts:
        """What the vendor's documents declare."""
        ...

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the vendor's consent page for this state and return address."""
        ...

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn the code of a return into tokens."""
        ...

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into a new pair; raises AuthLost when it is refused."""
        ...

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """End at the vendor what the account's owner allowed us; repeating it does no harm.

        `user` and `refresh_token` are what vendors go by, the one or the other. Returning means
        that the vendor said so; every other end is a VendorError.
        """
        ...

    def check(self) -> None:
        """Prove that the vendor answers and takes the application's credentials, without a user."""
        ...

    def account(self, token: TokenSource) -> Account:
        """Ask what identifies the account: zone, devices, date of the last reading."""
        ...

    def devices(
        self, token: TokenSource, *, shared: frozenset[str] | None = None
    ) -> list[DeviceInfo]:
        """List the account's devices.

        Where only readings name them, those of the `shared` data types alone are asked for; None
        asks for all.
        """
        ...

    def fetch(self, window: Window, token: TokenSource, *, asked: Asked) -> Fetched:
        """Read every page of the window's listings; an interrupted one is never told as whole.

        Only what the patient shares is asked for. Where some listings fail and others do not, the
        failures are told beside the pages; raises a VendorError when nothing could be had, or when
        nothing more may be asked (AuthLost, RateLimited).
        """
        ...

    def normalize(self, fetched: Fetched) -> Normalized:
        """Turn raw pages into the common vocabulary; one bad row costs only itself."""
        ...

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """List the kinds of notifications that the account sends to this address."""
        ...

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have notifications of a kind sent to this address."""
        ...

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Have them sent no longer; repeating it does no harm."""
        ...

    def receive(self, delivery: Delivery) -> Received:
        """Read what anybody could have sent, and give what to answer; it may say nothing to us."""
        ...
