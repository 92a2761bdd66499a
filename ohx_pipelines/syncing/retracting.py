"""What of a window is retracted: compared with the vendor's listing, and asked for twice.

Belongs here: that order. Not here: which Observations are surely ours and deleted, and how many are
too many (`fhir/retractions.py`).
A listing read while it changes can miss a row: a deletion is believed when two listings agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ohx_pipelines.fhir import retractions
from ohx_pipelines.fhir.standing import Standing, standing
from ohx_pipelines.local_day import Window
from ohx_pipelines.syncing.parts import Listing, Sync, fetch, listing_of


@dataclass(frozen=True, kw_only=True)
class Retractions:
    """What is retracted, what is held per day, and the error for days that could not be asked again.

    `kept` are days of which something was gone at first, and was listed the second time.
    """

    retract: Sequence[Standing] = ()
    held: Mapping[date, int] = field(default_factory=dict)
    kept: Collection[date] = ()
    unsure: Mapping[date, Exception] = field(default_factory=dict)


def plan_retractions(
    sync: Sync, window: Window, listing: Listing, existing: Iterable[Mapping[str, Any]]
) -> Retractions:
    """Find what was deleted, and ask the vendor once more before anything is retracted.

    Raises nothing for the vendor's failures: nothing is retracted then, and its days say why.
    """
    stands = standing(
        existing,
        listed=listing.normalized.listed,
        window=window,
        mapping=sync.mapping,
        context=sync.context,
    )
    gone = _gone(stands, listing)
    plan = sync.tally.plan(stands, gone, confirmed=sync.confirmed() if gone else {})
    if not plan.retract:
        return Retractions(held=plan.held)
    try:
        again = listing_of(sync, fetch(sync, window))
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        return Retractions(
            held=plan.held, unsure=dict.fromkeys({one.day for one in plan.retract}, error)
        )
    covered = standing(
        (one.resource for one in plan.retract),
        listed=again.normalized.listed,
        window=window,
        mapping=sync.mapping,
        context=sync.context,
    )
    twice_gone = _gone(covered, again)
    kept = {one.day for one in plan.retract} - {one.day for one in twice_gone}
    # A second listing that failed says nothing, neither that it is gone nor that it is there.
    failed = {day: failure[0].error for day in kept if (failure := again.failure(day)) is not None}
    return Retractions(retract=twice_gone, held=plan.held, kept=kept - failed.keys(), unsure=failed)


def _gone(stands: Iterable[Standing], listing: Listing) -> list[Standing]:
    return retractions.gone(stands, desired=listing.ids, still_listed=listing.still_there)
