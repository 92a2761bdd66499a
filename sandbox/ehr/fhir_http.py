"""FHIR over HTTP: addresses, headers, bodies, and the faults that concern a whole request.

Belongs here: reading requests and writing answers. Not here: carrying them out
(`interactions.py`, `bundles.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.ehr.bundles import Bundles
from sandbox.ehr.capability import capability_statement
from sandbox.ehr.faults import SPARED_HEADER, Faults, patients_of
from sandbox.ehr.interactions import Answer, Interaction, Interactions
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.results import Searches
from sandbox.ehr.wire import Json, MalformedJsonError, dumps, loads

FHIR_JSON = "application/fhir+json"
_JSON_TYPES = {FHIR_JSON, "application/json"}


class FhirHttp:
    """The routes of one server."""

    def __init__(
        self, interactions: Interactions, bundles: Bundles, searches: Searches, faults: Faults
    ) -> None:
        self._interactions = interactions
        self._bundles = bundles
        self._searches = searches
        self._faults = faults

    def register(self, app: Flask) -> None:
        """Add the routes and the answers to errors."""
        routes: tuple[tuple[str, Callable[..., Response], list[str]], ...] = (
            ("/fhir/metadata", self._metadata, ["GET"]),
            ("/fhir", self._base, ["GET", "POST"]),
            ("/fhir/", self._base, ["GET", "POST"]),
            ("/fhir/<resource_type>", self._type, ["GET", "POST", "PUT", "DELETE"]),
            ("/fhir/<resource_type>/_search", self._search, ["POST"]),
            ("/fhir/<resource_type>/<resource_id>", self._instance, ["GET", "PUT", "DELETE"]),
            ("/fhir/<resource_type>/<resource_id>/_history/<version>", self._instance, ["GET"]),
        )
        for number, (rule, view, methods) in enumerate(routes):
            app.add_url_rule(rule, f"{view.__name__}-{number}", view, methods=methods)
        app.before_request(self._before)
        app.after_request(self._after)
        app.register_error_handler(Exception, _error)

    def _metadata(self) -> Response:
        return _json(200, capability_statement(_base_url()))

    def _base(self) -> Response:
        if request.method == "POST":
            return self._bundle()
        if "_getpages" not in request.args:
            raise refuse(400, "not-supported", "a search names a resource type")
        return _json(200, self._searches.page(list(request.args.items(multi=True))))

    def _bundle(self) -> Response:
        fault = None if self._is_spared() else self._faults.take("whole_bundle", self._concerned())
        answer = self._bundles.perform(
            _body(), _base_url(), self._check_entry, all_valid=fault is not None
        )
        return _json(200, answer)

    def _type(self, resource_type: str) -> Response:
        return self._perform(resource_type, None)

    def _search(self, resource_type: str) -> Response:
        query = [*request.args.items(multi=True), *request.form.items(multi=True)]
        asked = Interaction(
            method="GET", base=_base_url(), resource_type=resource_type, query=query
        )
        return self._answer(self._interactions.perform(asked))

    def _instance(
        self, resource_type: str, resource_id: str, version: str | None = None
    ) -> Response:
        return self._perform(resource_type, resource_id, version)

    def _perform(
        self, resource_type: str, resource_id: str | None, version: str | None = None
    ) -> Response:
        asked = Interaction(
            method=request.method,
            base=_base_url(),
            resource_type=resource_type,
            resource_id=resource_id,
            version=version,
            query=list(request.args.items(multi=True)) if resource_id is None else (),
            resource=_body() if request.method in {"POST", "PUT"} else None,
            if_match=request.headers.get("If-Match"),
            if_none_match=request.headers.get("If-None-Match"),
            if_none_exist=request.headers.get("If-None-Exist"),
        )
        return self._answer(self._interactions.perform(asked))

    def _answer(self, answer: Answer) -> Response:
        version = answer.version
        if version is None:
            return _json(answer.status, answer.body)
        is_minimal = "return=minimal" in request.headers.get("Prefer", "")
        is_write = request.method in {"POST", "PUT"}
        response = _json(answer.status, None if is_minimal and is_write else version.resource)
        response.headers["ETag"] = version.etag
        response.last_modified = version.updated
        if is_write:
            response.headers["Location"] = answer.location(_base_url()) or ""
        return response

    def _check_entry(self, resource: Any) -> None:
        fault = self._faults.take("entry_status", patients_of(resource))
        if fault is not None:
            raise fault.refusal()

    def _before(self) -> None:
        if self._is_spared():
            return
        patients = self._concerned()
        slow = self._faults.take("slow", patients)
        if slow is not None:
            time.sleep(slow.seconds or 1.0)
        fault = self._faults.take("status", patients)
        if fault is not None:
            raise fault.refusal()

    def _after(self, response: Response) -> Response:
        if self._is_spared() or response.status_code >= HTTPStatus.BAD_REQUEST:
            return response
        if self._faults.take("drop_after_commit", self._concerned()) is None:
            return response
        # Fewer bytes than promised: the server closes the connection and the client sees it break.
        whole = response.get_data()
        broken = Response(whole[: len(whole) // 2], content_type=FHIR_JSON)
        broken.headers["Content-Length"] = str(len(whole) + 64)
        broken.headers["Connection"] = "close"
        broken.automatically_set_content_length = False
        return broken

    def _is_spared(self) -> bool:
        return SPARED_HEADER in request.headers or not self._faults.are_planned

    def _concerned(self) -> set[str]:
        """Tell whose resources the request is about."""
        names = ("patient", "subject")
        values = [request.values.get(name, "") for name in names]
        found = {one.rpartition("/")[2] for value in values for one in value.split(",") if one}
        parts = request.path.split("/")[2:]
        if len(parts) > 1:
            if parts[0] == "Patient":
                found.add(parts[1])
            versions = self._interactions.store.history((parts[0], parts[1]))
            found |= {one for version in versions for one in patients_of(version.resource)}
        if request.method in {"POST", "PUT"} and request.mimetype in _JSON_TYPES:
            # A malformed body concerns nobody; the request is refused for it later.
            with suppress(MalformedJsonError):
                found |= patients_of(loads(request.get_data()))
        return found


def _base_url() -> str:
    return f"{request.host_url}fhir"


def _body() -> Any:
    if request.mimetype not in _JSON_TYPES:
        raise refuse(415, "not-supported", "this server reads application/fhir+json")
    try:
        return loads(request.get_data())
    except MalformedJsonError as malformed:
        raise refuse(400, "structure", str(malformed)) from None


def _json(status: int, body: Json | None) -> Response:
    text = None if body is None else dumps(body)
    return Response(text, status=status, content_type=FHIR_JSON)


def _error(error: Exception) -> Response:
    if isinstance(error, Refused):
        response = _json(error.status, error.outcome())
        if error.retry_after is not None:
            response.headers["Retry-After"] = f"{error.retry_after:.0f}"
        return response
    if isinstance(error, HTTPException) and error.code is not None:
        refused = refuse(error.code, "not-supported", error.name)
        return _json(refused.status, refused.outcome())
    name = type(error).__name__
    return _json(500, refuse(500, "exception", f"the stand-in itself failed: {name}").outcome())
