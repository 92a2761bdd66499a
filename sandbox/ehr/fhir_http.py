"""FHIR over HTTP: addresses, headers and bodies.

Belongs here: reading requests and writing answers. Not here: carrying them out
(`interactions.py`, `bundles.py`), and what planned faults do to them (`trouble.py`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from sandbox.ehr.access import Access
from sandbox.ehr.asked import Answer, Caller, Interaction
from sandbox.ehr.bundles import Bundles
from sandbox.ehr.capability import capability_statement
from sandbox.ehr.faults import SPARED_HEADER
from sandbox.ehr.interactions import Interactions
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.results import Searches
from sandbox.ehr.store import Version
from sandbox.ehr.trouble import Trouble
from sandbox.ehr.turns import retried
from sandbox.ehr.wire import FHIR_JSON, JSON_TYPES, Json, MalformedJsonError, dumps, loads

_RETURN = re.compile(r"\breturn=(minimal|representation|OperationOutcome)\b")
_RETRY = re.compile(r"\bretry\s*;\s*max-retries=(\d{1,3})\b")


class FhirHttp:
    """The routes of one server."""

    def __init__(
        self,
        interactions: Interactions,
        bundles: Bundles,
        searches: Searches,
        trouble: Trouble,
        access: Access,
    ) -> None:
        self._interactions = interactions
        self._bundles = bundles
        self._searches = searches
        self._trouble = trouble
        self._access = access

    def register(self, app: Flask) -> None:
        """Add the routes and the answers to errors."""
        item = "/fhir/<resource_type>/<resource_id>"
        routes: tuple[tuple[str, Callable[..., Response], list[str]], ...] = (
            ("/fhir/metadata", self._metadata, ["GET"]),
            ("/fhir", self._base, ["GET", "POST"]),
            ("/fhir/", self._base, ["GET", "POST"]),
            ("/fhir/<resource_type>", self._type, ["GET", "POST", "PUT", "DELETE"]),
            ("/fhir/<resource_type>/_search", self._search, ["POST"]),
            (item, self._instance, ["GET", "PUT", "DELETE"]),
            (f"{item}/_history", self._history, ["GET"]),
            (f"{item}/_history/<version>", self._instance, ["GET"]),
            (f"{item}/$meta-delete", self._meta_delete, ["POST"]),
        )
        for number, (rule, view, methods) in enumerate(routes):
            app.add_url_rule(rule, f"{view.__name__}-{number}", view, methods=methods)
        app.before_request(self._trouble.before)
        app.after_request(_name_request)
        app.after_request(self._trouble.after)
        app.register_error_handler(Exception, _error)

    def _metadata(self) -> Response:
        return _json(200, capability_statement(_base_url(), self._interactions.settings))

    def _base(self) -> Response:
        caller = self._caller()
        if request.method == "POST":
            return self._bundle(caller)
        if "_getpages" not in request.args:
            raise refuse(400, "not-supported", "a search names a resource type")
        self._interactions.check_reading(caller)
        return _json(200, self._searches.page(list(request.args.items(multi=True))))

    def _bundle(self, caller: Caller) -> Response:
        answer = self._bundles.perform(
            _body(), caller, self._trouble.of_entry, all_valid=self._wants_all_valid()
        )
        return _json(200, self._trouble.of_bundle(answer))

    def _wants_all_valid(self) -> bool:
        planned = self._trouble.wants_all_valid()
        return planned or self._interactions.settings.bad_entry == "bundle"

    def _type(self, resource_type: str) -> Response:
        return self._perform(resource_type, None)

    def _search(self, resource_type: str) -> Response:
        query = [*request.args.items(multi=True), *request.form.items(multi=True)]
        asked = Interaction(
            method="GET", caller=self._caller(), resource_type=resource_type, query=query
        )
        return _answered(self._interactions.perform(asked))

    def _instance(
        self, resource_type: str, resource_id: str, version: str | None = None
    ) -> Response:
        return self._perform(resource_type, resource_id, version)

    def _history(self, resource_type: str, resource_id: str) -> Response:
        asked = Interaction(
            method="GET",
            caller=self._caller(),
            resource_type=resource_type,
            resource_id=resource_id,
            query=list(request.args.items(multi=True)),
        )
        return _json(200, self._interactions.history(asked))

    def _meta_delete(self, resource_type: str, resource_id: str) -> Response:
        asked = Interaction(
            method="PUT",
            caller=self._caller(),
            resource_type=resource_type,
            resource_id=resource_id,
            resource=_body(),
        )
        return _json(200, self._interactions.delete_labels(asked))

    def _perform(
        self, resource_type: str, resource_id: str | None, version: str | None = None
    ) -> Response:
        caller = self._caller()
        asked = Interaction(
            method=request.method,
            caller=caller,
            resource_type=resource_type,
            resource_id=resource_id,
            version=version,
            query=list(request.args.items(multi=True)) if resource_id is None else (),
            resource=_body() if request.method in {"POST", "PUT"} else None,
            if_match=request.headers.get("If-Match"),
            if_none_match=request.headers.get("If-None-Match"),
            if_none_exist=request.headers.get("If-None-Exist"),
        )
        return _answered(retried(lambda: self._interactions.perform(asked), caller.retries))

    def _caller(self) -> Caller:
        """Find out who asks; raises Refused (401)."""
        is_reader = SPARED_HEADER in request.headers
        wants_retries = _RETRY.search(request.headers.get("X-Retry-On-Version-Conflict", ""))
        is_known = self._interactions.settings.retry_on_conflict
        return Caller(
            base=_base_url(),
            request_id=_request_id(),
            scopes=None if is_reader else self._access.scopes(request.authorization),
            is_judge=is_reader,
            retries=int(wants_retries[1]) if wants_retries and is_known else 0,
            wants_resources=_preferred() == "representation",
        )


def _answered(answer: Answer) -> Response:
    version = answer.version
    if version is None:
        return _json(answer.status, answer.body)
    response = _json(answer.status, _shown(answer, version))
    response.headers["ETag"] = version.etag
    response.last_modified = version.updated
    if request.method in {"POST", "PUT"}:
        response.headers["Location"] = answer.location(_base_url()) or ""
    return response


def _shown(answer: Answer, version: Version) -> Json | None:
    """Give the body that Prefer asks for; a read is always answered with the resource."""
    if request.method in {"POST", "PUT"}:
        if _preferred() == "minimal":
            return None
        if _preferred() == "OperationOutcome":
            return answer.outcome()
    return version.resource


def _preferred() -> str | None:
    found = _RETURN.search(request.headers.get("Prefer", ""))
    return None if found is None else found[1]


def _request_id() -> str:
    if "request_id" not in g:
        g.request_id = secrets.token_urlsafe(12)
    return str(g.request_id)


def _name_request(answer: Response) -> Response:
    """Say by which id the request is known behind the `#` of `meta.source`."""
    answer.headers["X-Request-ID"] = _request_id()
    return answer


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
        if error.challenge is not None:
            response.headers["WWW-Authenticate"] = error.challenge
        return response
    if isinstance(error, HTTPException) and error.code is not None:
        refused = refuse(error.code, "not-supported", error.name)
        return _json(refused.status, refused.outcome())
    name = type(error).__name__
    return _json(500, refuse(500, "exception", f"the stand-in itself failed: {name}").outcome())
