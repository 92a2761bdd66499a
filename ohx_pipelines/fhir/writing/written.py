"""What came of resources: what was done about each, and why each refused one was refused.

Belongs here: those records, and the words by which a day tells them. Not here: writing
(`writing/writer.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from ohx_pipelines.errors import Issue
from ohx_pipelines.fhir.answers.refusal_reasons import DUPLICATE, REFERENCE, reason_for_rule
from ohx_pipelines.fhir.checks.problem import Problem
from ohx_pipelines.fhir.reconcile import Action


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


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A rejection, and the HTTP status of the answer where there was one."""

    rejection: Rejection
    status: int | None = None


@dataclass
class Written:
    """What came of each resource, by its name; what is in neither of the first two is not settled.

    `refused` are the names of those that are not there: nothing may refer to them. `explained` are
    those with which a Provenance was written.
    """

    settled: dict[str, Action] = field(default_factory=dict, repr=False)
    refusals: dict[str, Refusal] = field(default_factory=dict, repr=False)
    refused: set[str] = field(default_factory=set, repr=False)
    explained: set[str] = field(default_factory=set, repr=False)

    def settle(self, name: str, action: Action) -> None:
        """Note what was done about a resource."""
        self.settled[name] = action

    def reject(self, name: str, rejection: Rejection, *, status: int | None = None) -> None:
        """Note a resource that is not stored; it stays what it was in the EHR."""
        self.refusals[name] = Refusal(rejection=rejection, status=status)
        self.refused.add(name)

    def part(self, names: Collection[str]) -> Written:
        """Give what came of these alone."""
        return Written(
            settled={name: one for name, one in self.settled.items() if name in names},
            refusals={name: one for name, one in self.refusals.items() if name in names},
            refused=self.refused.intersection(names),
        )

    def done(self, action: Action) -> list[str]:
        """Give the names of those about which this was done, in order."""
        return [name for name, one in self.settled.items() if one is action]

    @property
    def created(self) -> int:
        """Count the new ones."""
        return len(self.done(Action.CREATE))

    @property
    def updated(self) -> int:
        """Count the changed ones."""
        return len(self.done(Action.UPDATE))

    @property
    def retracted(self) -> int:
        """Count those that are marked as entered in error now."""
        return len(self.done(Action.RETRACT))

    @property
    def unchanged(self) -> int:
        """Count those that were as they should be."""
        return len(self.done(Action.LEAVE))

    @property
    def rejections(self) -> list[Rejection]:
        """Give why those that were refused were."""
        return [one.rejection for one in self.refusals.values()]

    @property
    def rejected(self) -> Counter[str]:
        """Count the rejections by issue code or rule."""
        return Counter(one.issue for one in self.rejections)

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rejections by their words."""
        return dict(Counter(one.word for one in self.rejections))

    @property
    def status(self) -> int | None:
        """Give the status of the last refusal that had one."""
        said = [one.status for one in self.refusals.values() if one.status]
        return said[-1] if said else None


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


DUPLICATES = Rejection(issue="multiple-matches", reason=DUPLICATE)
REFERS_TO_REFUSED = Rejection(issue="reference", reason=REFERENCE, sent=False)
