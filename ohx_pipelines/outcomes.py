"""What became of a link's day: the words and counts that ledger, Dagster and pages share.

Belongs here: outcomes, stages and counts. Not here: how a day is synced (`sync.py`) or shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    """How a day ended. Only `synced` and `no_data` are successes."""

    SYNCED = "synced"
    NO_DATA = "no_data"
    AUTH_LOST = "auth_lost"
    RATE_LIMITED = "rate_limited"
    VENDOR_DOWN = "vendor_down"
    VENDOR_REJECTED = "vendor_rejected"
    MALFORMED = "malformed"
    EHR_DOWN = "ehr_down"
    EHR_REJECTED = "ehr_rejected"
    NOT_CONSENTED = "not_consented"
    RETRACTION_HELD = "retraction_held"
    # An error of our own: neither the vendor's nor the EHR's fault, and never hidden.
    INTERNAL = "internal_error"

    @property
    def ok(self) -> bool:
        """Whether it is one of the two outcomes that are green."""
        return self in (Outcome.SYNCED, Outcome.NO_DATA)

    @property
    def advice(self) -> str:
        """What an engineer does about it, in one sentence."""
        return _ADVICE[self]


_ADVICE = {
    Outcome.SYNCED: "Nothing to do.",
    Outcome.NO_DATA: "Nothing to do: the vendor has no readings for the day.",
    Outcome.AUTH_LOST: "The patient must connect the account again on the link page.",
    Outcome.RATE_LIMITED: "Run the failed partitions again after the vendor's pause.",
    Outcome.VENDOR_DOWN: "Run the failed partitions again when the vendor answers.",
    Outcome.VENDOR_REJECTED: "Check the granted scopes and the vendor plan of this application.",
    Outcome.MALFORMED: "An answer of the vendor (of the EHR, when publishing failed) cannot be "
    "read: run the failed partitions again, and report it when it stays.",
    Outcome.EHR_DOWN: "Re-execute from failure when the EHR answers.",
    Outcome.EHR_REJECTED: "The reasons (left_out/ehr_…) say what was refused; without any, check rights and the patient.",
    Outcome.NOT_CONSENTED: "Nothing is shared at the moment: the patient must connect the account, or "
    "choose what to share, on the link page.",
    Outcome.RETRACTION_HELD: "The vendor no longer lists so many readings that it may be its fault: "
    "look at `ohx retractions list`, then confirm them if they are right. All else was published.",
    Outcome.INTERNAL: "A defect of this program: report it with the run id and error code.",
}


class Stage(StrEnum):
    """The three stages of a day, in order."""

    FETCHED = "fetched"
    NORMALIZED = "normalized"
    PUBLISHED = "published"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of a day, never values. All but `rows` count Observations.

    `rows` are vendor rows read; `held_back` and `rejected` count the Observations that the
    readings would have become; `retraction_held` those that would be retracted and are not, until
    somebody confirms it.
    """

    rows: int = 0
    observations: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retracted: int = 0
    retraction_held: int = 0
    held_back: int = 0
    rejected: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add two counts field by field."""
        return Counts(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )


@dataclass(frozen=True, kw_only=True)
class DayResult:
    """One link's day after a sync.

    `failed_stage` is the first stage that did not finish (None when the day is green), `status`
    the HTTP or vendor status of the failure, `reasons` counts what was not published by why,
    `seconds` the time the day's share of the window took, `attempts` the tries of the failed call.
    `is_settled` is False where one of two listings lacked what the other had.
    """

    day: date
    outcome: Outcome
    counts: Counts = field(default_factory=Counts)
    failed_stage: Stage | None = None
    status: int | None = None
    error: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    attempts: int = 1
    is_settled: bool = True

    def finished(self, stage: Stage) -> bool:
        """Tell whether the stage came before the failure, or there was none."""
        order = list(Stage)
        return self.failed_stage is None or order.index(stage) < order.index(self.failed_stage)
