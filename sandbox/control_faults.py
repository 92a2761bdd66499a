"""Ordering faults: what a test may ask of which stand-in.

Belongs here: checking an order and handing it on. Not here: what a kind does; each stand-in's
`trouble.py` lists its own kinds, and `bad_connection.py` those that they share.

An order is a JSON object. `target` (withings, google_health, omron, ehr, smart, identity) and `kind`
are needed. `login` limits it to one person, `count` to so many calls; without them it hits everybody until
faults are cleared. `call` goes with the vendors and with the endpoints of identity and smart, `method`
(read, write) and `echo` with ehr, `text` and `page` with the vendors, `reason` with a `refusal` of
google_health. With `page` only calls that list are hit that ask for the `first` page of a listing, or
for a `further` one, by an offset or a token.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sandbox.control_input import Fields, WrongRequest
from sandbox.ehr.app import EhrServer
from sandbox.ehr.faults import KINDS as EHR_KINDS
from sandbox.ehr.faults import READ, WRITE
from sandbox.faults import PAGES, Fault, Faults
from sandbox.google_health import trouble as google_trouble
from sandbox.google_health.app import GoogleCloud
from sandbox.identity import trouble as identity_trouble
from sandbox.omron import trouble as omron_trouble
from sandbox.omron.app import OmronCloud
from sandbox.people import Person
from sandbox.smart import trouble as smart_trouble
from sandbox.withings import trouble as withings_trouble
from sandbox.withings.app import Cloud
from sandbox.withings.notify import ACTIONS as NOTIFY_ACTIONS

KNOWN = (
    "target", "kind", "login", "call", "page", "method", "count", "status", "seconds", "text",
    "reason", "echo",
)  # fmt: skip
VENDORS = ("withings", "google_health", "omron")
TARGETS = (*VENDORS, "ehr", "smart", "identity")
CALLS = frozenset(
    withings_trouble.DATA_CALLS
    | {"getnonce", "requesttoken", "revoke", "unknown"}
    | {f"notify_{action}" for action in NOTIFY_ACTIONS}
)
REVOKE = "revoke"
_STEPS = frozenset({withings_trouble.EXCHANGE, withings_trouble.REFRESH})


@dataclass(frozen=True, kw_only=True)
class FaultOrders:
    """Takes orders for all stand-ins."""

    cloud: Cloud
    google: GoogleCloud
    omron: OmronCloud
    ehr: EhrServer
    identity: Faults

    def place(self, order: Fields, person: Person | None) -> str:
        """Carry out an order; gives its kind, or raises WrongRequest."""
        target = order.text("target", among=TARGETS)
        _refuse(order, *(("call", "text") if target == "ehr" else ("method", "echo")))
        _refuse(order, *(() if target in VENDORS else ("page",)))
        _refuse(order, *(() if target == "google_health" else ("reason",)))
        if target == "ehr":
            return self._ehr(order, person)
        if target == "smart":
            return self._smart(order)
        if target == "identity":
            return self._identity(order, person)
        if target == "google_health":
            return self._google_health(order, person)
        if target == "omron":
            return self._omron(order, person)
        return self._withings(order, person)

    def clear(self) -> None:
        """Forget every order."""
        self.cloud.faults.clear()
        self.google.faults.clear()
        self.omron.faults.clear()
        self.ehr.faults.clear()
        self.ehr.smart.faults.clear()
        self.identity.clear()

    def _withings(self, order: Fields, person: Person | None) -> str:
        kind = order.text("kind", among=withings_trouble.KINDS)
        if order.has("page") and "getmeas" not in withings_trouble.ONLY.get(kind, CALLS):
            raise WrongRequest("page goes with what can happen to a listing")
        if kind == REVOKE:
            for one in [person] if person else self.cloud.people:
                self.cloud.deliveries.user_left(one)
            self.cloud.tokens.revoke(person.user_id if person else None)
            return kind
        only = withings_trouble.ONLY.get(kind)
        possible = CALLS | _STEPS if only is None else only
        if possible & _STEPS:
            possible |= {withings_trouble.TOKEN_CALL}
        self.cloud.faults.add(_fault(order, kind, person, possible=possible, only=only))
        return kind

    def _google_health(self, order: Fields, person: Person | None) -> str:
        kind = order.text("kind", among={*google_trouble.KINDS, REVOKE})
        if kind == REVOKE:
            for one in [person] if person else self.google.people:
                self.google.tokens.remove_consent(one)
            return kind
        _refuse(order, *(("text",) if kind == "refusal" else ("reason",)))
        only = google_trouble.ONLY.get(kind)
        possible = google_trouble.CALLS if only is None else only
        if order.has("page") and not possible & google_trouble.LISTINGS:
            raise WrongRequest("page goes with what can happen to a listing")
        fault = _fault(order, kind, person, possible=possible, only=only)
        if order.has("reason"):
            fault.text = order.text("reason", among=google_trouble.REASONS)
        self.google.faults.add(fault)
        return kind

    def _omron(self, order: Fields, person: Person | None) -> str:
        kind = order.text("kind", among={*omron_trouble.KINDS, REVOKE})
        if kind == REVOKE:
            for one in [person] if person else self.omron.people:
                self.omron.tokens.remove_consent(one)
            return kind
        only = omron_trouble.ONLY.get(kind)
        possible = omron_trouble.CALLS if only is None else only
        if order.has("page") and not possible & omron_trouble.LISTINGS:
            raise WrongRequest("page goes with what can happen to a listing")
        self.omron.faults.add(_fault(order, kind, person, possible=possible, only=only))
        return kind

    def _identity(self, order: Fields, person: Person | None) -> str:
        kind = order.text("kind", among=identity_trouble.KINDS)
        only = identity_trouble.only(kind)
        _refuse(order, "text")
        # An endpoint is asked before anybody is known; an id token is somebody's.
        about_nobody = only == identity_trouble.ENDPOINTS
        _refuse(order, *(("login",) if about_nobody else ("call", "status", "seconds")))
        self.identity.add(_fault(order, kind, person, possible=only, only=only))
        return kind

    def _smart(self, order: Fields) -> str:
        kind = order.text("kind", among=smart_trouble.KINDS)
        # A token is asked for by a client, on nobody's behalf.
        _refuse(order, "login", "text")
        only = smart_trouble.ENDPOINTS
        self.ehr.smart.faults.add(_fault(order, kind, None, possible=only, only=only))
        return kind

    def _ehr(self, order: Fields, person: Person | None) -> str:
        kind = order.text("kind", among=EHR_KINDS)
        try:
            self.ehr.faults.add(
                kind,
                count=order.integer("count", least=1),
                patient=person.patient_id if person else None,
                method=order.text("method", among=(READ, WRITE)) if order.has("method") else None,
                status=order.integer("status", least=100),
                seconds=order.number("seconds"),
                echo=order.has("echo") and order.boolean("echo"),
            )
        except ValueError as wrong:
            raise WrongRequest(str(wrong)) from None
        return kind


def _fault(
    order: Fields,
    kind: str,
    person: Person | None,
    *,
    possible: Collection[str],
    only: frozenset[str] | None,
) -> Fault:
    return Fault(
        kind=kind,
        login=person.login if person else None,
        call=order.text("call", among=possible) if order.has("call") else None,
        only=only,
        page=order.text("page", among=PAGES) if order.has("page") else None,
        count=order.integer("count", least=1),
        status=order.integer("status", least=1),
        seconds=order.number("seconds"),
        text=order.words("text"),
    )


def _refuse(order: Fields, *names: str) -> None:
    given = [name for name in names if order.has(name)]
    if given:
        raise WrongRequest(f"does not go with this target and kind: {', '.join(given)}")
