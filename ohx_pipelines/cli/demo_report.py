"""What the demo shows at its end: one table of what the EHR holds, or one JSON object.

Belongs here: counting and printing. Not here: running anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Counts

PAGE = ("_count", "500")
_COUNTED = ("created", "updated", "unchanged", "retracted", "held_back", "rejected")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the EHR holds: Observations, also by their `meta.versionId`, and Devices."""

    observations: int
    devices: int
    versions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """Everything the demo measured."""

    links: int
    materialized: int
    failed: int
    first: Counts
    second: Counts
    differences: int
    ehr: Held
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing failed, nothing differs, and the second time wrote nothing."""
        troubles = (self.failed, self.differences, self.second.created, self.second.updated)
        return not any(troubles) and self.materialized > 0

    def as_json(self) -> dict[str, Any]:
        """Give the object that `--json` prints."""
        return {
            "links": self.links,
            "partitions": {"materialized": self.materialized, "failed": self.failed},
            "observations": {name: getattr(self.first, name) for name in _COUNTED},
            "second": {name: getattr(self.second, name) for name in _COUNTED[:3]},
            "differences": self.differences,
            "ehr": {"Observation": self.ehr.observations, "Device": self.ehr.devices},
            "ehr_versions": dict(sorted(self.ehr.versions.items())),
            "seconds": round(self.seconds, 1),
        }


def ledger_counts(store: LinkStore, links: Iterable[str]) -> Counts:
    """Add up what the ledger says of every day of the links."""
    rows = [row for link in links for row in store.ledger(link)]
    return sum((row.counts for row in rows), Counts())


def held(client: FhirClient, people: Sequence[Mapping[str, str]] | None) -> Held:
    """Count all that the EHR holds or, of an EHR that others write to, what belongs to `people`."""
    if people is None:
        observations = client.search("Observation", [PAGE])
        devices = len(client.search("Device", [("_elements", "id"), PAGE]))
    else:
        observations = [one for person in people for one in _observations(client, person)]
        devices = len({one["device"]["reference"] for one in observations if "device" in one})
    versions = Counter(str(one.get("meta", {}).get("versionId")) for one in observations)
    return Held(observations=len(observations), devices=devices, versions=versions)


def table(client: FhirClient, people: Iterable[Mapping[str, str]]) -> str:
    """Give the table of Observations per patient and metric, read back from the EHR."""
    lines = [f"{'PATIENT':<22}{'METRIC':<48}{'OBSERVATIONS':>12}"]
    for person in people:
        found = Counter(_display(one) for one in _observations(client, person))
        for metric, number in sorted(found.items()):
            lines.append(f"{person['name']:<22}{metric:<48}{number:>12}")
    return "\n".join(lines)


def _observations(client: FhirClient, person: Mapping[str, str]) -> list[dict[str, Any]]:
    return client.search("Observation", [("patient", f"Patient/{person['patient_id']}"), PAGE])


def _display(observation: Mapping[str, Any]) -> str:
    coding = observation["code"]["coding"][0]
    return str(coding.get("display", coding["code"]))
