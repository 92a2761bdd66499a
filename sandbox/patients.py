"""The sandbox people as FHIR Patients, for the EHR to know from the start.

Belongs here: one resource per person. Not here: anything that is measured.
"""

from __future__ import annotations

from typing import Any

from sandbox.people import Person

SYSTEM = "https://sandbox.example/fhir/sid/record-number"


def as_patient(person: Person) -> dict[str, Any]:
    """Give a person's Patient resource."""
    given, _, family = person.name.rpartition(" ")
    return {
        "resourceType": "Patient",
        "id": person.patient_id,
        "active": True,
        "identifier": [{"system": SYSTEM, "value": person.patient_id}],
        "name": [{"text": person.name, "family": family, "given": [given]}],
    }
