"""Turns whatever ends a request early into a page or, for API clients, a problem document.

Belongs here: error handlers. Not here: the words (`messages.py`), nor anything a request said.
"""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from oauth_portal.api_version import PROBLEM, prefers_json
from oauth_portal.events import log_event, origin_of_error
from oauth_portal.memory_uploads import ENDPOINTS, too_large
from oauth_portal.messages import (
    BAD_REQUEST,
    FORM_EXPIRED,
    HTTP_PAGES,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    TOO_LARGE,
    UNEXPECTED,
    PageStop,
    StatePage,
)
from oauth_portal.services import services
from ohx_pipelines.errors import NotFound

RETRY_AFTER_SECONDS = "60"


def register_error_handlers(app: Flask) -> None:
    """Leave no exception to Flask's own pages."""
    app.register_error_handler(PageStop, _state_page)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotFound, _gone)
    app.register_error_handler(Exception, _unexpected)


def _state_page(stop: PageStop) -> Response:
    log_event(
        "page_stop", code=stop.page.code, provider=stop.provider.name if stop.provider else None
    )
    return answer(stop)


def _form_expired(error: CSRFError) -> Response:
    del error
    return _state_page(PageStop(FORM_EXPIRED))


def _foreign_host(error: SecurityError) -> Response:
    # No page: links cannot be built for a host that is not ours.
    del error
    log_event("foreign_host")
    return Response("Bad Request\n", BAD_REQUEST.status, mimetype="text/plain")


def _http_error(error: HTTPException) -> Response:
    status = error.code or UNEXPECTED.status.value
    if status == TOO_LARGE.status and request.endpoint in ENDPOINTS:
        return _state_page(too_large())
    page = HTTP_PAGES.get(status, BAD_REQUEST if status < UNEXPECTED.status else UNEXPECTED)
    response = answer(PageStop(page))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _gone(error: NotFound) -> Response:
    # A link discarded in another window while this request was being answered.
    del error
    return _state_page(PageStop(NOT_FOUND))


def _unexpected(error: Exception) -> Response:
    error_id = secrets.token_hex(4)
    log_event("unexpected_error", error_id=error_id, where=origin_of_error(error))
    return answer(PageStop(UNEXPECTED), error_id=error_id)


def answer(stop: PageStop, *, error_id: str | None = None) -> Response:
    """Show where a request ended, in the form its client prefers."""
    page = stop.page
    if page is NOT_ACCEPTABLE or prefers_json():
        response = _problem(page, stop, error_id)
    else:
        body = render_template("state_page.html", stop=stop, say=_say(stop), error_id=error_id)
        response = make_response(body, page.status)
    response.vary.add("Accept")
    if page.status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _problem(page: StatePage, stop: PageStop, error_id: str | None) -> Response:
    say = _say(stop)
    body = {
        "type": "about:blank",
        "title": say(page.heading),
        "status": page.status.value,
        "detail": f"{say(page.happened)} {say(page.advice)}",
        "code": page.code,
    }
    if error_id is not None:
        body["error_id"] = error_id
    return Response(json.dumps(body), page.status, content_type=PROBLEM)


class _Say:
    def __init__(self, vendor: str, clinic: str) -> None:
        self._names = {"vendor": vendor, "clinic": clinic}

    def __call__(self, text: str) -> str:
        filled = text.format_map(self._names)
        return filled[:1].upper() + filled[1:]


def _say(stop: PageStop) -> _Say:
    vendor = stop.provider.title if stop.provider else "the maker of your device"
    return _Say(vendor, services().settings.portal.clinic)
