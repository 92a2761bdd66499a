"""A window of an account while it is read: what was had so far, what failed, what is left alone.

Belongs here: reading one listing to its end, and what ends everything. Not here: which listings
there are, their calls, or what rows mean (a vendor's room).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Generic, Protocol, TypeVar

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    NotConsented,
    RateLimited,
    ScopeMissing,
    ServiceDisabled,
    VendorDown,
    VendorError,
)
from ohx_pipelines.local_day import Window, day_start
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Asked, Fetched, ListingFailed, Page, TokenSource

# The vendor's clock and ours need not agree.
CLOCKS_APART = timedelta(minutes=10)
A_DAY = timedelta(days=1)
MOST_DOWN = 2
# So many listings in a row are the vendor, not the listing: the others would only wait as long, each.
MOST_LISTINGS_DOWN = 3
# What is true of one listing of an account is true of the others.
_ENDING = (AuthLost, RateLimited, AccountWithoutData, ServiceDisabled)
Call = TypeVar("Call")
Asks_contra = TypeVar("Asks_contra", contravariant=True)


class Pages(Protocol[Asks_contra]):
    """A vendor's client, as far as listings go."""

    def pages(self, call: Asks_contra, token: TokenSource, /) -> Iterator[Mapping[str, Any]]:
        """Give every page of a listing; an interrupted one raises, it never looks complete."""
        ...


@dataclass(kw_only=True)
class WindowReading(Generic[Call]):
    """What has been read of a window so far.

    `asked_of` gives the metrics that are asked of a listing of this name, as the patient shares.
    """

    client: Pages[Call]
    window: Window
    token: TokenSource
    asked: Asked
    asked_of: Callable[[str], frozenset[Metric]]
    pages: list[Page] = field(default_factory=list, repr=False)
    calls: int = 0
    failures: list[ListingFailed] = field(default_factory=list)
    unchanged: dict[str, date] = field(default_factory=dict)
    unread: dict[str, date] = field(default_factory=dict)
    down_in_a_row: int = 0

    def needs(self, listing: str) -> bool:
        """Tell whether anything of a listing would reach the EHR."""
        return bool(self.asked_of(listing) & self.asked.wanted)

    def read(
        self, listing: str, asked: Iterable[Call], *, days: Iterable[date], of: str = ""
    ) -> bool:
        """Read calls to their end, all or nothing; gives whether they could be had.

        Raises what ends everything: tokens refused, a pause asked for, a vendor that is down. A
        listing that was down twice in a row is not asked for again, and after three in a row none
        is: each would only wait as long.
        """
        failed = [one.error for one in self.failures if one.listing == listing]
        if self.gave_up is not None or (self.down_in_a_row >= MOST_DOWN and failed):
            error = failed[-1] if failed else self.failures[-1].error
            self.failures.append(_failed(listing, days, error))
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

    @property
    def gave_up(self) -> VendorError | None:
        """Why nothing more is asked of the vendor; None while it is."""
        is_down = self.down_in_a_row >= MOST_LISTINGS_DOWN
        return self.failures[-1].error if is_down else None

    def rows(self, listing: str) -> list[Page]:
        """Give the pages of a listing."""
        return [page for page in self.pages if page.listing == listing]

    def is_old(self, day: date, modified: object) -> bool:
        """Tell whether a row of a day was surely not modified since the day was read whole.

        What was read before the day had ended stands as preliminary: it is read once more.
        """
        read_at = self.asked.read_at.get(day)
        if read_at is None or read_at < day_start(day + A_DAY, self.window.zone):
            return False
        if not isinstance(modified, int) or isinstance(modified, bool):
            return False
        return modified < (read_at - CLOCKS_APART).timestamp()

    def fetched(self) -> Fetched:
        """Give what was read; raises the first VendorError when nothing could be had."""
        if self.failures and not self.pages:
            raise self.failures[0].error
        return Fetched(
            window=self.window,
            pages=self.pages,
            calls=self.calls,
            asked=self.asked,
            account=self.token.account,
            failures=self.failures,
            gave_up=self.gave_up,
            unchanged=self.unchanged,
            unread=self.unread,
        )

    def _ends_all(self, error: VendorError) -> bool:
        if isinstance(error, NotConsented) and not isinstance(error, ScopeMissing):
            return True
        # Down for a second listing before any was had: the others would only wait as long, each.
        is_down = isinstance(error, VendorDown) and not self.pages
        return isinstance(error, _ENDING) or (
            is_down and any(isinstance(one.error, VendorDown) for one in self.failures)
        )


def _failed(listing: str, days: Iterable[date], error: VendorError) -> ListingFailed:
    return ListingFailed(listing=listing, days=frozenset(days), error=error)
