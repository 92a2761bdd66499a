"""Conditional interactions: which id a condition chooses, and whether what was written satisfies it.

Belongs here: conditional create, update and delete by R5's table (none, one, several matches), and
conditional references. Not here: what is then written (`interactions.py`).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from sandbox.ehr.asked import Answer, Interaction, read_query
from sandbox.ehr.outcomes import refuse
from sandbox.ehr.references import references, rewritten
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.search import Query, find
from sandbox.ehr.settings import Settings
from sandbox.ehr.store import Store, Version

# Type and condition -> the id that it chose: a transaction may carry the same condition twice.
Chosen = dict[tuple[str, str], str]


class Conditions:
    """Looks up conditions in a store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def addressed(self, ready: Interaction, chosen: Chosen) -> Interaction:
        """Decide which id is written to; raises Refused (400, 409, 412)."""
        condition = self._condition_of(ready)
        if condition is None:
            number = str(uuid.uuid4()) if ready.method == "POST" else ready.resource_id
        else:
            number = self._chosen(ready, condition, chosen)
        found = None if number is None else self._store.live((ready.resource_type, number))
        return replace(ready, resource_id=number, condition=condition, found=found)

    def check_satisfied(self, written: Interaction, answer: Answer) -> None:
        """Refuse (400) what its own condition would not find, as HAPI does (HAPI-0929)."""
        if written.condition is None or written.method == "DELETE" or answer.version is None:
            return
        if not find([answer.version], written.resource_type, written.condition):
            raise refuse(400, "processing", "the resource does not satisfy the conditional URL")

    def resolved(self, resource: Any) -> Any:
        """Give a copy in which `Patient?identifier=…` leads to the one match; raises Refused."""
        conditional = {text for text, _ in references(resource, "") if "?" in text}
        if not conditional:
            return resource
        return rewritten(resource, {text: self._target(text) for text in conditional})

    def _target(self, text: str) -> str:
        resource_type = text.partition("?")[0]
        if resource_type not in RESOURCE_TYPES:
            return text
        match = self._match(resource_type, read_query(text))
        if match is None:
            raise refuse(404, "not-found", "a conditional reference has no match")
        return "/".join(match.key)

    def _condition_of(self, ready: Interaction) -> Query | None:
        if ready.method == "POST":
            if ready.if_none_exist is None or self._settings.ignore_if_none_exist:
                return None
            return read_query(ready.if_none_exist)
        return ready.query if ready.resource_id is None else None

    def _chosen(self, ready: Interaction, condition: Query, chosen: Chosen) -> str | None:
        match = self._match(ready.resource_type, condition)
        given = (ready.resource or {}).get("id") if ready.method == "PUT" else None
        if match is not None:
            if given not in {None, match.key[1]}:
                raise refuse(400, "invalid", "the id is not that of the one match")
            return match.key[1]
        if ready.method == "DELETE":
            return None
        if given and self._store.live((ready.resource_type, given)):
            raise refuse(409, "conflict", "the id exists, but does not match the condition")
        mark = (ready.resource_type, str(condition))
        return chosen.setdefault(mark, given or str(uuid.uuid4()))

    def _match(self, resource_type: str, query: Query) -> Version | None:
        if not query:
            raise refuse(400, "invalid", "a condition needs a search parameter")
        found = find(self._store.all_live(resource_type), resource_type, query)
        if len(found) > 1:
            raise refuse(412, "multiple-matches", "several resources satisfy the condition")
        return found[0] if found else None
