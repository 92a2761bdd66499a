"""The heart: sync one link over days, and say for each day how it ended.

Belongs here: windows one after the other, fetched, normalized and published. Not here: who asks for
it (Dagster, a page), what a window's publishing is (`syncing/`), where tokens are kept, or what
a vendor or an EHR is like.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from ohx_pipelines.errors import AuthLost, OhxError, RefusedOnce
from ohx_pipelines.local_day import Window, local_day, windows
from ohx_pipelines.outcomes import DayResult, Outcome, Stage
from ohx_pipelines.syncing.day_counts import days_of
from ohx_pipelines.syncing.day_results import failure
from ohx_pipelines.syncing.parts import Sync, fetch, listing_of
from ohx_pipelines.syncing.publishing import publish_window
from ohx_pipelines.urgency import Urgency, urgency_of, using

__all__ = ["Sync", "sync_link", "sync_window"]


def sync_link(sync: Sync, days: Iterable[date]) -> Iterator[DayResult]:
    """Sync the days, window by window, and give one result per day in order.

    Raises nothing for a failed day: its result says how it failed. Once the vendor has refused
    the link's tokens the remaining windows are not tried: the answer is known.
    """
    lost: OhxError | None = None
    wanted, facts = set(days), sync.provider.facts
    for window in windows(
        wanted, sync.zone, most_days=facts.most_days, most_gap_days=facts.most_gap_days
    ):
        results = _fail(window, lost, Stage.FETCHED) if lost else sync_window(sync, window)
        for result in results:
            if result.outcome is Outcome.AUTH_LOST:
                lost = lost or _lost(result)
            # A window may take in days of which nobody asked anything, and nothing is said of them.
            if result.day in wanted:
                yield result


def _lost(result: DayResult) -> AuthLost:
    kind = RefusedOnce if result.error == RefusedOnce.detail else AuthLost
    return kind(status=result.status)


def sync_window(sync: Sync, window: Window) -> list[DayResult]:
    """Fetch a window in one go, publish its days one by one, and time the whole of it."""
    started = time.monotonic()
    results = _window_results(sync, window)
    share = (time.monotonic() - started) / len(results)
    return [replace(result, seconds=round(share, 3)) for result in results]


def _window_results(sync: Sync, window: Window) -> list[DayResult]:
    stage = Stage.FETCHED
    try:
        with using(_urgency(sync, window)):
            fetched = fetch(sync, window)
        stage = Stage.NORMALIZED
        listing = listing_of(sync, fetched)
        days = days_of(window, listing.normalized, listing.built, mapping=sync.mapping)
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        return _fail(window, error, stage)
    # What is asked of the vendor again, before anything is retracted, is as urgent.
    with using(_urgency(sync, window)):
        return publish_window(sync, window, listing, days)


def _urgency(sync: Sync, window: Window) -> Urgency:
    today = local_day(sync.context.now, sync.zone)
    return urgency_of(
        window.first_day, window.last_day, today=today, look_back_days=sync.look_back_days
    )


def _fail(window: Window, error: Exception, stage: Stage) -> list[DayResult]:
    return [failure(day, error, stage) for day in window.days]
