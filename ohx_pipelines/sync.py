"""The heart: sync one link over days, and say for each day how it ended.

Belongs here: fetch a window, normalize it, publish each day, an honest outcome per day. Not here:
who asks for it (Dagster, a page), where tokens are kept, or what a vendor or an EHR is like.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.breaker import Breaker, heard
from ohx_pipelines.day_counts import Day, days_of
from ohx_pipelines.errors import (
    AuthLost,
    BreakerOpen,
    NotConsented,
    OhxError,
    RefusedOnce,
    word_for,
)
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.devices import build_device
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.observations import Desired, build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.local_day import Window, windows
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage
from ohx_pipelines.providers.base import Normalized, Provider, TokenSource

# One day's Bundle may be what an EHR cannot take; two are the EHR.
MOST_DAYS_DOWN = 2


@dataclass(frozen=True, kw_only=True)
class Sync:
    """Everything that one link's sync needs, storage and orchestration left out.

    `zone` is the user's time zone, `context` says whose readings they are and for which Patient,
    `consented` tells whether the link still stands.
    """

    provider: Provider
    tokens: TokenSource
    consented: Callable[[], bool]
    vendor_breaker: Breaker
    ehr_breaker: Breaker
    zone: ZoneInfo
    publisher: Publisher
    mapping: FhirMapping
    context: PublishContext = field(repr=False)


def sync_link(sync: Sync, days: Iterable[date]) -> Iterator[DayResult]:
    """Sync the days, window by window, and give one result per day in order.

    Raises nothing for a failed day: its result says how it failed. Once the vendor has refused
    the link's tokens the remaining windows are not tried: the answer is known.
    """
    lost: OhxError | None = None
    for window in windows(days, sync.zone, most_days=sync.provider.facts.most_days):
        results = _fail(window, lost, Stage.FETCHED) if lost else sync_window(sync, window)
        for result in results:
            if result.outcome is Outcome.AUTH_LOST:
                lost = lost or _lost(result)
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
        with heard(sync.vendor_breaker):
            fetched = sync.provider.fetch(window, sync.tokens)
        stage = Stage.NORMALIZED
        normalized = sync.provider.normalize(fetched)
        built = build_observations(normalized.frame, mapping=sync.mapping, context=sync.context)
        days = days_of(window, normalized, built, mapping=sync.mapping)
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        return _fail(window, error, stage)
    return _publish_window(sync, window, normalized, days=days, desired=built.desired)


def _publish_window(
    sync: Sync,
    window: Window,
    normalized: Normalized,
    *,
    days: list[Day],
    desired: list[Desired],
) -> list[DayResult]:
    by_day: dict[date, list[dict[str, Any]]] = {}
    for one in desired:
        by_day.setdefault(one.day, []).append(one.resource)
    try:
        existing = _prepare(sync, window, normalized, desired) if desired else {}
    except Exception as error:  # noqa: BLE001 (as above)
        return [_unprepared(day, by_day.get(day.day, []), error) for day in days]
    results: list[DayResult] = []
    down_in_a_row = 0
    for day in days:
        resources = by_day.get(day.day, [])
        # Down for so many days, after all tries: the others would only wait as long, each.
        if down_in_a_row >= MOST_DAYS_DOWN:
            results.append(_unprepared(day, resources, BreakerOpen(Outcome.EHR_DOWN)))
            continue
        results.append(_publish_day(sync, day, resources, existing))
        if resources:
            is_down = results[-1].outcome is Outcome.EHR_DOWN
            down_in_a_row = down_in_a_row + 1 if is_down else 0
    return results


def _prepare(
    sync: Sync, window: Window, normalized: Normalized, desired: list[Desired]
) -> Mapping[str, dict[str, Any]]:
    """Read what the EHR already holds of ours for the window, then write missing devices.

    Devices that the EHR's readings name come along with them. A reading that has moved out of the window is found by its id.
    """
    context = sync.context
    with heard(sync.ehr_breaker):
        existing = sync.publisher.read_existing(
            patient=context.patient, vendor=context.vendor, start=window.start, end=window.end
        )
        sync.publisher.ensure_devices(_devices(sync, normalized))
        unseen = [one.resource["id"] for one in desired if one.resource["id"] not in existing]
        return existing | sync.publisher.read_moved(unseen)


def _devices(sync: Sync, normalized: Normalized) -> list[dict[str, Any]]:
    return [
        build_device(
            device=info.device,
            model=info.model,
            kind=info.kind,
            manufacturer=sync.provider.facts.manufacturer,
            context=sync.context,
        )
        for info in normalized.devices.values()
    ]


def _publish_day(
    sync: Sync, day: Day, desired: list[dict[str, Any]], existing: Mapping[str, dict[str, Any]]
) -> DayResult:
    if not desired:
        return _nothing_to_publish(day)
    counts = replace(day.counts, observations=len(desired))
    try:
        _check_consent(sync)
        with heard(sync.ehr_breaker):
            written = sync.publisher.publish_day(desired, existing)
    except Exception as error:  # noqa: BLE001 (as above)
        return _failure(day.day, error, Stage.PUBLISHED, counts=counts, reasons=day.reasons)
    counts = replace(
        counts,
        created=written.created,
        updated=written.updated,
        unchanged=written.unchanged,
        rejected=counts.rejected + sum(written.rejected.values()),
    )
    refused = bool(written.rejected)
    return DayResult(
        day=day.day,
        outcome=Outcome.EHR_REJECTED if refused else Outcome.SYNCED,
        counts=counts,
        failed_stage=Stage.PUBLISHED if refused else None,
        status=written.status if refused else None,
        error="ehr_rejected" if refused else None,
        reasons=day.reasons | written.reasons,
    )


def _check_consent(sync: Sync) -> None:
    """Raise NotConsented when the link ended since its window was read: nothing comes after."""
    if not sync.consented():
        raise NotConsented


def _unprepared(day: Day, desired: list[dict[str, Any]], error: Exception) -> DayResult:
    """Give the day's result when the EHR could not be read: a day without readings is not hurt."""
    if not desired:
        return _nothing_to_publish(day)
    counts = replace(day.counts, observations=len(desired))
    return _failure(day.day, error, Stage.PUBLISHED, counts=counts, reasons=day.reasons)


def _nothing_to_publish(day: Day) -> DayResult:
    """Say `no_data` only when the vendor listed nothing at all for the day."""
    outcome = Outcome.SYNCED if day.counts.rows else Outcome.NO_DATA
    return DayResult(day=day.day, outcome=outcome, counts=day.counts, reasons=day.reasons)


def _fail(window: Window, error: Exception, stage: Stage) -> list[DayResult]:
    return [_failure(day, error, stage) for day in window.days]


def _failure(
    day: date,
    error: Exception,
    stage: Stage,
    *,
    counts: Counts | None = None,
    reasons: dict[str, int] | None = None,
) -> DayResult:
    """Name a failure by code and status; its text stays behind."""
    known = isinstance(error, OhxError) and error.code in set(Outcome)
    return DayResult(
        day=day,
        outcome=Outcome(error.code) if isinstance(error, OhxError) and known else Outcome.INTERNAL,
        counts=counts or Counts(),
        failed_stage=stage,
        status=error.status if isinstance(error, OhxError) else None,
        error=word_for(error),
        reasons=reasons or {},
        attempts=error.attempts if isinstance(error, OhxError) else 1,
    )
