"""The vendor's cloud as one Flask application: consent page, token host and API.

Belongs here: which address leads where, and the handles by which all of it is moved. Not here: what
happens before each call (`door.py`), and what the calls do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, request

from sandbox.application import Application
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.google_health.abilities import DAILY_ROLL_UP, LIST, RECONCILE, ROLL_UP
from sandbox.google_health.account_calls import (
    IDENTITY,
    IRN_PROFILE,
    OWN_SETTINGS,
    PAIRED,
    AccountCalls,
)
from sandbox.google_health.callers import Callers
from sandbox.google_health.consent import consent_pages
from sandbox.google_health.data_calls import DataCalls
from sandbox.google_health.door import TOKEN_HOST, USERS, Door, fields_asked
from sandbox.google_health.limits import UserRates
from sandbox.google_health.oauth import REVOKE, TOKEN, OAuth
from sandbox.google_health.roll_up_calls import RollUpCalls
from sandbox.google_health.settings import Settings
from sandbox.google_health.store import Store
from sandbox.google_health.tokens import Grant, Tokens
from sandbox.people import Person

Json = dict[str, Any]
AccountCall = Callable[[Grant, Json], Json]
TypeCall = Callable[[Grant, str, Json], Json]
BELOW_USER = "/v4/users/<user>"
BELOW_TYPE = f"{BELOW_USER}/dataTypes/<path>/dataPoints"


@dataclass(frozen=True, kw_only=True)
class GoogleCloud:
    """The cloud and the handles by which the control endpoint moves it."""

    app: Flask
    people: Sequence[Person]
    tokens: Tokens
    store: Store
    faults: Faults
    calls: Calls
    token_calls: Calls
    rate: UserRates
    settings: Settings


def create_google(
    *, people: Sequence[Person], clock: Clock, application: Application, store: Store
) -> GoogleCloud:
    """Build the cloud for one registered application; further blueprints may come to its `app`."""
    settings = Settings()
    cloud = GoogleCloud(
        app=Flask("sandbox.google_health", static_folder=None),
        people=people,
        tokens=Tokens(clock, settings),
        store=store,
        faults=Faults(),
        calls=Calls(),
        token_calls=Calls(),
        rate=UserRates(clock, settings),
        settings=settings,
    )
    door = Door(
        tokens=cloud.tokens,
        faults=cloud.faults,
        calls=cloud.calls,
        token_calls=cloud.token_calls,
        rate=cloud.rate,
    )
    door.guard(cloud.app)
    oauth = OAuth(application=application, tokens=cloud.tokens)
    cloud.app.register_blueprint(consent_pages(application, people, cloud.tokens))
    cloud.app.register_blueprint(_token_host(oauth))
    cloud.app.register_blueprint(_users(cloud, clock))
    return cloud


def _token_host(oauth: OAuth) -> Blueprint:
    host = Blueprint(TOKEN_HOST, __name__)
    host.post(TOKEN, endpoint="token")(lambda: oauth.token(request.form))
    host.post(REVOKE, endpoint="revoke")(lambda: oauth.revoke(request.form))
    return host


def _users(cloud: GoogleCloud, clock: Clock) -> Blueprint:
    users = Blueprint(USERS, __name__)
    callers = Callers(people=cloud.people, tokens=cloud.tokens, settings=cloud.settings)
    accounts = AccountCalls(store=cloud.store, settings=cloud.settings)
    points = DataCalls(store=cloud.store, clock=clock, settings=cloud.settings)
    sums = RollUpCalls(store=cloud.store, settings=cloud.settings)
    account_calls: dict[str, AccountCall] = {
        IDENTITY: accounts.identity,
        OWN_SETTINGS: accounts.own_settings,
        PAIRED: accounts.paired_devices,
        IRN_PROFILE: accounts.irn_profile,
    }
    for name, account_call in account_calls.items():
        view = _account_view(callers, account_call)
        users.add_url_rule(f"{BELOW_USER}/{name}", endpoint=name, view_func=view)
    type_calls: tuple[tuple[str, str, str, TypeCall], ...] = (
        ("GET", BELOW_TYPE, LIST, points.list),
        ("GET", f"{BELOW_TYPE}:{RECONCILE}", RECONCILE, points.reconcile),
        ("POST", f"{BELOW_TYPE}:{DAILY_ROLL_UP}", DAILY_ROLL_UP, sums.daily),
        ("POST", f"{BELOW_TYPE}:{ROLL_UP}", ROLL_UP, sums.spans),
    )
    for verb, address, name, type_call in type_calls:
        typed = _type_view(callers, type_call)
        users.add_url_rule(address, endpoint=name, view_func=typed, methods=[verb])
    return users


def _account_view(callers: Callers, call: AccountCall) -> Callable[[str], Json]:
    return lambda user: call(callers.admit(user), fields_asked())


def _type_view(callers: Callers, call: TypeCall) -> Callable[[str, str], Json]:
    return lambda user, path: call(callers.admit(user), path, fields_asked())
