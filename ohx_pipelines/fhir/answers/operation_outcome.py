"""OperationOutcomes as far as they may be told: issue types, element paths, reason classes.

Belongs here: reading them into `Issue`s. Not here: what is done about one (`reactions.py`).
Diagnostics repeat values and ids, and an expression can hold anything: of a path, only steps stay
whose element stands in what was sent; the text is looked at here and goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.errors import Issue
from ohx_pipelines.fhir.answers.issue_types import ISSUE_TYPES
from ohx_pipelines.fhir.answers.refusal_reasons import OTHER, reason_for

_ERRORS = frozenset({"error", "fatal"})
_PROFILE = re.compile(
    r"StructureDefinition/(bodyweight|bodyheight|bmi|bodytemp|bp|heartrate|oxygensat|resprate|"
    r"vitalsigns)\b"
)
# HAPI notes which resource it means inside the path: Bundle.entry[1].resource/*Observation/1*/.
_NOTE = re.compile(r"/\*.*?\*/")
_ENTRY = re.compile(r"Bundle\.entry\[(\d{1,4})\](?:\.resource)?(?:\.|\Z)")
_STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(\[\d{1,4}\])?")
_CHOICE = re.compile(r"ofType\(([A-Za-z][A-Za-z0-9]*)\)")
_MOST_STEPS = 8


@dataclass(frozen=True, kw_only=True)
class _Place:
    expression: str | None = None
    entry: int | None = None


def issues_of(outcome: Any, *, sent: Any, status: int) -> tuple[Issue, ...]:
    """Give the errors of an OperationOutcome about what was sent (a resource or a Bundle)."""
    listed = outcome.get("issue") if isinstance(outcome, dict) else None
    issues = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(_issue(one, sent, status) for one in issues if one.get("severity") in _ERRORS)


def main_issue(issues: tuple[Issue, ...], *, status: int) -> Issue:
    """Give the issue that says most: one whose reason is known, else one with an issue type."""
    unnamed = Issue(code=f"http_{status}", reason=reason_for(status=status, code="", text=""))
    told = [one for one in issues if one.reason != OTHER]
    typed = [one for one in [*told, *issues] if one.code != unnamed.code]
    return next(iter([*typed, *told]), unnamed)


def _issue(issue: Mapping[str, Any], sent: Any, status: int) -> Issue:
    code = issue.get("code")
    known = code if isinstance(code, str) and code in ISSUE_TYPES else ""
    details = issue.get("details")
    texts = (issue.get("diagnostics"), details.get("text") if isinstance(details, dict) else None)
    text = " ".join(one for one in texts if isinstance(one, str))
    profile = _PROFILE.search(text)
    place = _place(issue, sent)
    return Issue(
        code=known or f"http_{status}",
        reason=reason_for(status=status, code=known, text=text),
        expression=place.expression,
        profile=profile[1] if profile else None,
        entry=place.entry,
    )


def _place(issue: Mapping[str, Any], sent: Any) -> _Place:
    paths = issue.get("expression") or issue.get("location")
    if not isinstance(paths, list) or not paths or not isinstance(paths[0], str):
        return _Place()
    path = _NOTE.sub("", paths[0])
    found = _ENTRY.match(path)
    if found is None:
        return _Place(expression=_told(path.partition(".")[2], sent))
    if not _is_bundle(sent):
        # An entry's own answer may still count from the Bundle it came in.
        return _Place(expression=_told(path[found.end() :], sent))
    number = int(found[1])
    resource = _resource_of(sent, number)
    if resource is None:
        return _Place()
    return _Place(expression=_told(path[found.end() :], resource), entry=number)


def _is_bundle(sent: Any) -> bool:
    return isinstance(sent, dict) and sent.get("resourceType") == "Bundle"


def _resource_of(bundle: Mapping[str, Any], number: int) -> Mapping[str, Any] | None:
    entries = bundle["entry"]
    return entries[number].get("resource", {}) if number < len(entries) else None


def _told(path: str, resource: Any) -> str | None:
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not kind or _is_bundle(resource):
        return None
    known = set(_names(resource))
    steps: list[str] = [kind]
    for text in path.split(".")[:_MOST_STEPS] if path else ():
        choice, step = _CHOICE.fullmatch(text), _STEP.fullmatch(text)
        if choice and f"{steps[-1]}{choice[1]}" in known:
            steps[-1] += choice[1]
        elif step and (step[1] in known or _is_choice(step[1], known)):
            steps.append(text)
        else:
            break
    return ".".join(steps)


def _is_choice(name: str, known: set[str]) -> bool:
    return name in {"value", "effective"} and any(one.startswith(name) for one in known)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from _names(part)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part)
