"""The vendor's cloud as a Flask application: one door for all API calls, and the consent page.

Belongs here: which path and action lead where, and what happens before each call. Not here: what
the actions do (`oauth.py`, `data.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from sandbox.application import Application
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.faults import FIRST, FURTHER, Fault, Faults
from sandbox.people import Person
from sandbox.withings.consent import consent_pages
from sandbox.withings.data import DataCalls
from sandbox.withings.deliveries import Deliveries
from sandbox.withings.envelope import NOT_IMPLEMENTED, Refused, invalid_params, success
from sandbox.withings.limits import DuplicateGuard, RateLimit
from sandbox.withings.notify import ACTIONS as NOTIFY_ACTIONS
from sandbox.withings.notify import PATH as NOTIFY
from sandbox.withings.notify import Subscriptions
from sandbox.withings.oauth import OAuth
from sandbox.withings.odd_listings import LISTINGS, changed
from sandbox.withings.readings import EVERYTHING, Readings
from sandbox.withings.row_calls import RowCalls
from sandbox.withings.signing import Nonces
from sandbox.withings.tokens import Tokens
from sandbox.withings.trouble import EXCHANGE, REFRESH, TOKEN_CALL, spoil, suffer

Action = Callable[[Mapping[str, str]], dict[str, Any]]
DataAction = Callable[[str, Mapping[str, str]], dict[str, Any]]
_TOKEN_FIELDS = ("refresh_token", "code")
_GRANT_TYPES = {"authorization_code": EXCHANGE, "refresh_token": REFRESH}
# Calls whose action is that of another call too, by the name under which they are counted.
CALLS = {(NOTIFY, action): f"notify_{action}" for action in NOTIFY_ACTIONS} | {
    ("/v2/sleep", "get"): "sleep_get",
    ("/v2/heart", "get"): "heart_get",
    ("/v2/heart", "list"): "heart_list",
}


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The cloud and the handles by which the control endpoint moves it."""

    app: Flask
    people: Sequence[Person]
    tokens: Tokens
    readings: Readings
    data: DataCalls
    row_data: RowCalls
    rate: RateLimit
    guard: DuplicateGuard
    faults: Faults
    calls: Calls
    token_calls: Calls
    subscriptions: Subscriptions
    deliveries: Deliveries


def create_cloud(
    *, people: Sequence[Person], clock: Clock, application: Application, data: str = EVERYTHING
) -> Cloud:
    """Build the cloud for one registered application."""
    tokens, guard = Tokens(clock), DuplicateGuard(clock)
    subscriptions = Subscriptions(tokens)
    readings = Readings(people, clock, data=data)
    cloud = Cloud(
        app=Flask("sandbox.withings"),
        people=people,
        tokens=tokens,
        readings=readings,
        data=DataCalls(readings=readings, tokens=tokens, clock=clock),
        row_data=RowCalls(collection=readings.collection, tokens=tokens, clock=clock),
        rate=RateLimit(clock),
        guard=guard,
        faults=Faults(),
        calls=Calls(),
        token_calls=Calls(),
        subscriptions=subscriptions,
        deliveries=Deliveries(subscriptions, clock),
    )
    oauth = OAuth(
        application=application,
        tokens=tokens,
        nonces=Nonces(clock),
        guard=guard,
        subscriptions=subscriptions,
    )
    cloud.app.register_blueprint(consent_pages(application, people, tokens))
    _add_door(
        cloud,
        _actions(oauth, cloud.data) | _row_actions(cloud.row_data) | _notify_actions(subscriptions),
    )
    return cloud


def _actions(oauth: OAuth, data: DataCalls) -> dict[tuple[str, str], Action]:
    return {
        ("/v2/oauth2", "requesttoken"): oauth.request_token,
        ("/v2/oauth2", "revoke"): oauth.revoke,
        ("/v2/signature", "getnonce"): oauth.get_nonce,
        ("/measure", "getmeas"): lambda fields: data.get_measures(_bearer(), fields),
        ("/v2/user", "getdevice"): lambda _fields: data.get_devices(_bearer()),
    }


def _row_actions(data: RowCalls) -> dict[tuple[str, str], Action]:
    answers: dict[tuple[str, str], DataAction] = {
        ("/v2/measure", "getactivity"): data.get_activity,
        ("/v2/measure", "getintradayactivity"): data.get_minutes,
        ("/v2/measure", "getworkouts"): data.get_workouts,
        ("/v2/sleep", "get"): data.get_sleep,
        ("/v2/sleep", "getsummary"): data.get_summary,
        ("/v2/heart", "list"): data.list_heart,
        ("/v2/heart", "get"): data.get_heart,
    }
    return {call: _with_bearer(answer) for call, answer in answers.items()}


def _with_bearer(answer: DataAction) -> Action:
    return lambda fields: answer(_bearer(), fields)


def _notify_actions(kept: Subscriptions) -> dict[tuple[str, str], Action]:
    def action(name: str) -> Action:
        return lambda fields: kept.act(name, _bearer(), fields)

    return {(NOTIFY, name): action(name) for name in NOTIFY_ACTIONS}


def _add_door(cloud: Cloud, actions: Mapping[tuple[str, str], Action]) -> None:
    known = {action for _, action in actions}

    @cloud.app.route("/<path:path>", methods=["GET", "POST"])
    def door(path: str) -> Response:
        action = request.form.get("action", "")
        call = CALLS.get((f"/{path}", action), action if action in known else "unknown")
        names, login = _names(call), _login(cloud)
        _count(cloud, names, login)
        faults: list[Fault] = []
        answer: Response | dict[str, Any]
        try:
            cloud.rate.check()
            faults = cloud.faults.take(login, *names, page=_page(names))
            answer = suffer(faults, cloud.tokens) or success(
                changed(faults, _choose(actions, f"/{path}", action)(request.form), request.form)
            )
        except Refused as refused:
            answer = refused.envelope()
        return spoil(faults, cloud.app.make_response(answer))


def _names(call: str) -> list[str]:
    """Give the name of the current call, and for a token call that of what it asks for."""
    step = _GRANT_TYPES.get(request.form.get("grant_type", "")) if call == TOKEN_CALL else None
    return [call] if step is None else [call, step]


def _page(names: Sequence[str]) -> str | None:
    """Say which part of a listing is asked for, by its offset; None for other calls."""
    if LISTINGS.isdisjoint(names):
        return None
    return FIRST if request.form.get("offset", "0") in {"", "0"} else FURTHER


def _count(cloud: Cloud, names: Sequence[str], login: str | None) -> None:
    call, *steps = names
    cloud.calls.count(call, login)
    for step in steps:
        cloud.token_calls.count(step, login)


def _choose(actions: Mapping[tuple[str, str], Action], path: str, action: str) -> Action:
    chosen = actions.get((path, action)) if request.method == "POST" else None
    if chosen is not None:
        return chosen
    if not action:
        raise invalid_params("missing action")
    raise Refused(NOT_IMPLEMENTED, "Not implemented")


def _login(cloud: Cloud) -> str | None:
    """Say whose call this is, as far as a token, a code or a user id tells."""
    given = (_bearer(), *(request.form.get(name, "") for name in _TOKEN_FIELDS))
    user_id = request.form.get("userid")
    named = [cloud.tokens.whose(token) for token in given if token]
    named += [person for person in cloud.people if str(person.user_id) == user_id]
    return next((person.login for person in named if person is not None), None)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
