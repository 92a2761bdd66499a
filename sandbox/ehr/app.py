"""The EHR stand-in as a web application: `create_ehr(patients).app` serves FHIR R5 at `/fhir`.

Belongs here: putting the parts together, and HTTP. Not here: what FHIR wants (the other modules),
and how the process is served (`sandbox/__main__.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from sandbox.clock import Clock
from sandbox.ehr.access import Access
from sandbox.ehr.bundles import Bundles
from sandbox.ehr.faults import Faults
from sandbox.ehr.fhir_http import FhirHttp
from sandbox.ehr.interactions import Interactions
from sandbox.ehr.results import Searches
from sandbox.ehr.settings import Settings
from sandbox.ehr.store import Store
from sandbox.ehr.trouble import Trouble
from sandbox.ehr.validation import validate
from sandbox.ehr.wire import Json, dumps, loads
from sandbox.smart.server import AuthorizationServer

_ALWAYS_COUNTED = ("Device", "Observation", "Patient")


class EhrServer:
    """One EHR: its WSGI application, its settings and planned faults, and what it holds.

    `smart` is its authorization server, of the same application.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.faults = Faults()
        self.settings = Settings()
        self.smart = AuthorizationServer(clock)
        self._store = store
        searches = Searches(store)
        interactions = Interactions(store, searches, self.settings)
        http = FhirHttp(
            interactions,
            Bundles(interactions),
            searches,
            Trouble(self.faults, store),
            Access(self.settings, self.smart),
        )
        self.app = Flask("sandbox.ehr", static_folder=None)
        self.app.register_blueprint(self.smart.blueprint())
        http.register(self.app)

    def snapshot(self) -> dict[str, int]:
        """Tell how many resources of each type are live."""
        return dict.fromkeys(_ALWAYS_COUNTED, 0) | self._store.counts()


def create_ehr(patients: Iterable[Json], clock: Clock | None = None) -> EhrServer:
    """Give a server that knows these Patient resources; raises Refused for an invalid one.

    The clock is that of its tokens.
    """
    store = Store()
    for patient in patients:
        # Through the wire: numbers and dates as a client would have sent them.
        resource = loads(dumps(patient).encode())
        store.write(("Patient", resource["id"]), validate(resource, "Patient"))
    return EhrServer(store, clock or Clock())
