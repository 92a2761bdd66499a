"""Planned faults as they show in what the EHR answers.

Belongs here: what each kind does to a request, to an entry of a Bundle or to an answer. Not here:
the plan (`faults.py`), and HTTP itself (`fhir_http.py`).

Besides the kinds of `sandbox/bad_connection.py`, of which those after the work spare refusals:

- `status`: the request is refused with `status` (503), and `seconds` as Retry-After.
- `entry_status`: entries of Bundles are refused with `status` (422).
- `conflict`: entries of Bundles are refused with `status` 409 (or 412); a server that is set to
  retry by itself uses one up with each try.
  With `echo` these three repeat what they refuse in `diagnostics`, as strict servers do.
- `whole_bundle`: one invalid entry costs its batch, as in HAPI when it validates requests.
- `not_a_bundle`: a Bundle is carried out, and answered with an OperationOutcome and 200.
- `missing_entries`: a Bundle is carried out, and the answer lists one entry fewer than were sent.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

from sandbox import bad_connection
from sandbox.ehr.faults import ENTRY_KINDS, READ, SPARED_HEADER, WRITE, Fault, Faults, patients_of
from sandbox.ehr.store import Store
from sandbox.ehr.wire import FHIR_JSON, JSON_TYPES, Json, MalformedJsonError, dumps, loads

SLOW_SECONDS = 1.0
_DONE: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "information", "code": "informational", "diagnostics": "done"}],
}


class Trouble:
    """Carries out the faults that are planned for the current request."""

    def __init__(self, faults: Faults, store: Store) -> None:
        self._faults = faults
        self._store = store

    def before(self) -> Response | None:
        """Let faults happen before the work; gives what to answer instead, or None to go on."""
        for kind in (*bad_connection.BEFORE, "status"):
            fault = self._take(kind)
            if fault is None:
                continue
            if kind == "status":
                raise fault.refusal(request.get_data(as_text=True))
            seconds = fault.seconds
            if kind == "slow" and seconds is None:
                seconds = SLOW_SECONDS
            instead = bad_connection.interrupt(kind, seconds, media_type=FHIR_JSON)
            if instead is not None:
                return instead
        return None

    def after(self, answer: Response) -> Response:
        """Let faults happen to an answer that is no refusal."""
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            return answer
        for kind in bad_connection.AFTER:
            fault = self._take(kind)
            if fault is not None:
                answer = bad_connection.spoil(kind, fault.seconds, answer)
        return answer

    def of_entry(self, resource: Any) -> None:
        """Raise Refused for an entry that a fault is planned for."""
        for kind in ENTRY_KINDS:
            fault = self._faults.take(kind, patients_of(resource), WRITE)
            if fault is not None:
                raise fault.refusal(dumps(resource))

    def wants_all_valid(self) -> bool:
        """Say whether one invalid entry is to cost the whole Bundle."""
        return self._take("whole_bundle") is not None

    def of_bundle(self, answer: Json) -> Json:
        """Give what becomes of the answer to a Bundle that was carried out."""
        if self._take("not_a_bundle") is not None:
            return _DONE
        if self._take("missing_entries") is not None:
            fewer = answer.get("entry", [])[:-1]
            shell = {name: part for name, part in answer.items() if name != "entry"}
            return shell | ({"entry": fewer} if fewer else {})
        return answer

    def _take(self, kind: str) -> Fault | None:
        if SPARED_HEADER in request.headers or not self._faults.are_planned or _is_about_tokens():
            return None
        if "concerned" not in g:
            g.concerned = self._concerned()
        return self._faults.take(kind, g.concerned, _method())

    def _concerned(self) -> set[str]:
        """Tell whose resources the request is about."""
        names = ("patient", "subject")
        values = [request.values.get(name, "") for name in names]
        found = {one.rpartition("/")[2] for value in values for one in value.split(",") if one}
        parts = request.path.split("/")[2:]
        if len(parts) > 1:
            if parts[0] == "Patient":
                found.add(parts[1])
            versions = self._store.history((parts[0], parts[1]))
            found |= {one for version in versions for one in patients_of(version.resource)}
        if request.method in {"POST", "PUT"} and request.mimetype in JSON_TYPES:
            # A malformed body concerns nobody; the request is refused for it later.
            with suppress(MalformedJsonError):
                found |= patients_of(loads(request.get_data()))
        return found


def _is_about_tokens() -> bool:
    """Say whether this is the authorization server's request, which has faults of its own."""
    return request.blueprint is not None


def _method() -> str:
    is_search = request.method == "POST" and request.path.endswith("/_search")
    return READ if is_search or request.method == "GET" else WRITE
