"""Versions of the API by Accept header: which shape of answer a client asked for.

Belongs here: media types and the choice between them. Not here: what the answers say.
"""

from __future__ import annotations

from flask import abort, request

CURRENT = "application/vnd.ohx.v1+json"
JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html"


def asked_for() -> str:
    """Give HTML, JSON or CURRENT, whichever the client prefers; an unknown version is a 406.

    Plain JSON, `*/*` and no header at all mean the current version.
    """
    if not request.accept_mimetypes:
        return CURRENT
    chosen = request.accept_mimetypes.best_match([CURRENT, JSON, HTML])
    if chosen is None:
        abort(406)
    return chosen


def prefers_json() -> bool:
    """Tell whether an error goes out as a problem document rather than as a page."""
    on_api = request.path.startswith("/api/")
    if not request.accept_mimetypes:
        return on_api
    machine, person = [CURRENT, PROBLEM, JSON], [HTML]
    offers = machine + person if on_api else person + machine
    chosen = request.accept_mimetypes.best_match(offers, default=JSON if on_api else HTML)
    return chosen != HTML
