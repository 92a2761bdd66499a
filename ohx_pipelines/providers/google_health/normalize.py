"""Google's pages into the common vocabulary: each listing by its reader, then together.

Belongs here: which reader reads what, and what is concluded from all of it. Not here: what a row
means (a reader per kind of listing), reading the wire, or FHIR.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ohx_pipelines.errors import Malformed
from ohx_pipelines.measurements import to_frame
from ohx_pipelines.providers.base import (
    DataType,
    DeviceInfo,
    Fetched,
    Listed,
    ListingFailed,
    Normalized,
    Page,
)
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.google_health import daily, samples, series, totals
from ohx_pipelines.providers.google_health.data_types import asked_of
from ohx_pipelines.providers.google_health.ecg import read_ecg
from ohx_pipelines.providers.google_health.exercise import read_exercise
from ohx_pipelines.providers.google_health.irregular_rhythm import read_irregular_rhythm
from ohx_pipelines.providers.google_health.listings import BY_NAME, LOGS, Listing
from ohx_pipelines.providers.google_health.logs import read_logs
from ohx_pipelines.providers.google_health.readings import Reading
from ohx_pipelines.providers.google_health.sleep import read_sleep
from ohx_pipelines.providers.google_health.sources import is_better_told

_Reader = Callable[[Sequence[Page], Listing, Reading], bool]
READERS: Mapping[str, _Reader] = {
    **dict.fromkeys(totals.NAMES, totals.read_totals),
    **dict.fromkeys(daily.FIELDS, daily.read_daily),
    **dict.fromkeys(samples.FIELDS, samples.read_samples),
    **dict.fromkeys(series.FIELDS, series.read_series),
    "sleep": read_sleep,
    "exercise": read_exercise,
    "electrocardiogram": read_ecg,
    "irregular_rhythm_notification": read_irregular_rhythm,
    **dict.fromkeys((one.name for one in LOGS), read_logs),
}


@dataclass(kw_only=True)
class _Read:
    """What the readers found, and which listings they could read whole."""

    fetched: Fetched
    data_types: tuple[DataType, ...]
    found: dict[str, Collected] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    failures: list[ListingFailed] = field(default_factory=list)

    def read(self, listing: Listing) -> None:
        """Read a listing; one that cannot be read costs itself alone."""
        fetched = self.fetched
        pages = [page for page in fetched.pages if page.listing == listing.name]
        if not pages:
            return
        asked = asked_of(listing, self.data_types, shared=fetched.asked.shared)
        into = Collected(window=fetched.window, asked=asked)
        reading = Reading(into=into, zone=fetched.window.zone, account=fetched.account)
        try:
            is_whole = READERS[listing.name](pages, listing, reading)
        except Malformed as error:
            days = frozenset(fetched.window.days)
            self.failures.append(ListingFailed(listing=listing.name, days=days, error=error))
            return
        self.found[listing.name] = into
        if is_whole:
            self.whole.add(listing.name)

    def listed(self) -> tuple[Listed, ...]:
        """Give the listings that were read whole, and of which anything is asked."""
        # Some pages of a listing that failed may be there.
        failed = {one.listing for one in self.fetched.failures}
        return tuple(
            Listed(metrics=into.asked, prefix=name)
            for name, into in self.found.items()
            if into.asked and name in self.whole - failed
        )


def normalize(fetched: Fetched, data_types: tuple[DataType, ...]) -> Normalized:
    """Turn a window's pages into one frame, and say what is not in it and why.

    What was not asked for is never published, whoever sends it. Raises Malformed when no listing
    can be read; a bad row costs only itself.
    """
    read = _Read(fetched=fetched, data_types=data_types)
    for listing in BY_NAME.values():
        read.read(listing)
    if read.failures and not read.found:
        raise read.failures[0].error
    return _normalized(read)


def _normalized(read: _Read) -> Normalized:
    fetched, found = read.fetched, read.found.values()
    as_they_were = {*fetched.unchanged, *fetched.unread}
    measurements = [
        one
        for into in found
        for one in into.measurements
        if one.record.partition(".")[0] not in as_they_were
    ]
    return Normalized(
        frame=to_frame(sorted(measurements, key=lambda one: (one.start, one.record))),
        devices=_devices(read),
        unpublished=[left for one in found for left in one.unpublished],
        ignored=_ignored(read),
        listed=read.listed(),
        # The readers keep a record from deletion alone: what else it says is published.
        kept=frozenset(as_they_were).union(*(one.kept for one in found)),
        failures=tuple(read.failures),
    )


def _devices(read: _Read) -> dict[str, DeviceInfo]:
    """Give the devices; one whose kind some points tell and others do not is of that kind."""
    devices: dict[str, DeviceInfo] = {}
    for into in read.found.values():
        for name, info in into.devices.items():
            if is_better_told(info, devices):
                devices[name] = info
    return devices


def _ignored(read: _Read) -> dict[date, Counter[str]]:
    fetched = read.fetched
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for into in read.found.values():
        for day, words in into.ignored.items():
            counted[day] += words
    for records, word in ((fetched.unchanged, "unchanged"), (fetched.unread, "not_read")):
        for day in records.values():
            counted[day][word] += 1
    return dict(counted)
