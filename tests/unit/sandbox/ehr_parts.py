"""A running EHR stand-in and hand-made FHIR resources for its tests.

Belongs here: what several tests of the EHR and of the reader need. Not here: what they expect.
"""

import logging
import threading
from contextlib import contextmanager

import requests
from werkzeug.serving import make_server

from sandbox.ehr.app import create_ehr

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
PROFILE = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
PATIENTS = ("anna", "bert")


class Ehr:
    """One server over real HTTP, with the few calls that tests make."""

    def __init__(self, server, url):
        self.server = server
        self.faults = server.faults
        self.url = url
        self.session = requests.Session()

    def call(self, method, path="", *, headers=None, **more):
        base = {"Content-Type": "application/fhir+json"} if "json" in more or "data" in more else {}
        url = path if path.startswith("http") else f"{self.url}/{path}".rstrip("/")
        return self.session.request(method, url, headers=base | (headers or {}), timeout=20, **more)

    def get(self, path, **parameters):
        return self.call("GET", path, params=parameters)

    def put(self, resource, **more):
        path = f"{resource['resourceType']}/{resource['id']}"
        return self.call("PUT", path, json=resource, **more)

    def bundle(self, kind, *entries, **more):
        body = {"resourceType": "Bundle", "type": kind}
        return self.call("POST", json=body | ({"entry": list(entries)} if entries else {}), **more)

    def found(self, path, **parameters):
        """Follow every next link and give the ids."""
        ids, answer = [], self.get(path, **parameters).json()
        while True:
            ids += [entry["resource"]["id"] for entry in answer.get("entry", [])]
            links = [one["url"] for one in answer["link"] if one["relation"] == "next"]
            if not links:
                return ids
            answer = self.get(links[0]).json()


@contextmanager
def running_ehr(patients=PATIENTS):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    ehr = create_ehr({"resourceType": "Patient", "id": one, "active": True} for one in patients)
    server = make_server("127.0.0.1", 0, ehr.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    client = Ehr(ehr, f"http://127.0.0.1:{server.server_port}/fhir")
    try:
        yield client
    finally:
        client.session.close()
        server.shutdown()
        thread.join()
        server.server_close()


def concept(code, system=LOINC):
    return {"coding": [{"system": system, "code": code}]}


def quantity(value, unit):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(number="w1", code="29463-7", *, patient="anna", **more):
    """Make a plain Observation without profile; None takes an element away."""
    made = {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "category": [concept("vital-signs", CATEGORY)],
        "code": concept(code) if isinstance(code, str) else code,
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-11-20T07:31:02+01:00",
        "valueQuantity": quantity(72.5, "kg"),
    } | more
    return {name: part for name, part in made.items() if part is not None}


def weight(number="w1", **more):
    return observation(number, **({"meta": {"profile": [f"{PROFILE}bodyweight"]}} | more))


def side(code, value=80, unit="mm[Hg]"):
    return {"code": concept(code), "valueQuantity": quantity(value, unit)}


def pressure(number="p1", *, component=None, **more):
    sides = [side("8480-6", 128), side("8462-4", 81)] if component is None else component
    profile = {"meta": {"profile": [f"{PROFILE}bp"]}, "valueQuantity": None}
    return observation(number, "85354-9", component=sides, **(profile | more))


def device(number="d1", value="hash-1"):
    identifier = [{"system": "https://vendor.example/device", "value": value}]
    return {"resourceType": "Device", "id": number, "identifier": identifier}


def entry(resource, method="PUT", *, full_url=None, url=None, **request):
    """Wrap a resource for a Bundle."""
    kind, number = resource["resourceType"], resource.get("id")
    default = f"{kind}/{number}" if method == "PUT" else kind
    return {
        "fullUrl": full_url or f"https://sender.example/{kind}/{number}",
        "resource": resource,
        "request": {"method": method, "url": url or default, **request},
    }
