"""A window published: the EHR is read once, differences go out together, each day says how it ended.

Belongs here: the order of reading, writing and telling why. Not here: what is deleted
(`retracting.py`), how a day's result is chosen (`day_results.py`), or the EHR (`fhir/publish.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ohx_pipelines.breaker import heard
from ohx_pipelines.device_resources import device_resources
from ohx_pipelines.errors import BreakerOpen, EhrDown, NotConsented
from ohx_pipelines.fhir.standing import Standing
from ohx_pipelines.fhir.writing.references import name_of
from ohx_pipelines.fhir.writing.written import Written
from ohx_pipelines.local_day import Window
from ohx_pipelines.outcomes import DayResult, Outcome
from ohx_pipelines.syncing.day_counts import Day
from ohx_pipelines.syncing.day_results import published, unpublished
from ohx_pipelines.syncing.explaining import agent, explanation, untold
from ohx_pipelines.syncing.parts import Listing, Sync
from ohx_pipelines.syncing.retracting import Retractions, plan_retractions

# One day's resources may be what an EHR cannot take; two are the EHR.
MOST_DAYS_DOWN = 2
# A night that belongs to a day may begin on the one before, and a total that the vendor counted in
# another zone lies up to a day before or after.
AROUND = timedelta(days=1)
Resource = dict[str, Any]


@dataclass(kw_only=True)
class _Work:
    """A window's work: what each day wants, what is there, and what came of it."""

    sync: Sync
    window: Window
    listing: Listing
    desired: Mapping[date, Sequence[Resource]]
    existing: Mapping[str, Resource]
    retractions: Retractions
    written: Written = field(default_factory=Written)
    # What kept a day from being published.
    failures: dict[date, Exception] = field(default_factory=dict)

    def retracted(self, day: date) -> list[Standing]:
        """Give what is retracted of a day."""
        return [one for one in self.retractions.retract if one.day == day]

    def names(self, day: date) -> set[str]:
        """Give the names of all that is to be settled of a day."""
        wanted = {name_of(one) for one in self.desired.get(day, ())}
        return wanted | {one.name for one in self.retracted(day)}

    def unsettled(self, day: date) -> set[str]:
        """Give those of them of which nothing is known yet."""
        return self.names(day) - self.written.settled.keys() - self.written.refusals.keys()

    def permit(self) -> None:
        """Raise NotConsented when no longer all is shared that was read."""
        _permit(self.sync, self.listing)


def publish_window(
    sync: Sync, window: Window, listing: Listing, days: Sequence[Day]
) -> list[DayResult]:
    """Publish a window's days together and give a result per day; raises nothing for a failure."""
    desired: dict[date, list[Resource]] = {}
    for one in listing.built.desired:
        desired.setdefault(one.day, []).append(one.resource)
    try:
        _permit(sync, listing)
        held = _read(sync, window, listing)
        work = _Work(
            sync=sync,
            window=window,
            listing=listing,
            desired=desired,
            existing=held | _moved(sync, listing, held),
            retractions=plan_retractions(sync, window, listing, held.values()),
        )
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        return [unpublished(day, error, desired=len(desired.get(day.day, ()))) for day in days]
    _publish(work)
    _tell_why(work)
    return [_result(work, day) for day in days]


def _permit(sync: Sync, listing: Listing) -> None:
    """Raise NotConsented when no longer all is shared that was read: nothing comes after."""
    if not listing.asked.shared <= sync.consent():
        raise NotConsented


def _read(sync: Sync, window: Window, listing: Listing) -> dict[str, Resource]:
    """Read what the EHR holds of ours for the window, then write missing devices.

    Devices that the EHR's readings name come along with them.
    """
    context = sync.context
    listed = {metric for one in listing.normalized.listed for metric in one.metrics}
    if not listed and not listing.built.desired:
        return {}
    spans = any(sync.mapping.metrics[metric].effective != "point" for metric in listed)
    around = AROUND if spans else timedelta()
    with heard(sync.ehr_breaker):
        existing = sync.publisher.read_existing(
            patient=context.patient,
            vendor=context.vendor,
            start=window.start - around,
            end=window.end + around,
        )
        if listing.built.desired:
            _permit(sync, listing)
            sync.publisher.ensure_devices(_devices(sync, listing))
    return existing


