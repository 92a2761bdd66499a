"""What every vendor's room offers: the Provider protocol and the plain data that crosses it.

Belongs here: the contract all providers meet. Not here: anything that only one vendor knows, and
nothing of FHIR, Dagster or storage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pandas as pd

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric


@dataclass(frozen=True, kw_only=True)
class TokenGrant:
    """What a vendor's token endpoint gave. Secrets stay out of `repr`.

    `expires_at` is an aware UTC instant, `scopes` what was granted, `user` the vendor's user id.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    user: str = field(repr=False)


class TokenSource(Protocol):
    """Where a client gets its access token; knows storage so that the client need not."""

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


@dataclass(frozen=True, kw_only=True)
class DeviceInfo:
    """One physical device as the vendor describes it; `device` is the vendor's hashed id.

    `firmware` is the version as the vendor gives it, None where it gives none.
    """

    device: str
    model: str
    kind: str
    firmware: str | None = None
    last_used: date | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """What identifies a vendor account to its owner, and the zone its days are counted in."""

    zone: ZoneInfo
    devices: tuple[DeviceInfo, ...]
    last_reading: date | None


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A window's raw answers, in memory only. `pages` are the vendor's bodies, in order.

    `shared` are the data types that were asked for.
    """

    window: Window
    pages: Sequence[Mapping[str, Any]] = field(repr=False)
    calls: int
    shared: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Unpublished:
    """A reading that will not be published, and why, in a word. Never its value.

    `metric` is None when the vendor's type is not known; `record` and `group` as in Measurement;
    `held_back` tells a reading that may yet be confirmed from one that cannot be read.
    """

    metric: Metric | None
    record: str
    group: str
    occurrence: int
    day: date
    reason: str
    held_back: bool


@dataclass(frozen=True, kw_only=True)
class Normalized:
    """A window in the common vocabulary.

    `frame` is the tidy frame (see measurements.py), `devices` describes every device id in it,
    `unpublished` lists what was held back or rejected. `ignored` counts, by local day and a word
    for why, rows that nobody misses: of types not mapped or not asked for, and copies of a taking.
    `listed` are the metrics of which the pages hold everything that the vendor has for the window:
    what is not there of them is deleted. Empty when a row could not be told from others.
    """

    frame: pd.DataFrame = field(repr=False)
    devices: Mapping[str, DeviceInfo]
    unpublished: Sequence[Unpublished]
    ignored: Mapping[date, Mapping[str, int]]
    listed: frozenset[Metric]


@dataclass(frozen=True, kw_only=True)
class DataType:
    """What a patient shares or does not: a stable `name`, a `title` in plain words, and metrics."""

    name: str
    title: str
    metrics: frozenset[Metric]


@dataclass(frozen=True, kw_only=True)
class ProviderFacts:
    """What a vendor's documents declare.

    `name` is the word in URLs, keys and settings; `title` what people read; `manufacturer` who
    makes its devices; `scopes` what we ask for; `data_types` what a patient can share; `pkce`
    whether the vendor takes it;
    `most_days` how many days one window may span.
    """

    name: str
    title: str
    manufacturer: str
    scopes: tuple[str, ...]
    data_types: tuple[DataType, ...]
    pkce: bool
    most_days: int

    @property
    def shareable(self) -> frozenset[str]:
        """The names of all data types."""
        return frozenset(one.name for one in self.data_types)

    def metrics_of(self, shared: frozenset[str]) -> frozenset[Metric]:
        """Give the metrics of the data types of these names; a name that is none adds nothing."""
        metrics = [one.metrics for one in self.data_types if one.name in shared]
        return frozenset().union(*metrics)


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

    def devices(self, token: TokenSource) -> list[DeviceInfo]:
        """List the account's devices."""
        ...

    def fetch(self, window: Window, token: TokenSource, *, shared: frozenset[str]) -> Fetched:
        """Read every page of the window; an interrupted listing raises, it is never partial.

        Only what the patient shares is asked for: `shared` are names of `facts.data_types`.
        """
        ...

    def normalize(self, fetched: Fetched) -> Normalized:
        """Turn raw pages into the common vocabulary; one bad row costs only itself."""
        ...
