"""The control endpoint, by which tests and the demo look behind the scenes and make trouble.

Belongs here: its addresses, all JSON. Not here: the input's checks (`control_input.py`), and what is
carried out elsewhere: orders of faults (`control_faults.py`), changes of readings
(`control_readings.py`, `control_seeded.py`) and of the EHR (`control_ehr.py`), notifications
(`control_notify.py`), all that is about Google Health or OMRON alone (`control_google.py`,
`control_omron.py`), questions to the reader (`control_reader.py`), files of phone apps
(`control_files.py`). No product has such an endpoint: it is no part of a stand-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request

from sandbox import control_faults, control_readings, control_seeded
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.control_ehr import EhrOrders
from sandbox.control_files import FileOrders
from sandbox.control_google import GoogleOrders
from sandbox.control_input import Fields, WrongRequest, body, days, person_of
from sandbox.control_notify import NotifyOrders
from sandbox.control_omron import OmronOrders
from sandbox.control_reader import ReaderOrders
from sandbox.ehr.app import EhrServer
from sandbox.faults import Faults
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.app import GoogleCloud
from sandbox.omron.accounts import omron_user
from sandbox.omron.app import OmronCloud
from sandbox.omron.trouble import REVOKE
from sandbox.people import Person
from sandbox.secrets_seen import SecretsSeen
from sandbox.smart.server import GRANTED, REFUSED
from sandbox.withings.app import Cloud
from sandbox.withings.trouble import EXCHANGE, REFRESH


@dataclass(frozen=True, kw_only=True)
class _Control:
    cloud: Cloud
    google: GoogleCloud
    omron: OmronCloud
    ehr: EhrServer
    ehr_calls: Calls
    ehr_writes: Calls
    clock: Clock
    orders: control_faults.FaultOrders
    notify: NotifyOrders

    def people(self) -> list[dict[str, str]]:
        return [
            {
                "name": person.name,
                "zone": person.zone,
                "username": person.username,
                "login": person.login,
                "patient_id": person.patient_id,
                "user_id": str(person.user_id),
                "health_user_id": health_user_id(person),
                "omron_user": omron_user(person),
            }
            for person in self.cloud.people
        ]

    def calls(self) -> dict[str, Any]:
        return {
            "withings": self.cloud.calls.total(),
            "withings_by_login": self.cloud.calls.by_login(),
            "withings_tokens": _steps(self.cloud.token_calls),
            "google_health": self.google.calls.total(),
            "google_health_by_login": self.google.calls.by_login(),
            "google_health_tokens": _steps(self.google.token_calls),
            "omron": self.omron.calls.total(),
            "omron_by_login": self.omron.calls.by_login(),
            "omron_tokens": {REVOKE: 0} | _steps(self.omron.token_calls),
            "ehr": self.ehr_calls.total(),
            "ehr_writes": self.ehr_writes.total(),
            "smart_tokens": dict.fromkeys((GRANTED, REFUSED), 0) | self.ehr.smart.calls.total(),
        }

    def reset_calls(self) -> dict[str, Any]:
        for vendor in (self.cloud, self.google, self.omron):
            vendor.calls.reset()
            vendor.token_calls.reset()
        self.ehr_calls.reset()
        self.ehr_writes.reset()
        self.ehr.smart.calls.reset()
        return self.calls()

    def read_clock(self) -> dict[str, float]:
        return {"now": self.clock.now(), "offset_seconds": self.clock.offset_seconds}

    def move_clock(self) -> dict[str, float]:
        seconds = body("advance_seconds").number("advance_seconds")
        if seconds is None:
            raise WrongRequest("advance_seconds is missing")
        self.clock.advance(seconds)
        return self.read_clock()

    def order_fault(self) -> dict[str, str]:
        order = body(*control_faults.KNOWN)
        return {"ordered": self.orders.place(order, self._named(order))}

    def clear_faults(self) -> dict[str, bool]:
        self.orders.clear()
        return {"cleared": True}

    def set_withings(self) -> dict[str, Any]:
        given = body("duplicate_guard", "rate_limit", "page_size")
        if given.has("duplicate_guard"):
            self.cloud.guard.enabled = given.boolean("duplicate_guard")
        if given.has("rate_limit"):
            self.cloud.rate.limit = given.needed("rate_limit", least=0)
        if given.has("page_size"):
            self.cloud.data.page_size = given.needed("page_size", least=1)
            self.cloud.row_data.page_size = self.cloud.data.page_size
        return {
            "duplicate_guard": self.cloud.guard.enabled,
            "rate_limit": self.cloud.rate.limit,
            "page_size": self.cloud.data.page_size,
        }

    def rows(self) -> list[dict[str, Any]] | dict[str, Any]:
        person = person_of(self.cloud.people, request.args.get("login"))
        if request.args.get("kind") == "all":
            return self.cloud.readings.rows(person, *days())
        return self.cloud.readings.on_days(person, *days())

    def change_reading(self) -> dict[str, Any]:
        order = body(*control_readings.KNOWN)
        row = control_readings.change(self.cloud, order)
        self.notify.changed(order.words("login") or "", row)
        return row

    def change_readings(self) -> dict[str, Any]:
        order = body(*control_seeded.KNOWN)
        done = control_seeded.change_many(self.cloud, order)
        self.notify.changed_days(done["by_login"], order.day("first"), order.day("last"))
        return done

    def _named(self, order: Fields) -> Person | None:
        if not order.has("login"):
            return None
        logins = {person.login for person in self.cloud.people}
        return person_of(self.cloud.people, order.text("login", among=logins))


def _steps(calls: Calls) -> dict[str, int]:
    return dict.fromkeys((EXCHANGE, REFRESH), 0) | calls.total()


def create_control(  # noqa: PLR0913 (one for each stand-in, and what they share)
    *,
    cloud: Cloud,
    google: GoogleOrders,
    omron: OmronOrders,
    ehr: EhrServer,
    ehr_url: str,
    ehr_shared: bool,
    ehr_calls: Calls,
    ehr_writes: Calls,
    identity_faults: Faults,
    clock: Clock,
    secrets: SecretsSeen,
) -> Flask:
    """Build the endpoint over the stand-ins."""
    orders = control_faults.FaultOrders(
        cloud=cloud,
        google=google.cloud,
        omron=omron.cloud,
        ehr=ehr,
        identity=identity_faults,
    )
    control = _Control(
        cloud=cloud,
        google=google.cloud,
        omron=omron.cloud,
        ehr=ehr,
        ehr_calls=ehr_calls,
        ehr_writes=ehr_writes,
        clock=clock,
        orders=orders,
        notify=NotifyOrders(cloud=cloud),
    )
    of_ehr = EhrOrders(ehr)
    files = FileOrders(cloud.people, clock)
    of_reader = ReaderOrders(
        cloud,
        ehr_url=ehr_url,
        shared=ehr_shared,
        google=google.cloud.store,
        omron=omron.cloud.store,
        files=files.exports,
    )
    app = Flask("sandbox.control")
    google.add_to(app)
    omron.add_to(app)
    files.add_to(app)
    app.get("/people")(control.people)
    app.get("/calls")(control.calls)
    app.post("/calls/reset")(control.reset_calls)
    app.get("/clock")(control.read_clock)
    app.post("/clock")(control.move_clock)
    app.post("/faults")(control.order_fault)
    app.post("/faults/clear")(control.clear_faults)
    app.post("/withings/settings")(control.set_withings)
    app.get("/differences")(of_reader.differences)
    app.get("/rows")(control.rows)
    app.post("/readings/change")(control.change_reading)
    app.post("/readings/seeded")(control.change_readings)
    app.post("/notify", endpoint="notify")(control.notify.send)
    app.get("/notifications", endpoint="notifications")(control.notify.show)
    app.get("/ehr", endpoint="ehr")(ehr.snapshot)
    app.post("/ehr/settings")(of_ehr.change_settings)
    app.post("/ehr/settings/reset")(of_ehr.reset_settings)
    app.post("/smart/clients")(of_ehr.register_client)
    app.post("/smart/settings")(of_ehr.change_tokens)
    app.post("/smart/revoke")(of_ehr.revoke_tokens)
    app.get("/secrets", endpoint="secrets")(secrets.as_json)

    @app.errorhandler(WrongRequest)
    def explain(error: WrongRequest) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, 400

    return app
