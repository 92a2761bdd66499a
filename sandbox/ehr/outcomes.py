"""How the EHR says no: issues, the exception that carries them, and the OperationOutcome.

Belongs here: status, issue code, diagnostics and the element they are about. Not here: what is
wrong with a resource. Diagnostics never quote a value: they end up in other people's logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sandbox.ehr.wire import Json


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One thing that is wrong, and at which element."""

    code: str  # http://hl7.org/fhir/issue-type
    diagnostics: str
    expression: str | None = None

    def within(self, place: str) -> Issue:
        """Say where the resource itself stood, as in `Bundle.entry[1].resource`."""
        if self.expression is None:
            return Issue(code=self.code, diagnostics=self.diagnostics, expression=place)
        _, dot, rest = self.expression.partition(".")
        return Issue(code=self.code, diagnostics=self.diagnostics, expression=f"{place}{dot}{rest}")

    def as_json(self) -> Json:
        """Give the issue as an OperationOutcome writes it."""
        issue: Json = {"severity": "error", "code": self.code, "diagnostics": self.diagnostics}
        return issue if self.expression is None else {**issue, "expression": [self.expression]}


class Refused(Exception):
    """A request, or one entry of a Bundle, is answered with `status` and an OperationOutcome."""

    def __init__(
        self,
        status: int,
        issues: Sequence[Issue],
        *,
        retry_after: float | None = None,
        challenge: str | None = None,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.issues = tuple(issues)
        self.retry_after = retry_after
        self.challenge = challenge  # for WWW-Authenticate

    def within(self, place: str) -> Refused:
        """Give the same refusal for a resource that stood inside a Bundle."""
        issues = [issue.within(place) for issue in self.issues]
        return Refused(self.status, issues, retry_after=self.retry_after)

    def outcome(self) -> Json:
        """Give the OperationOutcome."""
        return {
            "resourceType": "OperationOutcome",
            "issue": [issue.as_json() for issue in self.issues],
        }


def refuse(status: int, code: str, diagnostics: str, expression: str | None = None) -> Refused:
    """Return (not raise) a refusal for one single reason."""
    return Refused(status, [Issue(code=code, diagnostics=diagnostics, expression=expression)])


def status_line(status: int) -> str:
    """Write a status as `Bundle.entry.response.status` does: `201 Created`."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        return str(status)
    # The standard library's name depends on its version; servers say this.
    phrase = "Unprocessable Entity" if status == HTTPStatus.UNPROCESSABLE_ENTITY else phrase
    return f"{status} {phrase}"
