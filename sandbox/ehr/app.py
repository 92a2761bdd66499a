"""The EHR stand-in as a web application: `create_ehr(patients).app` serves FHIR R5 at `/fhir`.

Belongs here: putting the parts together, and HTTP. Not here: what FHIR wants (the other modules),
and how the process is served (`sandbox/__main__.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from sandbox.ehr.bundles import Bundles
from sandbox.ehr.faults import Faults
from sandbox.ehr.fhir_http import FhirHttp
from sandbox.ehr.interactions import Interactions
from sandbox.ehr.results import Searches
from sandbox.ehr.store import Store
from sandbox.ehr.trouble import Trouble
from sandbox.ehr.validation import validate
from sandbox.ehr.wire import Json, dumps, loads

_ALWAYS_COUNTED = ("Device", "Observation", "Patient")


class EhrServer:
    """One EHR: its WSGI application, its planned faults, and what it holds."""

    def __init__(self, store: Store) -> None:
        self.faults = Faults()
        self._store = store
        searches = Searches(store)
        interactions = Interactions(store, searches)
        trouble = Trouble(self.faults, store)
        http = FhirHttp(interactions, Bundles(store, interactions), searches, trouble)
        self.app = Flask("sandbox.ehr", static_folder=None)
        http.register(self.app)

    def snapshot(self) -> dict[str, int]:
        """Tell how many resources of each type are live."""
        return dict.fromkeys(_ALWAYS_COUNTED, 0) | self._store.counts()


def create_ehr(patients: Iterable[Json]) -> EhrServer:
    """Give a server that knows these Patient resources; raises Refused for an invalid one."""
    store = Store()
    for patient in patients:
        # Through the wire: numbers and dates as a client would have sent them.
        resource = loads(dumps(patient).encode())
        store.write(("Patient", resource["id"]), validate(resource, "Patient"))
    return EhrServer(store)
