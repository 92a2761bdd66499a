"""Canaries: marked resources that try a server out and are taken back.

Belongs here: making, finding and removing them. Not here: what is learned from them (`probe.py`). A
canary holds no value, is labelled as a test (HTEST) and is retracted before it is deleted. Whatever a
server lists or names: only what carries a canary's own identifier is ever touched.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ohx_pipelines.errors import EhrError, EhrRejected
from ohx_pipelines.fhir.answers.searchset import BUNDLE, resource_in, resources
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.identifiers import SYSTEM
from ohx_pipelines.fhir.reconcile import RETRACTED
from ohx_pipelines.fhir.writing.references import address_in

CANARY_SYSTEM = f"{SYSTEM}canary"
TEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
PROFILE = "http://hl7.org/fhir/StructureDefinition/bodyweight"
# Long before any reading: no window of a sync meets it.
TAKEN = datetime(2000, 1, 1, 12, tzinfo=UTC)
WINDOW = (TAKEN - timedelta(hours=1), TAKEN + timedelta(hours=1))
# Some servers index what was written a moment later.
SEARCHES = 4
SEARCH_PAUSE_SECONDS = 0.5


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
    """The canaries of one check, and what became of them.

    Where nothing may be read (`reads` is False) they live under the ids that we chose, or nowhere.
    """

    client: FhirClient
    reads: bool = True
    # Newest last, so that they are removed in the other order: an Observation before its Patient.
    made: list[tuple[str, str]] = field(default_factory=list)
    # Where the server says that those live which it took.
    taken: dict[str, set[str]] = field(default_factory=dict)
    _sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, resource: dict[str, Any]) -> None:
        """Remember a canary before it is sent: also a lost answer may have made one."""
        key = resource["identifier"][0]["value"]
        self.made.append((resource["resourceType"], key))
        self._sent[key] = resource

    def note_refused(self, key: str) -> None:
        """Forget a canary that the server says it did not take, unless it did before."""
        self.made = [one for one in self.made if one[1] != key or key in self.taken]

    def note_taken(self, key: str, location: object = None) -> None:
        """Remember that the server took a canary, and where it says that it lives."""
        address = address_in(location)
        self.taken.setdefault(key, set()).update([address] if address else [])

    def searches(self, kind: str) -> bool:
        """Tell whether the server minds a search by identifier; without that nothing may be tried.

        A lenient server ignores what it does not know and lists everything it holds.
        """
        nobody = {"identifier": f"{CANARY_SYSTEM}|{uuid.uuid4()}", "_count": "1"}
        page = resource_in(self.client.execute(kind, method="get", params=nobody), BUNDLE)
        return not resources(page, {kind})

    def create_patient(self) -> str:
        """Create a canary Patient and give its id; raises EhrError."""
        key = str(uuid.uuid4())
        patient = {
            "resourceType": "Patient",
            "meta": {"security": [TEST]},
            "identifier": [{"system": CANARY_SYSTEM, "value": key}],
            "active": False,
        }
        if not self.reads:
            return self._put_patient(patient | {"id": key})
        self.note(patient)
        self.client.write("post", "Patient", patient)
        self.note_taken(key)
        [there, *_] = self.found("Patient", key) or [{"id": ""}]
        return str(there["id"])

    def _put_patient(self, patient: dict[str, Any]) -> str:
        key: str = patient["id"]
        self.note(patient)
        try:
            self.client.write("put", f"Patient/{key}", patient)
        except EhrRejected:
            self.note_refused(key)
            raise
        self.note_taken(key)
        return key

    def found(self, kind: str, key: str) -> list[dict[str, Any]]:
        """Give what the server finds by a canary's identifier, at once or a moment later."""
        there: list[dict[str, Any]] = []
        for number in range(SEARCHES if key in self.taken else 1):
            time.sleep(SEARCH_PAUSE_SECONDS if number else 0.0)
            listed = self.client.search(kind, [("identifier", f"{CANARY_SYSTEM}|{key}")])
            there = [one for one in listed if _is_canary(one, key)]
            if there:
                break
        return there

    def remove(self) -> Left:
        """Take every canary back; says what could not be removed and never raises EhrError."""
        left = [self._remove(kind, key) for kind, key in reversed(self.made)]
        self.made.clear()
        worst = [one for one in (Left.CANARY, Left.RETRACTED) if one in left]
        return worst[0] if worst else Left.NOTHING

    def _remove(self, kind: str, key: str) -> Left:
        if not self.reads:
            return self._remove_unread(kind, key)
        try:
            there = self.found(kind, key)
            there += self._unfound(kind, key, [one["id"] for one in there])
        except EhrError:
            return Left.CANARY
        left = [self._removed(one) for one in there]
        if not there and key in self.taken:
            left = [Left.CANARY]
        return max(left, key=list(Left).index, default=Left.NOTHING)

    def _remove_unread(self, kind: str, key: str) -> Left:
        named = self.taken.get(key) or {f"{kind}/{key}"}
        ids = [one.removeprefix(f"{kind}/") for one in named if one.startswith(f"{kind}/")]
        left = [self._removed(self._sent[key] | {"id": one}) for one in sorted(ids)]
        return max(left, key=list(Left).index, default=Left.CANARY)

    def _unfound(self, kind: str, key: str, found: list[str]) -> list[dict[str, Any]]:
        """Give what no search finds: it lives where the server said, or was put under our id."""
        named = self.taken.get(key, set()) | (set() if found else {f"{kind}/{key}"})
        ids = {one.removeprefix(f"{kind}/") for one in named if one.startswith(f"{kind}/")}
        read = [self.client.read(kind, one) for one in sorted(ids - set(found))]
        return [one for one in read if one and _is_canary(one, key)]

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


def _is_canary(resource: dict[str, Any], key: str) -> bool:
    carried = resource.get("identifier", [])
    return any((one.get("system"), one.get("value")) == (CANARY_SYSTEM, key) for one in carried)