def _moved(sync: Sync, listing: Listing, held: Mapping[str, Resource]) -> dict[str, Resource]:
    """Read readings that have moved out of the window, by their ids."""
    unseen = [one.resource["id"] for one in listing.built.desired if one.resource["id"] not in held]
    with heard(sync.ehr_breaker):
        return sync.publisher.read_moved(unseen)


def _devices(sync: Sync, listing: Listing) -> list[Resource]:
    return device_resources(
        listing.normalized.devices.values(),
        manufacturer=sync.provider.facts.manufacturer,
        context=sync.context,
        define=sync.publisher.gives("DeviceDefinition"),
    )


def _publish(work: _Work) -> None:
    """Write the window in one go; when the EHR cannot take that, once more day by day."""
    days = [day for day in work.window.days if work.names(day)]
    error = _written(work, days)
    unsettled = [day for day in days if work.unsettled(day)]
    if error is None:
        return
    # An EHR that asks for a pause says that it is not one day's resources.
    may_be_a_day = isinstance(error, EhrDown) and error.retry_after_seconds is None
    if not may_be_a_day or len(unsettled) < MOST_DAYS_DOWN:
        work.failures |= dict.fromkeys(unsettled, error)
        return
    down_in_a_row = 0
    for day in unsettled:
        # Down for so many days, after all tries: the others would only wait as long, each.
        if down_in_a_row >= MOST_DAYS_DOWN:
            work.failures[day] = BreakerOpen(Outcome.EHR_DOWN)
            continue
        failed = _written(work, [day])
        if failed is not None:
            work.failures[day] = failed
        down_in_a_row = down_in_a_row + 1 if isinstance(failed, EhrDown) else 0


def _written(work: _Work, days: Sequence[date]) -> Exception | None:
    """Write what is not settled of days; gives what ended it early."""
    open_names = {name for day in days for name in work.unsettled(day)}
    if not open_names:
        return None
    desired = [one for day in days for one in work.desired.get(day, ())]
    retract = [one for day in days for one in work.retracted(day)]
    try:
        work.permit()
        with heard(work.sync.ehr_breaker):
            work.sync.publisher.publish(
                [one for one in desired if name_of(one) in open_names],
                work.existing,
                retract=[one.resource for one in retract if one.name in open_names],
                written=work.written,
                permit=work.permit,
                explanation=explanation(work.sync),
            )
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        return error
    return None


def _tell_why(work: _Work) -> None:
    """Write a Provenance of what changed without one, none when nothing did.

    Its failure is that of the days: readings are there, and nobody could say why.
    """
    changed, provenances = untold(work.sync, work.written, work.existing)
    if not provenances:
        return
    try:
        with heard(work.sync.ehr_breaker):
            work.sync.publisher.record(provenances, agent=agent(work.sync))
    except Exception as error:  # noqa: BLE001 (as above)
        for day in work.window.days:
            if work.names(day) & changed:
                work.failures.setdefault(day, error)


def _result(work: _Work, day: Day) -> DayResult:
    desired = len(work.desired.get(day.day, ()))
    error = work.failures.get(day.day) or work.retractions.unsure.get(day.day)
    written = work.written.part(work.names(day.day))
    held = work.retractions.held.get(day.day, 0)
    if error is not None:
        return unpublished(day, error, desired=desired, written=written, held=held)
    failed = work.listing.failure(day.day)
    if failed is not None:
        # What could be had is published; the day is not whole.
        return unpublished(
            day, failed[0].error, desired=desired, written=written, held=held, stage=failed[1]
        )
    stands = day.day in work.retractions.kept
    return published(day, written, desired=desired, held=held, stands=stands)
