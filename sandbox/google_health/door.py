"""What happens to every call before and after its work: counting, limits, ordered faults, errors.

Belongs here: under which name a call goes, and whose it is. Not here: what calls do, and what a fault
does (`trouble.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from sandbox.calls import Calls
from sandbox.faults import FIRST, FURTHER, Fault, Faults
from sandbox.google_health import project_calls
from sandbox.google_health.errors import Refused
from sandbox.google_health.limits import UserRates
from sandbox.google_health.oauth import CODE_GRANT, REFRESH_GRANT
from sandbox.google_health.odd_listings import changed
from sandbox.google_health.paging import TOKEN, Question
from sandbox.google_health.tokens import Tokens
from sandbox.google_health.trouble import (
    EXCHANGE,
    LISTINGS,
    REFRESH,
    REVOKE,
    UNKNOWN,
    spoil,
    suffer,
)

USERS, TOKEN_HOST = "google_users", "google_tokens"
_GRANT_TYPES = {CODE_GRANT: EXCHANGE, REFRESH_GRANT: REFRESH}
_TOKEN_FIELDS = ("refresh_token", "code", "token")
_NOT_FOUND = """<!DOCTYPE html>
<html lang=en>
<title>Error 404 (Not Found)!!1</title>
<p><b>404.</b> That’s an error.
<p>The requested URL was not found on this server. That’s all we know.
"""


@dataclass(frozen=True, kw_only=True)
class Door:
    """The one way in, for all parts of the cloud that one application serves."""

    tokens: Tokens
    faults: Faults
    calls: Calls
    token_calls: Calls
    rate: UserRates

    def guard(self, app: Flask) -> None:
        """Stand before every address of an application, also those that come to it later."""
        app.before_request(self._enter)
        app.after_request(self._leave)
        app.register_error_handler(Refused, lambda refused: refused.answer())
        for missing in (NotFound, MethodNotAllowed):
            app.register_error_handler(missing, lambda _missing: _page_not_found())

    def _enter(self) -> Response | None:
        g.faults, g.is_instead = [], False
        call, login = _call(), self._login()
        if call is None:
            return None
        self.calls.count(call, login)
        if call in _GRANT_TYPES.values():
            self.token_calls.count(call, login)
        if request.blueprint == USERS and login is not None:
            self.rate.check(login)
        g.faults = self.faults.take(login, call, page=_page(call))
        instead = suffer(g.faults, self.tokens)
        g.is_instead = instead is not None
        return instead

    def _leave(self, answer: Response) -> Response:
        faults: list[Fault] = g.get("faults", [])
        call = _call() or UNKNOWN
        if faults and call in LISTINGS and answer.status_code == HTTPStatus.OK and not g.is_instead:
            question = Question(login=self._login() or "", call=call, fields=fields_asked())
            answer = jsonify(changed(faults, answer.get_json(), question))
        return spoil(faults, answer)

    def _login(self) -> str | None:
        """Say whose call this is, as far as a token or a code tells."""
        _, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = (bearer, *(request.values.get(name, "") for name in _TOKEN_FIELDS))
        named = (self.tokens.whose(token) for token in given if token)
        return next((person.login for person in named if person is not None), None)


def fields_asked() -> dict[str, Any]:
    """Give the parameters of the current call: a POST's from its JSON body, a GET's from the address."""
    if request.method != "POST":
        return request.args.to_dict()
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


def _call() -> str | None:
    """Give the name under which the current call goes; None for pages that are no calls."""
    if request.routing_exception is not None:
        return UNKNOWN
    endpoint = (request.endpoint or "").rpartition(".")[2]
    if request.blueprint == TOKEN_HOST:
        grant_type = request.form.get("grant_type", "")
        return REVOKE if endpoint == REVOKE else _GRANT_TYPES.get(grant_type, UNKNOWN)
    if request.blueprint == USERS:
        path = (request.view_args or {}).get("path")
        return endpoint if path is None else f"{path}:{endpoint}"
    return project_calls.call_of(request.path)


def _page(call: str) -> str | None:
    """Say which part of a listing is asked for; None for other calls."""
    if call not in LISTINGS:
        return None
    return FURTHER if fields_asked().get(TOKEN) else FIRST


def _page_not_found() -> Response:
    # No JSON: an unknown address never comes to the API.
    return Response(_NOT_FOUND, 404, mimetype="text/html")
