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

from sandbox.ehr.interactions import Answer, Interaction, Interactions, read_query
from sandbox.ehr.outcomes import Issue, Refused, refuse, status_line
from sandbox.ehr.references import rewritten
from sandbox.ehr.rules import rule_issues
from sandbox.ehr.schema import schema_issues
from sandbox.ehr.store import Store
from sandbox.ehr.wire import Json

EntryCheck = Callable[[Any], None]  # raises Refused for an entry that a fault is planted for
_ABSOLUTE = re.compile(r"(urn:(uuid|oid):\S+|https?://\S+)\Z")
_ORDER = ("DELETE", "POST", "PUT", "GET")
_WITH_BODY = {"POST", "PUT"}


class Bundles:
    """Carries out Bundles on the same store as the single interactions."""

    def __init__(self, store: Store, interactions: Interactions) -> None:
        self._store = store
        self._interactions = interactions

    def perform(
        self, bundle: Any, base: str, check: EntryCheck, *, all_valid: bool = False
    ) -> Json:
        """Give the answering Bundle; raises Refused when the Bundle as a whole is refused.

        With `all_valid` one invalid entry costs a batch too.
        """
        entries = _entries(bundle)
        if bundle["type"] == "batch":
            if all_valid:
                self._prepared(entries, base)
            answers = [self._batch_entry(*one, base, check) for one in enumerate(entries)]
        else:
            answers = self._transaction(entries, base, check)
        answer: Json = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
        return {**answer, "entry": answers} if answers else answer

    def _batch_entry(self, number: int, entry: Json, base: str, check: EntryCheck) -> Json:
        try:
            with _entry(number):
                check(entry.get("resource"))
                answer = self._interactions.perform(_interaction(entry, base))
        except Refused as no:
            return {"response": {"status": status_line(no.status), "outcome": no.outcome()}}
        return _answered(entry["request"]["method"], answer, base)

    def _transaction(self, entries: list[Json], base: str, check: EntryCheck) -> list[Json]:
        for number, entry in enumerate(entries):
            with _entry(number):
                check(entry.get("resource"))
        ready = self._prepared(entries, base)
        with self._store.all_or_nothing():
            answers = self._commit([entry["fullUrl"] for entry in entries], ready)
        return [_answered(one.method, answers[number], base) for number, one in enumerate(ready)]

    def _prepared(self, entries: list[Json], base: str) -> list[Interaction]:
        ready = []
        for number, entry in enumerate(entries):
            with _entry(number):
                ready.append(self._interactions.prepare(_interaction(entry, base)))
        return ready

    def _commit(self, full_urls: list[str], ready: list[Interaction]) -> dict[int, Answer]:
        addressed = []
        for number, one in enumerate(ready):
            with _entry(number):
                addressed.append(self._interactions.addressed(one))
        _refuse_same_target(addressed)
        addresses = {
            url: f"{one.resource_type}/{one.resource_id}"
            for url, one in zip(full_urls, addressed, strict=True)
            if one.method in _WITH_BODY
        }
        answers: dict[int, Answer] = {}
        for number, one in _in_order(addressed):
            with _entry(number):
                resource = rewritten(one.resource, addresses)
                answers[number] = self._interactions.commit(replace(one, resource=resource))
        for number, answer in answers.items():
            # Only now: an entry may refer to one that is written after it.
            if addressed[number].method in _WITH_BODY:
                with _entry(number):
                    self._interactions.check_written(answer)
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


def _interaction(entry: Json, base: str) -> Interaction:
    request = entry["request"]
    address = urlsplit(request["url"].removeprefix(base).lstrip("/"))
    path = [unquote(part) for part in address.path.split("/")]
    if len(path) not in {1, 2}:
        raise refuse(400, "not-supported", "an entry addresses a type or one resource of it")
    return Interaction(
        method=request["method"],
        base=base,
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
    written = [
        (one.resource_type, one.resource_id) for one in addressed if one.method in {"PUT", "DELETE"}
    ]
    if len(set(written)) != len(written):
        text = "a transaction addresses the same resource twice"
        raise refuse(400, "invalid", text, "Bundle.entry")


@contextmanager
def _entry(number: int) -> Iterator[None]:
    """Let a refusal name the entry that it is about."""
    try:
        yield
    except Refused as refused:
        raise refused.within(f"Bundle.entry[{number}].resource") from None


def _answered(method: str, answer: Answer, base: str) -> Json:
    response: Json = {"status": status_line(answer.status)}
    if answer.version is not None:
        response["location"] = answer.location(base)
        response["etag"] = answer.version.etag
        response["lastModified"] = (answer.version.resource or {})["meta"]["lastUpdated"]
    # What was read; a write is answered without the resource, as HAPI does.
    body = answer.body or (answer.version.resource if method == "GET" and answer.version else None)
    return {"response": response} | ({"resource": body} if body else {})
