"""OMRON's pages into the common vocabulary: each listing by its reader, then together.

Belongs here: which reader reads what, and what is concluded from all of it. Not here: what a row
means (a reader per listing), reading the wire, or FHIR.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from ohx_pipelines.errors import Malformed
from ohx_pipelines.measurements import to_frame
from ohx_pipelines.providers.base import Fetched, Listed, ListingFailed, Normalized, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.omron.cuff import take_cuff
from ohx_pipelines.providers.omron.days import read_days
from ohx_pipelines.providers.omron.listed_rows import Reading, read_rows
from ohx_pipelines.providers.omron.listings import (
    ACTIVITY,
    BLOOD_PRESSURE,
    LISTINGS,
    OXYGEN,
    TEMPERATURE,
    WEIGHT,
    Listing,
    asked_of,
)
from ohx_pipelines.providers.omron.pages import rows_of, says_end, unknown_lists
from ohx_pipelines.providers.omron.scale import take_oximeter, take_scale, take_thermometer

_Reader = Callable[[Iterable[object], Reading], bool]
READERS: Mapping[Listing, _Reader] = {
    BLOOD_PRESSURE: partial(read_rows, take=take_cuff),
    WEIGHT: partial(read_rows, take=take_scale),
    TEMPERATURE: partial(read_rows, take=take_thermometer),
    OXYGEN: partial(read_rows, take=take_oximeter),
    ACTIVITY: read_days,
}


@dataclass(kw_only=True)
class _Read:
    """What the readers found, and which listings they could read whole."""

    fetched: Fetched
    found: dict[str, Collected] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    failures: list[ListingFailed] = field(default_factory=list)

    def read(self, listing: Listing) -> None:
        """Read a listing; one that cannot be read costs itself alone."""
        fetched = self.fetched
        pages = [page for page in fetched.pages if page.listing == listing.name]
        if not pages:
            return
        into = Collected(
            window=fetched.window, asked=asked_of(listing, shared=fetched.asked.shared)
        )
        reading = Reading(
            listing=listing, into=into, zone=fetched.window.zone, account=fetched.account
        )
        try:
            rows = [row for page in pages for row in rows_of(page.body, listing)]
        except Malformed as error:
            days = frozenset(fetched.window.days)
            self.failures.append(ListingFailed(listing=listing.name, days=days, error=error))
            return
        self.found[listing.name] = into
        if READERS[listing](rows, reading) and says_end(pages[-1].body, listing):
            self.whole.add(listing.name)
        _count_unknown(pages, into)

    def listed(self) -> tuple[Listed, ...]:
        """Give the listings that were read whole, and of which anything is asked."""
        failed = {one.listing for one in self.fetched.failures}
        return tuple(
            Listed(metrics=into.asked, prefix=name)
            for name, into in self.found.items()
            if into.asked and name in self.whole - failed
        )


def normalize(fetched: Fetched) -> Normalized:
    """Turn a window's pages into one frame, and say what is not in it and why.

    What was not asked for is never published, whoever sends it. Raises Malformed when no listing
    can be read; a bad row costs only itself.
    """
    read = _Read(fetched=fetched)
    for listing in LISTINGS:
        read.read(listing)
    if read.failures and not read.found:
        raise read.failures[0].error
    found = read.found.values()
    measurements = [one for into in found for one in into.measurements]
    return Normalized(
        frame=to_frame(sorted(measurements, key=lambda one: (one.start, one.record))),
        devices={name: info for into in found for name, info in into.devices.items()},
        unpublished=[left for into in found for left in into.unpublished],
        ignored=_ignored(found),
        listed=read.listed(),
        kept=frozenset[str]().union(*(into.kept for into in found)),
        failures=tuple(read.failures),
    )


def _count_unknown(pages: Iterable[Page], into: Collected) -> None:
    unknown = sum(unknown_lists(page.body) for page in pages)
    if unknown:
        into.ignore(into.window.first_day, "unknown_listing", unknown)


def _ignored(found: Iterable[Collected]) -> dict[date, Counter[str]]:
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for into in found:
        for day, words in into.ignored.items():
            counted[day] += words
    return dict(counted)
