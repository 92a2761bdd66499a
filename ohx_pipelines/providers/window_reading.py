"""A window of a Withings account while it is read: what was had so far, what failed, what is left alone.

Belongs here: reading one listing to its end, and what ends everything. Not here: which listings
(`fetching.py`, `costly_listings.py`), parameters (`calls.py`), or what rows mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from ohx_pipelines.errors import (
    AuthLost,
    NotConsented,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorError,
)
from ohx_pipelines.local_day import Window, day_start
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import (
    Asked,
    DataType,
    ListingFailed,
    Page,
    TokenSource,
)
from ohx_pipelines.providers.withings.calls import Call
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.listings import Listing, asked_of
from ohx_pipelines.providers.withings.rows import is_integer

# The vendor's clock and ours need not agree.
CLOCKS_APART = timedelta(minutes=10)
A_DAY = timedelta(days=1)
MOST_DOWN = 2


@dataclass(kw_only=True)
class WindowReading:
    """What has been read of a window so far."""

    client: WithingsClient
    window: Window
    token: TokenSource
    asked: Asked
    data_types: tuple[DataType, ...]
    pages: list[Page] = field(default_factory=list, repr=False)
    calls: int = 0
    failures: list[ListingFailed] = field(default_factory=list)
    unchanged: dict[str, date] = field(default_factory=dict)
    unread: dict[str, date] = field(default_factory=dict)
    down_in_a_row: int = 0

    def metrics(self, listing: Listing) -> frozenset[Metric]:
        """Give what is asked of a listing."""
        return asked_of(listing, self.data_types, shared=self.asked.shared)

    def needs(self, listing: Listing) -> bool:
        """Tell whether anything of a listing would reach the EHR."""
        return bool(self.metrics(listing) & self.asked.wanted)

    def read(
        self, listing: Listing, asked: Iterable[Call], *, days: Iterable[date], of: str = ""
    ) -> bool:
        """Read calls to their end, all or nothing; gives whether they could be had.

        Raises what ends everything: tokens refused, a pause asked for, a vendor that is down. A
        listing that was down twice in a row is not asked for again: each would only wait as long.
        """
        failed = [one.error for one in self.failures if one.listing == listing]
        if self.down_in_a_row >= MOST_DOWN and failed:
            self.failures.append(_failed(listing, days, failed[-1]))
            return False
        found: list[Page] = []
        try:
            for call in asked:
                for body in self.client.pages(call, self.token):
                    found.append(Page(listing=listing, body=body, of=of))
                    self.calls += 1
        except VendorError as error:
            if self._ends_all(error):
                raise
            self.failures.append(_failed(listing, days, error))
            self.down_in_a_row = self.down_in_a_row + 1 if isinstance(error, VendorDown) else 0
            return False
        self.down_in_a_row = 0
        self.pages += found
        return True

    def rows(self, listing: Listing) -> list[Page]:
        """Give the pages of a listing."""
        return [page for page in self.pages if page.listing == listing]

    def is_old(self, day: date, modified: object) -> bool:
        """Tell whether a row of a day was surely not modified since the day was read whole.

        What was read before the day had ended stands as preliminary: it is read once more.
        """
        read_at = self.asked.read_at.get(day)
        if read_at is None or read_at < day_start(day + A_DAY, self.window.zone):
            return False
        return is_integer(modified) and modified < (read_at - CLOCKS_APART).timestamp()

    def _ends_all(self, error: VendorError) -> bool:
        if isinstance(error, NotConsented) and not isinstance(error, ScopeMissing):
            return True
        # Down for a second listing before any was had: the others would only wait as long, each.
        is_down = isinstance(error, VendorDown) and not self.pages
        return isinstance(error, AuthLost | RateLimited) or (
            is_down and any(isinstance(one.error, VendorDown) for one in self.failures)
        )


def _failed(listing: Listing, days: Iterable[date], error: VendorError) -> ListingFailed:
    return ListingFailed(listing=listing, days=frozenset(days), error=error)
