"""What one link's sync works with: its two ends, its rules, and what the vendor lists.

Belongs here: the record of all that, and reading a window. Not here: what is then published
(`publishing.py`) or in which order days are synced (`sync.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ohx_pipelines.breaker import Breaker, heard
from ohx_pipelines.errors import NotConsented, VendorDown
from ohx_pipelines.fhir.building.left_out import Reason
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.observations import Built, build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.retractions import Tally
from ohx_pipelines.local_day import Window
from ohx_pipelines.outcomes import Stage
from ohx_pipelines.providers.base import (
    Asked,
    Fetched,
    ListingFailed,
    Normalized,
    Provider,
    TokenSource,
)


def _nothing_confirmed() -> Mapping[date, int]:
    return {}


def _never_read() -> Mapping[date, datetime]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Everything that one link's sync needs, storage and orchestration left out.

    `zone` is the user's time zone, `context` says whose readings they are and for which Patient,
    `consent` gives the data types that are shared at this moment (none: nothing may be read or
    written), `confirmed` how many held retractions somebody has confirmed by day; `read_at` when
    days were last read whole and published as they would be now, where costly listings may be left
    alone since; a window that begins before the last `look_back_days` is a backfill, which gives way
    to others; `tally` counts what was gone in its windows so far.
    """

    provider: Provider
    tokens: TokenSource
    consent: Callable[[], frozenset[str]]
    vendor_breaker: Breaker
    ehr_breaker: Breaker
    zone: ZoneInfo
    publisher: Publisher
    mapping: FhirMapping
    context: PublishContext = field(repr=False)
    confirmed: Callable[[], Mapping[date, int]] = _nothing_confirmed
    read_at: Callable[[], Mapping[date, datetime]] = _never_read
    look_back_days: int = 3
    tally: Tally = field(default_factory=Tally, repr=False)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A window as the vendor lists it, and what becomes of it."""

    asked: Asked
    failed: Sequence[ListingFailed]
    normalized: Normalized
    built: Built

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of the resources that should be there."""
        return frozenset(one.resource["id"] for one in self.built.desired)

    @cached_property
    def still_there(self) -> frozenset[str]:
        """The vendor's records that are not gone, although nothing may become of them now.

        They are listed and not published, as a whole or in part, or were not read this time.
        """
        left_out = (one.record for one in self.normalized.unpublished)
        # What the site has turned off says nothing of the other readings of its record.
        unfit = (o.record for o in self.built.unpublished if o.reason is not Reason.DISABLED)
        return frozenset([*left_out, *unfit, *self.normalized.kept])

    def failure(self, day: date) -> tuple[ListingFailed, Stage] | None:
        """Give what of a day could not be had or read, where that is so, and at which stage."""
        stages = ((self.failed, Stage.FETCHED), (self.normalized.failures, Stage.NORMALIZED))
        found = ((one, stage) for failed, stage in stages for one in failed if day in one.days)
        return next(found, None)


def fetch(sync: Sync, window: Window) -> Fetched:
    """Read a window of what is shared; raises NotConsented, VendorError or BreakerOpen."""
    shared = sync.consent()
    if not shared:
        raise NotConsented
    try:
        with heard(sync.vendor_breaker):
            return _whole(sync.provider.fetch(window, sync.tokens, asked=_asked(sync, shared)))
    except _WentDown as down:
        # What it had said before is published; the breaker has heard how it ended.
        return down.fetched


class _WentDown(VendorDown):
    """A vendor that answered at first, and then no more."""

    def __init__(self, fetched: Fetched) -> None:
        super().__init__()
        self.fetched = fetched


def _whole(fetched: Fetched) -> Fetched:
    if fetched.gave_up is not None:
        raise _WentDown(fetched)
    return fetched


def _asked(sync: Sync, shared: frozenset[str]) -> Asked:
    metrics = sync.provider.facts.metrics_of(shared)
    wanted = frozenset(one for one in metrics if sync.mapping.is_enabled(one))
    return Asked(shared=shared, wanted=wanted, read_at=sync.read_at())


def listing_of(sync: Sync, fetched: Fetched) -> Listing:
    """Give what a window's raw answers say; raises Malformed when they cannot be read."""
    normalized = sync.provider.normalize(fetched)
    built = build_observations(normalized.frame, mapping=sync.mapping, context=sync.context)
    return Listing(asked=fetched.asked, failed=fetched.failures, normalized=normalized, built=built)
