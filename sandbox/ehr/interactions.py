"""The FHIR interactions with single resources: read, create, update, delete, and their conditions.

Belongs here: what each answers, and when it is refused. Not here: HTTP (`app.py`), Bundles
(`bundles.py`), and what makes a resource valid (`validation.py`).
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from sandbox.ehr.outcomes import refuse
from sandbox.ehr.references import check_references, own_addresses_made_relative, targets
from sandbox.ehr.results import Searches
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.search import Query, find
from sandbox.ehr.store import Key, Store, Version, content
from sandbox.ehr.validation import validate
from sandbox.ehr.wire import Json

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """One request, or one entry of a Bundle."""

    method: str
    base: str
    resource_type: str
    resource_id: str | None = None
    version: str | None = None
    query: Query = ()
    resource: Json | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_none_exist: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server answers; `version` is the resource that it is about."""

    status: int
    version: Version | None = None
    body: Json | None = field(default=None)

    def location(self, base: str) -> str | None:
        """Give the address of the version, for the Location header."""
        if self.version is None:
            return None
        return f"{base}/{'/'.join(self.version.key)}/_history/{self.version.number}"


class Interactions:
    """Carries out interactions on a store. `prepare` needs no lock, `commit` takes it."""

    def __init__(self, store: Store, searches: Searches) -> None:
        self.store = store
        self._searches = searches

    def perform(self, asked: Interaction) -> Answer:
        """Validate, then act; raises Refused."""
        ready = self.prepare(asked)
        with self.store.all_or_nothing():
            answer = self.commit(self.addressed(ready))
            if asked.method in {"POST", "PUT"}:
                self.check_written(answer)
        return answer

    def prepare(self, asked: Interaction) -> Interaction:
        """Check everything that needs no look at other resources; raises Refused."""
        if asked.resource_type not in RESOURCE_TYPES:
            raise refuse(404, "not-supported", "this server does not keep that resource type")
        if asked.resource_id is not None and not _ID.match(asked.resource_id):
            raise refuse(400, "value", "an id has 1 to 64 letters, digits, dots and hyphens")
        if asked.method not in {"POST", "PUT"}:
            return asked
        resource = validate(asked.resource, asked.resource_type)
        if asked.method == "PUT" and asked.resource_id not in {None, resource.get("id")}:
            place = f"{asked.resource_type}.id"
            raise refuse(400, "invalid", "the id does not match the address", place)
        return replace(asked, resource=own_addresses_made_relative(resource, asked.base))

    def addressed(self, ready: Interaction) -> Interaction:
        """Decide which id is written to: the one match of a condition, or a new one."""
        if ready.method == "POST":
            matches = [] if ready.if_none_exist is None else self._condition(ready)
            return replace(ready, resource_id=matches[0].key[1] if matches else str(uuid.uuid4()))
        if ready.method != "PUT" or ready.resource_id is not None:
            return ready
        matches = self._matches(ready, ready.query)
        given = (ready.resource or {}).get("id")
        if matches and given not in {None, matches[0].key[1]}:
            raise refuse(400, "invalid", "the id is not that of the one match")
        if not matches and given and self.store.live((ready.resource_type, given)):
            raise refuse(409, "conflict", "the id exists, but does not match the condition")
        chosen = matches[0].key[1] if matches else given or str(uuid.uuid4())
        return replace(ready, resource_id=chosen)

    def commit(self, ready: Interaction) -> Answer:
        """Act on an addressed interaction without looking at its references; raises Refused."""
        if ready.method == "GET":
            return self._get(ready)
        if ready.method == "POST":
            return self._create(ready)
        if ready.method == "PUT":
            return self._update(ready)
        return self._delete(ready)

    def check_written(self, answer: Answer) -> None:
        """Check the references of what was just written; raises Refused (400)."""
        if answer.version and answer.version.resource:
            check_references(answer.version.resource, lambda key: self.store.live(key) is not None)

    def _get(self, asked: Interaction) -> Answer:
        if asked.resource_id is None:
            body = self._searches.search(asked.base, asked.resource_type, asked.query)
            return Answer(status=200, body=body)
        versions = self.store.history((asked.resource_type, asked.resource_id))
        if asked.version is not None:
            versions = tuple(one for one in versions if str(one.number) == asked.version)
        if not versions:
            raise refuse(404, "not-found", f"Resource {_name(asked)} is not known")
        if versions[-1].resource is None:
            raise refuse(410, "deleted", f"Resource {_name(asked)} was deleted")
        return Answer(status=200, version=versions[-1])

    def _create(self, ready: Interaction) -> Answer:
        if ready.if_none_exist is not None:
            matches = self._condition(ready)
            if matches:
                return Answer(status=200, version=matches[0])
        key = (ready.resource_type, ready.resource_id or "")
        return Answer(status=201, version=self.store.write(key, ready.resource or {}))

    def _update(self, ready: Interaction) -> Answer:
        key = (ready.resource_type, ready.resource_id or "")
        current = self.store.live(key)
        if ready.if_match is not None and (current is None or current.etag != ready.if_match):
            # The specification's answer; HAPI says 409 here.
            raise refuse(412, "conflict", f"Resource {_name(ready)} has another version")
        if ready.if_none_match == "*" and current is not None:
            raise refuse(412, "conflict", f"Resource {_name(ready)} exists")
        resource = {**(ready.resource or {}), "id": key[1]}
        if current is not None and current.content == content(resource):
            return Answer(status=200, version=current)
        return Answer(
            status=201 if current is None else 200, version=self.store.write(key, resource)
        )

    def _delete(self, asked: Interaction) -> Answer:
        if asked.resource_id is None:
            raise refuse(412, "not-supported", "this server deletes by id only")
        key = (asked.resource_type, asked.resource_id)
        current = self.store.live(key)
        if asked.if_match is not None and (current is None or current.etag != asked.if_match):
            raise refuse(412, "conflict", f"Resource {_name(asked)} has another version")
        if self._is_referred_to(key):
            raise refuse(409, "conflict", f"Resource {_name(asked)} is referred to by others")
        self.store.delete(key)
        return Answer(status=204)

    def _is_referred_to(self, key: Key) -> bool:
        return any(
            key in targets(version)
            for resource_type in RESOURCE_TYPES
            for version in self.store.all_live(resource_type)
            if version.key != key
        )

    def _condition(self, ready: Interaction) -> list[Version]:
        return self._matches(ready, read_query(ready.if_none_exist or ""))

    def _matches(self, ready: Interaction, query: Query) -> list[Version]:
        if not query:
            raise refuse(400, "invalid", "a condition needs a search parameter")
        found = find(self.store.all_live(ready.resource_type), ready.resource_type, query)
        if len(found) > 1:
            raise refuse(412, "multiple-matches", "several resources satisfy the condition")
        return found


def read_query(text: str) -> Query:
    """Split a search as it stands in an address or in If-None-Exist, with or without the type."""
    return parse_qsl(text.rpartition("?")[2].replace("+", "%2B"), keep_blank_values=True)


def _name(asked: Interaction) -> str:
    return f"{asked.resource_type}/{asked.resource_id}"
