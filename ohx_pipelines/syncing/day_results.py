"""How a day ended, from what came of its resources.

Belongs here: choosing the outcome and its counts. Not here: the words (`outcomes.py`), publishing
(`publishing.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ohx_pipelines.errors import OhxError, word_for
from ohx_pipelines.fhir.writing.written import Written
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage
from ohx_pipelines.syncing.day_counts import Day


def published(
    day: Day, written: Written, *, desired: int, held: int, stands: bool = False
) -> DayResult:
    """Give the result of a day whose resources were all settled or refused.

    A refusal says more than a held retraction: it is shown, and the count of the held beside it.
    `stands` tells that readings of the day are there which one of two listings held.
    """
    counts = _counts(day, written, desired=desired, held=held)
    outcome = _outcome(counts, refused=bool(written.refusals), stands=stands)
    return DayResult(
        day=day.day,
        outcome=outcome,
        counts=counts,
        failed_stage=None if outcome.ok else Stage.PUBLISHED,
        status=written.status,
        error=None if outcome.ok else outcome.value,
        reasons=day.reasons | written.reasons,
        is_settled=not stands,
    )


def _counts(day: Day, written: Written, *, desired: int, held: int = 0) -> Counts:
    return replace(
        day.counts,
        observations=desired,
        created=written.created,
        updated=written.updated,
        unchanged=written.unchanged,
        retracted=written.retracted,
        retraction_held=held,
        rejected=day.counts.rejected + len(written.refusals),
    )


def _outcome(counts: Counts, *, refused: bool, stands: bool) -> Outcome:
    if refused:
        return Outcome.EHR_REJECTED
    if counts.retraction_held:
        return Outcome.RETRACTION_HELD
    # `no_data` is said only when the vendor listed nothing at all for the day.
    listed = counts.rows or counts.retracted or stands
    return Outcome.SYNCED if listed else Outcome.NO_DATA


def unpublished(
    day: Day,
    error: Exception,
    *,
    desired: int,
    written: Written | None = None,
    held: int = 0,
    stage: Stage = Stage.PUBLISHED,
) -> DayResult:
    """Give the result of a day that could not be published whole; what was written is counted.

    `stage` is where it failed.
    """
    came = written or Written()
    counts = _counts(day, came, desired=desired, held=held)
    reasons = day.reasons | came.reasons
    return failure(day.day, error, stage, counts=counts, reasons=reasons)


def failure(
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
