"""FHIR over HTTP: addresses, headers and bodies.

Belongs here: reading requests and writing answers. Not here: carrying them out
(`interactions.py`, `bundles.py`), and what planned faults do to them (`trouble.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.ehr.bundles import Bundles
from sandbox.ehr.capability import capability_statement
from sandbox.ehr.interactions import Answer, Interaction, Interactions
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.results import Searches
from sandbox.ehr.trouble import Trouble
from sandbox.ehr.wire import FHIR_JSON, JSON_TYPES, Json, MalformedJsonError, dumps, loads


class FhirHttp:
    """The routes of one server."""

    def __init__(
        self, interactions: Interactions, bundles: Bundles, searches: Searches, trouble: Trouble
    ) -> None:
        self._interactions = interactions
        self._bundles = bundles
        self._searches = searches
        self._trouble = trouble

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
        app.before_request(self._trouble.before)
        app.after_request(self._trouble.after)
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
        answer = self._bundles.perform(
            _body(), _base_url(), self._trouble.of_entry, all_valid=self._trouble.wants_all_valid()
        )
        return _json(200, self._trouble.of_bundle(answer))

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


def _base_url() -> str:
    return f"{request.host_url}fhir"


def _body() -> Any:
    if request.mimetype not in JSON_TYPES:
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
