"""Withings' pages into the common vocabulary: each listing by its reader, then together.

Belongs here: which reader reads what, and what is concluded from all of it. Not here: what a row
means (a reader per listing), reading the wire, or FHIR.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ohx_pipelines.errors import Malformed
from ohx_pipelines.measurements import Measurement, to_frame
from ohx_pipelines.providers.base import (
    DataType,
    Fetched,
    Listed,
    ListingFailed,
    Normalized,
    Page,
)
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.activity import read_activity
from ohx_pipelines.providers.withings.ecg import read_ecg
from ohx_pipelines.providers.withings.ecg_takings import FROM_MEASURES, join_ecg
from ohx_pipelines.providers.withings.intraday import read_intraday
from ohx_pipelines.providers.withings.listings import Listing, asked_of
from ohx_pipelines.providers.withings.measures import read_measures
from ohx_pipelines.providers.withings.sleep import nights_of, read_sleep
from ohx_pipelines.providers.withings.stages import read_stages
from ohx_pipelines.providers.withings.workouts import read_workouts

_Reader = Callable[[Sequence[Page], Collected], bool]
_READERS: dict[Listing, _Reader] = {
    Listing.MEASURES: read_measures,
    Listing.ACTIVITY: read_activity,
    Listing.WORKOUTS: read_workouts,
    Listing.SLEEP: read_sleep,
    Listing.ECG: read_ecg,
    Listing.INTRADAY: read_intraday,
}


@dataclass(kw_only=True)
class _Read:
    """What the readers found, and which listings they could read whole."""

    fetched: Fetched
    data_types: tuple[DataType, ...]
    found: dict[Listing, Collected] = field(default_factory=dict)
    whole: set[Listing] = field(default_factory=set)
    failures: list[ListingFailed] = field(default_factory=list)

    def pages(self, *listings: Listing) -> list[Page]:
        """Give the pages of listings."""
        return [page for page in self.fetched.pages if page.listing in listings]

    def read(self, listing: Listing, reader: _Reader, pages: Sequence[Page]) -> None:
        """Read a listing; one that cannot be read costs itself alone."""
        asked = asked_of(listing, self.data_types, shared=self.fetched.asked.shared)
        into = Collected(window=self.fetched.window, asked=asked)
        try:
            is_whole = reader(pages, into)
        except Malformed as error:
            days = frozenset(self.fetched.window.days)
            self.failures.append(ListingFailed(listing=listing, days=days, error=error))
            return
        self.found[listing] = into
        if is_whole:
            self.whole.add(listing)

    def listed(self) -> list[Listed]:
        """Give the listings that were read whole; of stages only where all nights are known."""
        whole = self.whole - (set() if Listing.SLEEP in self.whole else {Listing.STAGES})
        return [
            Listed(metrics=found.asked, prefix=listing.prefix)
            for listing, found in self.found.items()
            if listing in whole and found.asked
        ]

    def doubtful(self) -> set[str]:
        """Give the listed ECGs, where measures are not all sure: what is theirs may yet be there."""
        measures, ecgs = self.found.get(Listing.MEASURES), self.found.get(Listing.ECG)
        left = {one.metric for one in measures.unpublished} if measures else set()
        is_sure = Listing.MEASURES in self.whole and not left & {None, *FROM_MEASURES}
        return set() if is_sure or ecgs is None else {one.record for one in ecgs.measurements}


def normalize(fetched: Fetched, data_types: tuple[DataType, ...]) -> Normalized:
    """Turn a window's pages into one frame, and say what is not in it and why.

    What was not asked for is never published, whoever sends it. Raises Malformed when no listing
    can be read; a bad row costs only itself.
    """
    read = _Read(fetched=fetched, data_types=data_types)
    for listing, reader in _READERS.items():
        more = (Listing.SIGNAL,) if listing is Listing.ECG else ()
        if pages := read.pages(listing, *more):
            read.read(listing, reader, pages)
    if Listing.SLEEP in read.found:
        nights = nights_of(read.pages(Listing.SLEEP), fetched.window.zone)
        read.read(
            Listing.STAGES,
            lambda pages, into: read_stages(pages, nights, into),
            read.pages(Listing.STAGES),
        )
    if read.failures and not read.found:
        raise read.failures[0].error
    return _normalized(read)


def _normalized(read: _Read) -> Normalized:
    fetched = read.fetched
    kept = {*fetched.unchanged, *fetched.unread, *_waiting(read)}
    for one in read.found.values():
        kept |= one.kept
    return Normalized(
        frame=to_frame(
            sorted(
                (one for one in _together(read) if _base(one.record) not in kept),
                key=lambda one: (one.start, one.record),
            )
        ),
        devices={name: info for one in read.found.values() for name, info in one.devices.items()},
        unpublished=[left for one in read.found.values() for left in one.unpublished],
        ignored=_ignored(read),
        listed=tuple(read.listed()),
        kept=frozenset(kept | read.doubtful()),
        failures=tuple(read.failures),
    )


def _together(read: _Read) -> list[Measurement]:
    """Give all measurements, those that were taken with an ECG with it."""
    found = {listing: one.measurements for listing, one in read.found.items()}
    measures, ecgs = found.pop(Listing.MEASURES, []), found.pop(Listing.ECG, [])
    return [*join_ecg(measures, ecgs), *(one for others in found.values() for one in others)]


def _waiting(read: _Read) -> set[str]:
    """Give the records of ECGs that lack what the other of their two listings would have told.

    Without its intervals and its finer word an ECG would read like a correction, and those without it
    like readings of their own.
    """
    found = {listing: one.measurements for listing, one in read.found.items()}
    if Listing.ECG not in found and _asked(read, Listing.ECG):
        measures = found.get(Listing.MEASURES, [])
        return {one.record for one in measures if one.metric in FROM_MEASURES}
    if Listing.MEASURES not in found and _asked(read, Listing.MEASURES):
        return {one.record for one in found.get(Listing.ECG, [])}
    return set()


def _asked(read: _Read, listing: Listing) -> bool:
    return bool(asked_of(listing, read.data_types, shared=read.fetched.asked.shared))


def _base(record: str) -> str:
    """Give the record that a part is named after."""
    return record.partition(".")[0]


def _ignored(read: _Read) -> dict[date, Counter[str]]:
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for one in read.found.values():
        for day, words in one.ignored.items():
            counted[day] += words
    for records, word in ((read.fetched.unchanged, "unchanged"), (read.fetched.unread, "not_read")):
        for day in records.values():
            counted[day][word] += 1
    return dict(counted)
