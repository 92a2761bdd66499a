"""Canaries: marked resources that try a server out and are taken back.

Belongs here: making and removing them. Not here: what is learned from them (`probe.py`). A canary
holds no value, is labelled as a test (HTEST), is retracted before it is deleted, and is found for
that by its identifier: nothing of it depends on what the server answered.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ohx_pipelines.errors import EhrError
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.identifiers import SYSTEM
from ohx_pipelines.fhir.reconcile import RETRACTED

CANARY_SYSTEM = f"{SYSTEM}canary"
TEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
PROFILE = "http://hl7.org/fhir/StructureDefinition/bodyweight"
# Long before any reading: no window of a sync meets it.
TAKEN = datetime(2000, 1, 1, 12, tzinfo=UTC)
WINDOW = (TAKEN - timedelta(hours=1), TAKEN + timedelta(hours=1))


class Left(StrEnum):
    """What is left of the canaries on the server."""

    NOTHING = "nothing"
    RETRACTED = "retracted"  # marked entered-in-error, but not deleted
    CANARY = "canary"


def observation(patient: str) -> dict[str, Any]:
    """Give a weighing without a weight, as one of our readings would look."""
    key = str(uuid.uuid4())
    return {
        "resourceType": "Observation",
        "id": key,
        "meta": {"profile": [PROFILE], "security": [TEST]},
        "identifier": [{"system": CANARY_SYSTEM, "value": key}],
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "vital-signs",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": TAKEN.isoformat(),
        "dataAbsentReason": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                    "code": "not-performed",
                }
            ]
        },
    }


@dataclass
class Canaries:
    """The canaries of one check, and what became of them."""

    client: FhirClient
    # Newest last, so that they are removed in the other order: an Observation before its Patient.
    made: list[tuple[str, str]] = field(default_factory=list)

    def note(self, resource: dict[str, Any]) -> None:
        """Remember a canary before it is sent: also a lost answer may have made one."""
        self.made.append((resource["resourceType"], resource["identifier"][0]["value"]))

    def create_patient(self) -> str:
        """Create a canary Patient and give its id; raises EhrError."""
        patient = {
            "resourceType": "Patient",
            "meta": {"security": [TEST]},
            "identifier": [{"system": CANARY_SYSTEM, "value": str(uuid.uuid4())}],
            "active": False,
        }
        self.note(patient)
        self.client.write("post", "Patient", patient)
        [there, *_] = self.found(*self.made[-1]) or [{"id": ""}]
        return str(there["id"])

    def found(self, kind: str, key: str) -> list[dict[str, Any]]:
        """Give what the server finds by a canary's identifier."""
        return self.client.search(kind, [("identifier", f"{CANARY_SYSTEM}|{key}")])

    def remove(self) -> Left:
        """Take every canary back; says what could not be removed and never raises EhrError."""
        left = [self._remove(kind, key) for kind, key in reversed(self.made)]
        self.made.clear()
        worst = [one for one in (Left.CANARY, Left.RETRACTED) if one in left]
        return worst[0] if worst else Left.NOTHING

    def _remove(self, kind: str, key: str) -> Left:
        try:
            there = self.found(kind, key)
            # A server whose search finds nothing may hold what was put under our id.
            there = there or [one for one in [self.client.read(kind, key)] if one]
        except EhrError:
            return Left.CANARY
        left = [self._removed(one) for one in there]
        return Left.NOTHING if not left else max(left, key=list(Left).index)

    def _removed(self, resource: dict[str, Any]) -> Left:
        path = f"{resource['resourceType']}/{resource['id']}"
        retracted = self._done("put", path, resource | {"status": RETRACTED})
        if self._done("delete", path, None):
            return Left.NOTHING
        return Left.RETRACTED if retracted else Left.CANARY

    def _done(self, method: str, path: str, resource: dict[str, Any] | None) -> bool:
        if resource is not None and resource["resourceType"] != "Observation":
            return False
        try:
            self.client.write(method, path, resource)
        except EhrError:
            return False
        return True
