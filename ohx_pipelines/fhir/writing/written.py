"""What came of a day's resources: counts, and why each refused one was refused.

Belongs here: those records, and the words by which a day tells them. Not here: writing
(`writing/writer.py`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ohx_pipelines.errors import Issue
from ohx_pipelines.fhir.answers.refusal_reasons import REFERENCE, reason_for_rule
from ohx_pipelines.fhir.checks.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One resource that was not stored: issue type or broken rule, element path, reason class.

    `sent` is False when our own checks kept it from being sent.
    """

    issue: str
    reason: str
    expression: str | None = None
    profile: str | None = None
    sent: bool = True

    @property
    def word(self) -> str:
        """How ledger and metadata count it: `ehr_value/terminology/Observation.valueQuantity`."""
        who = "ehr" if self.sent else "check"
        return "/".join(filter(None, (f"{who}_{self.issue}", self.reason, self.expression)))


@dataclass
class Written:
    """What came of resources; `rejected` counts by issue code (or rule), `status` is the last one's.

    `refused` are the names of those that are not there: nothing may refer to them.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    status: int | None = None
    refused: set[str] = field(default_factory=set, repr=False)

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rejections by their words."""
        return dict(Counter(one.word for one in self.rejections))

    def reject(self, name: str, rejection: Rejection, *, status: int | None = None) -> None:
        """Count a resource that is not stored; it stays what it was in the EHR."""
        self.rejected[rejection.issue] += 1
        self.rejections.append(rejection)
        self.refused.add(name)
        self.status = status or self.status


def refused_by_ehr(issue: Issue) -> Rejection:
    """Give the rejection for an issue of the EHR."""
    return Rejection(
        issue=issue.code, reason=issue.reason, expression=issue.expression, profile=issue.profile
    )


def refused_by_checks(problem: Problem) -> Rejection:
    """Give the rejection for a problem that our own checks found."""
    return Rejection(
        issue=problem.rule,
        reason=reason_for_rule(problem.rule, problem.profile),
        expression=problem.expression,
        profile=problem.profile,
        sent=False,
    )


REFERS_TO_REFUSED = Rejection(issue="reference", reason=REFERENCE, sent=False)
