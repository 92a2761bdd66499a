"""Batch and transaction Bundles: many interactions in one request.

Belongs here: the Bundle's own rules, the order of entries, references between them, and the answer
per entry. Not here: what a single interaction does (`interactions.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.ehr.asked import Answer, Caller, Interaction, read_query
from sandbox.ehr.conditions import Chosen
from sandbox.ehr.interactions import Interactions
from sandbox.ehr.outcomes import Issue, Refused, refuse, status_line
from sandbox.ehr.references import rewritten
from sandbox.ehr.rules import rule_issues
from sandbox.ehr.schema import schema_issues
from sandbox.ehr.turns import retried
from sandbox.ehr.wire import Json

EntryCheck = Callable[[Any], None]  # raises Refused for an entry that a fault is planted for
_ABSOLUTE = re.compile(r"(urn:(uuid|oid):\S+|https?://\S+)\Z")
_ORDER = ("DELETE", "POST", "PUT", "GET")
_WITH_BODY = {"POST", "PUT"}
_INVALID = 422


class Bundles:
    """Carries out Bundles on the same store as the single interactions."""

    def __init__(self, interactions: Interactions) -> None:
        self._interactions = interactions

    def perform(
        self, bundle: Any, caller: Caller, check: EntryCheck, *, all_valid: bool = False
    ) -> Json:
        """Give the answering Bundle; raises Refused when the Bundle as a whole is refused.

        With `all_valid` one invalid entry costs a batch too.
        """
        entries = _entries(bundle)
        if bundle["type"] == "batch":
            if all_valid:
                self._check_validity(entries, caller)
            answers = [self._batch_entry(*one, caller, check) for one in enumerate(entries)]
        else:
            answers = self._transaction(entries, caller, check)
        answer: Json = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
        return {**answer, "entry": answers} if answers else answer

    def _batch_entry(self, number: int, entry: Json, caller: Caller, check: EntryCheck) -> Json:
        def act() -> Answer:
            check(entry.get("resource"))
            return self._interactions.perform(_interaction(entry, caller))

        try:
            with _entry(number):
                answer = retried(act, caller.retries)
        except Refused as no:
            return {"response": {"status": status_line(no.status), "outcome": no.outcome()}}
        return _answered(entry["request"]["method"], answer, caller)

    def _transaction(self, entries: list[Json], caller: Caller, check: EntryCheck) -> list[Json]:
        full_urls = [entry["fullUrl"] for entry in entries]

        def act() -> dict[int, Answer]:
            for number, entry in enumerate(entries):
                with _entry(number):
                    check(entry.get("resource"))
            with self._interactions.turns.take(lambda: self._addressed(ready)) as addressed:
                return self._commit(full_urls, addressed)

        ready = self._prepared(entries, caller)
        answers = retried(act, caller.retries)
        return [_answered(one.method, answers[number], caller) for number, one in enumerate(ready)]

    def _prepared(self, entries: list[Json], caller: Caller) -> list[Interaction]:
        ready = []
        for number, entry in enumerate(entries):
            with _entry(number, self._mark(entry)):
                ready.append(self._interactions.prepare(_interaction(entry, caller)))
        return ready

    def _check_validity(self, entries: list[Json], caller: Caller) -> None:
        """Raise Refused (422) with the issues of all invalid entries; other refusals cost their own."""
        issues: list[Issue] = []
        for number, entry in enumerate(entries):
            try:
                with _entry(number, self._mark(entry)):
                    self._interactions.prepare(_interaction(entry, caller))
            except Refused as refused:
                issues += refused.issues if refused.status == _INVALID else ()
        if issues:
            raise Refused(_INVALID, issues)

    def _mark(self, entry: Json) -> str:
        """Give what HAPI's request validation puts behind the place of an entry's resource."""
        resource = entry.get("resource")
        if self._interactions.settings.bad_entry != "bundle" or not isinstance(resource, dict):
            return ""
        return f"/*{resource.get('resourceType')}/{resource.get('id', 'null')}*/"

    def _addressed(self, ready: list[Interaction]) -> list[Interaction]:
        addressed, chosen = [], Chosen()
        for number, one in enumerate(ready):
            with _entry(number):
                addressed.append(self._interactions.addressed(one, chosen))
        _refuse_same_target(addressed)
        return addressed

    def _commit(self, full_urls: list[str], addressed: list[Interaction]) -> dict[int, Answer]:
        addresses = {
            url: one.name
            for url, one in zip(full_urls, addressed, strict=True)
            if one.method in _WITH_BODY
        }
        answers: dict[int, Answer] = {}
        for number, one in _in_order(addressed):
            with _entry(number):
                resource = self._interactions.conditions.resolved(one.resource)
                done = replace(one, resource=rewritten(resource, addresses))
                answers[number] = self._interactions.commit(done)
        for number, answer in answers.items():
            # Only now: an entry may refer to one that is written after it.
            if addressed[number].is_write:
                with _entry(number):
                    self._interactions.check_committed(addressed[number], answer)
        return answers


def _entries(bundle: Any) -> list[Json]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise refuse(400, "structure", "the base address takes a Bundle", "Bundle")
    entries = bundle.get("entry", [])
    # Resources are checked by themselves: the schema would try 158 types for each.
    shell = (
        {**bundle, "entry": [_without_resource(entry) for entry in entries]} if entries else bundle
    )
    issues = schema_issues(shell, "Bundle") or [*rule_issues(shell), *_bundle_issues(bundle)]
    if issues:
        raise Refused(422, issues)
    return list(entries)


def _without_resource(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {name: part for name, part in entry.items() if name != "resource"}


def _bundle_issues(bundle: Json) -> list[Issue]:
    issues = []
    if bundle.get("type") not in {"batch", "transaction"}:
        issues.append(_issue("required", "the type is batch or transaction", "Bundle.type"))
    seen = set()
    for number, entry in enumerate(bundle.get("entry", [])):
        place = f"Bundle.entry[{number}]"
        full_url = entry.get("fullUrl")
        if full_url is None:
            issues.append(_issue("required", "Bundle entry missing fullUrl", f"{place}.fullUrl"))
        elif not _ABSOLUTE.match(full_url):
            text = "the fullUrl must be an absolute URL"
            issues.append(_issue("value", text, f"{place}.fullUrl"))
        elif full_url in seen:
            text = "bdl-7: two entries have the same fullUrl"
            issues.append(_issue("invariant", text, f"{place}.fullUrl"))
        seen.add(full_url)
        issues.extend(_request_issues(entry, place))
    return issues


def _request_issues(entry: Json, place: str) -> list[Issue]:
    request = entry.get("request", {})
    if "url" not in request or request.get("method") not in _ORDER:
        text = "an entry needs a request with a method (GET, POST, PUT, DELETE) and a url"
        return [_issue("required", text, f"{place}.request")]
    if (request["method"] in _WITH_BODY) != ("resource" in entry):
        text = "POST and PUT carry a resource, GET and DELETE carry none"
        return [_issue("invariant", text, f"{place}.resource")]
    return []


def _issue(code: str, diagnostics: str, expression: str) -> Issue:
    return Issue(code=code, diagnostics=diagnostics, expression=expression)


def _interaction(entry: Json, caller: Caller) -> Interaction:
    request = entry["request"]
    address = urlsplit(request["url"].removeprefix(caller.base).lstrip("/"))
    path = [unquote(part) for part in address.path.split("/")]
    if len(path) not in {1, 2}:
        raise refuse(400, "not-supported", "an entry addresses a type or one resource of it")
    return Interaction(
        method=request["method"],
        caller=caller,
        resource_type=path[0],
        resource_id=path[1] if len(path) > 1 else None,
        query=read_query(address.query) if address.query else (),
        resource=entry.get("resource"),
        if_match=request.get("ifMatch"),
        if_none_match=request.get("ifNoneMatch"),
        if_none_exist=request.get("ifNoneExist"),
    )


def _in_order(addressed: list[Interaction]) -> list[tuple[int, Interaction]]:
    return sorted(enumerate(addressed), key=lambda one: _ORDER.index(one[1].method))


def _refuse_same_target(addressed: list[Interaction]) -> None:
    written = [one.name for one in addressed if one.method in {"PUT", "DELETE"} and one.resource_id]
    if len(set(written)) != len(written):
        text = "a transaction addresses the same resource twice"
        raise refuse(400, "invalid", text, "Bundle.entry")


@contextmanager
def _entry(number: int, mark: str = "") -> Iterator[None]:
    """Let a refusal name the entry that it is about."""
    try:
        yield
    except Refused as refused:
        raise refused.within(f"Bundle.entry[{number}].resource{mark}") from None


def _answered(method: str, answer: Answer, caller: Caller) -> Json:
    response: Json = {"status": status_line(answer.status)}
    version = answer.version
    if version is not None and version.resource is not None:
        response["location"] = answer.location(caller.base)
        response["etag"] = version.etag
        if not answer.is_unchanged:
            response["lastModified"] = version.resource["meta"]["lastUpdated"]
        if method in _WITH_BODY:
            response["outcome"] = answer.outcome()
    # What was read; a write is answered without the resource unless it is asked for, as in HAPI.
    is_shown = method == "GET" or caller.wants_resources
    body = answer.body or (version.resource if is_shown and version else None)
    return {"response": response} | ({"resource": body} if body else {})
