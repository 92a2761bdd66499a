"""The vendor's cloud as one Flask application: consent page, tokens and readings.

Belongs here: which address leads where, and what happens before and after each call. Not here: what
the calls do (`oauth.py`, `data_calls.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from sandbox.application import Application
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.faults import FIRST, FURTHER, Fault, Faults
from sandbox.omron.consent import consent_pages
from sandbox.omron.data_calls import DataCalls, is_further
from sandbox.omron.deliveries import Deliveries
from sandbox.omron.errors import Refused
from sandbox.omron.limits import RateLimit
from sandbox.omron.oauth import CODE_GRANT, REFRESH_GRANT, REVOKE, TOKEN, OAuth
from sandbox.omron.odd_listings import changed
from sandbox.omron.scopes import TYPES
from sandbox.omron.settings import Settings
from sandbox.omron.store import Store
from sandbox.omron.tokens import Tokens
from sandbox.omron.trouble import EXCHANGE, MEASUREMENT, REFRESH, UNKNOWN, spoil, suffer
from sandbox.omron.trouble import REVOKE as REVOKE_CALL
from sandbox.people import Person
from sandbox.withings.readings import EVERYTHING

MEASURES = "/api/measurement"
_GRANT_TYPES = {CODE_GRANT: EXCHANGE, REFRESH_GRANT: REFRESH}
_TOKEN_FIELDS = ("refresh_token", "code", "token")


@dataclass(frozen=True, kw_only=True)
class OmronCloud:
    """The cloud and the handles by which the control endpoint moves it."""

    app: Flask
    people: Sequence[Person]
    tokens: Tokens
    store: Store
    rate: RateLimit
    faults: Faults
    calls: Calls
    token_calls: Calls
    settings: Settings
    deliveries: Deliveries


def create_omron(
    *, people: Sequence[Person], clock: Clock, application: Application, data: str = EVERYTHING
) -> OmronCloud:
    """Build the cloud for one registered application."""
    settings = Settings()
    tokens = Tokens(clock, settings)
    cloud = OmronCloud(
        app=Flask("sandbox.omron", static_folder=None),
        people=people,
        tokens=tokens,
        store=Store(people, clock, settings, data=data),
        rate=RateLimit(clock, settings),
        faults=Faults(),
        calls=Calls(),
        token_calls=Calls(),
        settings=settings,
        deliveries=Deliveries(settings, clock, consented=tokens.scopes_of),
    )
    cloud.app.register_blueprint(consent_pages(application, people, tokens))
    oauth = OAuth(application=application, tokens=tokens, clock=clock, settings=settings)
    _add_calls(cloud, oauth)
    return cloud


def _add_calls(cloud: OmronCloud, oauth: OAuth) -> None:
    data = DataCalls(store=cloud.store, settings=cloud.settings)

    def token() -> Response:
        call = _GRANT_TYPES.get(request.form.get("grant_type", ""), UNKNOWN)
        return _carry_out(cloud, call, lambda _faults: oauth.token())

    def revoke() -> Response:
        return _carry_out(cloud, REVOKE_CALL, lambda _faults: oauth.revoke())

    def measure() -> Response:
        def answer(faults: list[Fault]) -> dict[str, Any]:
            cloud.rate.check()
            body = data.measurements(cloud.tokens.use(_bearer()), request.form)
            return changed(faults, body, request.form)

        type_ = request.form.get("type", "all")
        name = type_ if type_ in {*TYPES, "all"} else UNKNOWN
        return _carry_out(cloud, f"{MEASUREMENT}:{name}", answer)

    cloud.app.post(TOKEN)(token)
    cloud.app.post(REVOKE)(revoke)
    cloud.app.post(MEASURES)(measure)


def _carry_out(
    cloud: OmronCloud, call: str, work: Callable[[list[Fault]], dict[str, Any] | Response]
) -> Response:
    login = _login(cloud)
    is_listing = call.startswith(MEASUREMENT)
    (cloud.calls if is_listing else cloud.token_calls).count(call, login)
    page = (FURTHER if is_further(request.form) else FIRST) if is_listing else None
    faults = cloud.faults.take(login, call, page=page)
    answer: Response | dict[str, Any]
    try:
        answer = suffer(faults, cloud.tokens) or work(faults)
    except Refused as refused:
        answer = refused.answer()
    return spoil(faults, cloud.app.make_response(answer))


def _login(cloud: OmronCloud) -> str | None:
    """Say whose call this is, as far as a token or a code tells."""
    given = (_bearer(), *(request.form.get(name, "") for name in _TOKEN_FIELDS))
    named = (cloud.tokens.whose(token) for token in given if token)
    return next((person.login for person in named if person is not None), None)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
