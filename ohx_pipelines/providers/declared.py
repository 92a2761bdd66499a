"""What a vendor's documents declare: data types, limits, notifications, and the rest of its facts.

Belongs here: the shape of such facts. Not here: any vendor's own (its room), or calls (`base.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ohx_pipelines.measurements import Metric


@dataclass(frozen=True, kw_only=True)
class DataType:
    """What a patient shares or does not: a stable `name`, a `title` in plain words, and metrics.

    `scopes` are what the vendor must have granted to read it.
    """

    name: str
    title: str
    metrics: frozenset[Metric]
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many calls in so many seconds, for the whole application or for each account."""

    calls: int
    seconds: int
    per: Literal["application", "account"]


@dataclass(frozen=True, kw_only=True)
class NotificationKind:
    """Something new that a vendor tells us of: its name on the wire, and the data types concerned.

    A kind without data types is about the account itself.
    """

    name: str
    title: str
    data_types: frozenset[str]
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ProviderFacts:
    """What a vendor's documents declare.

    `name` is the word in URLs, keys and settings; `title` what people read; `manufacturer` who
    makes its devices; `scopes` what we ask for; `data_types` what a patient can share; `pkce`
    whether the vendor takes it; `most_days` how many days one window may span, `most_gap_days` how many
    days in a row that nobody asked for it may take in; `limits` how often it may be called; `notifications` what it tells us of by itself; `needed_scopes` those without
    which nothing works, None for all of `scopes`; `aliases` other names that people know it by;
    `same_readings` providers that tell of the same readings under other numbers: both would double them;
    `look_back_days` how many days a night reads again at least, where readings are often uploaded late.
    """

    name: str
    title: str
    manufacturer: str
    scopes: tuple[str, ...]
    data_types: tuple[DataType, ...]
    pkce: bool
    most_days: int
    limits: tuple[Limit, ...] = ()
    notifications: tuple[NotificationKind, ...] = ()
    needed_scopes: frozenset[str] | None = None
    aliases: tuple[str, ...] = ()
    most_gap_days: int = 0
    same_readings: tuple[str, ...] = ()
    look_back_days: int = 0

    @property
    def least_scopes(self) -> frozenset[str]:
        """The scopes without which there is no link; where it is not all, each lacks its types."""
        return frozenset(self.scopes) if self.needed_scopes is None else self.needed_scopes

    @property
    def shareable(self) -> frozenset[str]:
        """The names of all data types."""
        return frozenset(one.name for one in self.data_types)

    def allowed_by(self, scopes: Collection[str]) -> tuple[DataType, ...]:
        """Give the data types that these granted scopes cover, in the order they are shown."""
        return tuple(one for one in self.data_types if one.scopes <= frozenset(scopes))

    def metrics_of(self, shared: frozenset[str]) -> frozenset[Metric]:
        """Give the metrics of the data types of these names; a name that is none adds nothing."""
        metrics = [one.metrics for one in self.data_types if one.name in shared]
        return frozenset().union(*metrics)
