"""The FHIR interactions with single resources: read, history, create, update, delete.

Belongs here: what each answers, and when it is refused. Not here: HTTP (`fhir_http.py`), Bundles
(`bundles.py`), conditions (`conditions.py`), and what makes a resource valid (`validation.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.ehr.access import check_access, check_creation
from sandbox.ehr.asked import Answer, Caller, Interaction
from sandbox.ehr.conditions import Chosen, Conditions
from sandbox.ehr.history import history_bundle
from sandbox.ehr.labels import (
    meta_of,
    meta_parameters,
    with_labels_of,
    with_request,
    without_labels,
)
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.references import check_references, own_addresses_made_relative, targets
from sandbox.ehr.results import Searches
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.settings import Settings
from sandbox.ehr.site_limits import limit_issues
from sandbox.ehr.store import Key, Store, Version, content
from sandbox.ehr.turns import Turns
from sandbox.ehr.validation import validate
from sandbox.ehr.wire import Json

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


class Interactions:
    """Carries out interactions on a store. `prepare` needs no lock, `commit` takes it."""

    def __init__(self, store: Store, searches: Searches, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.conditions = Conditions(store, settings)
        self.turns = Turns(store, settings)
        self._searches = searches

    def perform(self, asked: Interaction) -> Answer:
        """Validate, then act; raises Refused."""
        ready = self.prepare(asked)
        if not ready.is_write:
            return self.commit(ready)
        with self.turns.take(lambda: [self.addressed(ready, {})]) as [one]:
            answer = self.commit(one)
            self.check_committed(one, answer)
        return answer

    def history(self, asked: Interaction) -> Json:
        """Give every version of a resource as a Bundle; raises Refused."""
        self.prepare(asked)
        versions = self.store.history((asked.resource_type, asked.resource_id or ""))
        if not versions:
            raise refuse(404, "not-found", f"Resource {asked.name} is not known")
        return history_bundle(versions, asked.caller.base)

    def delete_labels(self, asked: Interaction) -> Json:
        """Take labels away from the current version, as `$meta-delete` does; raises Refused."""
        check_access(asked)
        gone = meta_of(asked.resource)
        with self.store.lock:
            current = self._now(asked)
            if current is None or current.resource is None:
                raise refuse(404, "not-found", f"Resource {asked.name} is not known")
            after = self.store.relabel(current.key, without_labels(current.resource, gone))
        return meta_parameters(after.resource)

    def prepare(self, asked: Interaction) -> Interaction:
        """Check everything that needs no look at other resources; raises Refused."""
        if asked.resource_type not in RESOURCE_TYPES:
            raise refuse(404, "not-supported", "this server does not keep that resource type")
        if asked.resource_id is not None and not _ID.match(asked.resource_id):
            raise refuse(400, "value", "an id has 1 to 64 letters, digits, dots and hyphens")
        check_access(asked)
        if asked.method == "GET":
            self.check_reading(asked.caller)
        if asked.method == "DELETE" and not self.settings.deletes:
            raise refuse(405, "not-supported", "this server deletes nothing")
        if asked.method not in {"POST", "PUT"}:
            return asked
        resource = validate(asked.resource, asked.resource_type)
        if issues := limit_issues(resource, self.settings.limits):
            raise Refused(422, issues)
        if asked.method == "PUT":
            self._check_id(asked, resource.get("id"))
        return replace(asked, resource=own_addresses_made_relative(resource, asked.caller.base))

    def check_reading(self, caller: Caller) -> None:
        """Refuse (403) whoever wants to read where only writing is allowed."""
        if self.settings.write_only and not caller.is_judge:
            raise refuse(403, "forbidden", "this server lets nobody read")

    def addressed(self, ready: Interaction, chosen: Chosen) -> Interaction:
        """Decide which id is written to; raises Refused."""
        return self.conditions.addressed(ready, chosen) if ready.is_write else ready

    def commit(self, ready: Interaction) -> Answer:
        """Act on an addressed interaction without looking at its references; raises Refused."""
        if ready.method == "GET":
            return self._get(ready)
        if ready.method == "POST":
            return self._create(ready)
        if ready.method == "PUT":
            return self._update(ready)
        return self._delete(ready)

    def check_committed(self, done: Interaction, answer: Answer) -> None:
        """Check what only the finished work shows; raises Refused (400, 409)."""
        key = (done.resource_type, done.resource_id or "")
        if done.method == "DELETE":
            if self._is_referred_to(key):
                raise refuse(409, "conflict", f"Resource {done.name} is referred to by others")
        elif answer.version and answer.version.resource:
            check_references(answer.version.resource, lambda one: self.store.live(one) is not None)
            self.conditions.check_satisfied(done, answer)

    def _check_id(self, asked: Interaction, given: str | None) -> None:
        if asked.resource_id not in {None, given}:
            place = f"{asked.resource_type}.id"
            raise refuse(400, "invalid", "the id does not match the address", place)
        if asked.resource_id is None and given is not None and not self.settings.client_ids:
            raise refuse(400, "invalid", "a conditional update takes no id: ids are the server's")

    def _get(self, asked: Interaction) -> Answer:
        if asked.resource_id is None:
            body = self._searches.search(asked.caller.base, asked.resource_type, asked.query)
            return Answer(status=200, body=body)
        versions = self.store.history((asked.resource_type, asked.resource_id))
        if asked.version is not None:
            versions = tuple(one for one in versions if str(one.number) == asked.version)
        if not versions:
            raise refuse(404, "not-found", f"Resource {asked.name} is not known")
        if versions[-1].resource is None:
            raise refuse(410, "deleted", f"Resource {asked.name} was deleted")
        return Answer(status=200, version=versions[-1])

    def _create(self, ready: Interaction) -> Answer:
        # Only a condition, or the same one earlier in a transaction, chooses an id that is used.
        found = self._now(ready)
        if found is not None:
            return Answer(status=200, version=found, said="found an existing resource")
        return self._written(ready, 201)

    def _update(self, ready: Interaction) -> Answer:
        current = self._now(ready)
        self._check_if_match(ready)
        if ready.if_none_match == "*" and current is not None:
            raise refuse(412, "conflict", f"Resource {ready.name} exists")
        if current is None:
            self._check_creation(ready)
            return self._written(ready, 201)
        resource = with_labels_of(
            current.resource, {**(ready.resource or {}), "id": current.key[1]}
        )
        if current.content == content(resource):
            said = "updated with no changes detected"
            return Answer(status=200, version=current, said=said, is_unchanged=True)
        return self._written(replace(ready, resource=resource), 200)

    def _delete(self, ready: Interaction) -> Answer:
        # A conditional delete without a match has no id, and nothing to do.
        if ready.resource_id is not None:
            self._check_if_match(ready)
            self.store.delete((ready.resource_type, ready.resource_id))
        return Answer(status=204)

    def _written(self, ready: Interaction, status: int) -> Answer:
        key = (ready.resource_type, ready.resource_id or "")
        resource = with_request(ready.resource or {}, ready.caller.request_id)
        version = self.store.write(key, resource)
        said = f"{'created' if status == 201 else 'updated'} version {version.number}"  # noqa: PLR2004
        return Answer(status=status, version=version, said=said)

    def _check_if_match(self, ready: Interaction) -> None:
        current = self._now(ready)
        # As HAPI does, an If-Match without a resource to compare is ignored.
        if ready.if_match is None or current is None or current.etag == ready.if_match:
            return
        status = self.settings.stale_if_match
        raise refuse(status, "conflict", f"Resource {ready.name} has another version")

    def _check_creation(self, ready: Interaction) -> None:
        """Refuse a PUT that would create where this server does not."""
        check_creation(ready)
        history = self.store.history((ready.resource_type, ready.resource_id or ""))
        if history and self.settings.deleted_ids == "gone":
            raise refuse(410, "deleted", f"Resource {ready.name} was deleted")
        if not history and ready.condition is None and not self.settings.client_ids:
            raise refuse(404, "not-found", f"Resource {ready.name} is not known")

    def _now(self, ready: Interaction) -> Version | None:
        return self.store.live((ready.resource_type, ready.resource_id or ""))

    def _is_referred_to(self, key: Key) -> bool:
        return any(
            key in targets(version)
            for resource_type in RESOURCE_TYPES
            for version in self.store.all_live(resource_type)
            if version.key != key
        )
