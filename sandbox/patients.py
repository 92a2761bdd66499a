"""The sandbox people as FHIR Patients, for an EHR to know from the start.

Belongs here: one resource per person, and putting them into an EHR that is not the sandbox's. Not
here: anything that is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import requests

from sandbox.people import Person

TIMEOUT_SECONDS = 60
SYSTEM = "https://sandbox.example/fhir/sid/record-number"


def birth_date(person: Person) -> date:
    """Give the day somebody was born on, always the same: between 1945 and 1999."""
    digest = hashlib.sha256(f"born|{person.login}".encode()).digest()
    return date(1945, 1, 1) + timedelta(days=int.from_bytes(digest[:4], "big") % 20_000)


def as_patient(person: Person) -> dict[str, Any]:
    """Give a person's Patient resource."""
    given, _, family = person.name.rpartition(" ")
    return {
        "resourceType": "Patient",
        "id": person.patient_id,
        "active": True,
        "identifier": [{"system": SYSTEM, "value": person.patient_id}],
        "name": [{"text": person.name, "family": family, "given": [given]}],
        "birthDate": birth_date(person).isoformat(),
    }


class PatientsRefused(Exception):
    """The EHR did not take a Patient; the message says how it answered."""


def put_patients(ehr_url: str, people: Iterable[Person]) -> None:
    """Put everybody's Patient into a FHIR server; raises PatientsRefused when it takes one not."""
    with requests.Session() as session:
        session.headers["Content-Type"] = "application/fhir+json"
        for person in people:
            url = f"{ehr_url}/Patient/{person.patient_id}"
            try:
                answer = session.put(url, json=as_patient(person), timeout=TIMEOUT_SECONDS)
            except requests.RequestException as error:
                raise PatientsRefused(f"{ehr_url} cannot be reached: {error}") from None
            if answer.status_code not in {200, 201}:
                said = f"{answer.status_code} {answer.text[:500]}"
                raise PatientsRefused(f"{url} answered {said}")
