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
OF_PATIENT = ("Consent", "DeviceAssociation", "Provenance")
BESIDES = (*OF_PATIENT, "DeviceDefinition")
_COUNTED = ("created", "updated", "unchanged", "retracted", "held_back", "rejected")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the EHR holds: Observations, also by their `meta.versionId`, Devices, and the rest."""

    observations: int
    devices: int
    versions: Mapping[str, int]
    besides: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """Everything the demo measured."""

    links: int
    files: int
    materialized: int
    failed: int
    # Of the clouds' days and the files' alike.
    first: Counts
    second: Counts
    differences: int
    # Links whose Consent and devices the EHR was not told of.
    uncopied: int
    ehr: Held
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether nothing failed or is missing or differs, and the second time wrote nothing."""
        written_twice = (self.second.created, self.second.updated)
        troubles = (self.failed, self.differences, self.uncopied, *written_twice)
        return not any(troubles) and self.materialized > 0

    def as_json(self) -> dict[str, Any]:
        """Give the object that `--json` prints."""
        return {
            "links": self.links,
            "partitions": {"materialized": self.materialized, "failed": self.failed},
            "files": self.files,
            "observations": {name: getattr(self.first, name) for name in _COUNTED},
            "second": {name: getattr(self.second, name) for name in _COUNTED[:3]},
            "differences": self.differences,
            "uncopied": self.uncopied,
            "ehr": {
                "Observation": self.ehr.observations,
                "Device": self.ehr.devices,
                **self.ehr.besides,
            },
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
        devices = client.search("Device", [PAGE])
        besides = {kind: len(client.search(kind, [PAGE])) for kind in BESIDES}
    else:
        observations = [one for person in people for one in _of("Observation", client, person)]
        devices = _devices_of(observations, client)
        besides = {kind: sum(len(_of(kind, client, one)) for one in people) for kind in OF_PATIENT}
        besides["DeviceDefinition"] = len({_definition(one) for one in devices} - {None})
    versions = Counter(str(one.get("meta", {}).get("versionId")) for one in observations)
    return Held(
        observations=len(observations), devices=len(devices), versions=versions, besides=besides
    )


def besides_readings(found: Held) -> str:
    """Say what the EHR holds besides Observations."""
    counted = {"Device": found.devices, **found.besides}
    return ", ".join(f"{number} {kind}" for kind, number in counted.items())


def table(client: FhirClient, people: Iterable[Mapping[str, str]]) -> str:
    """Give the table of Observations per patient and metric, read back from the EHR."""
    lines = [f"{'PATIENT':<22}{'METRIC':<48}{'OBSERVATIONS':>12}"]
    for person in people:
        found = Counter(_display(one) for one in _of("Observation", client, person))
        for metric, number in sorted(found.items()):
            lines.append(f"{person['name']:<22}{metric:<48}{number:>12}")
    return "\n".join(lines)


def _of(kind: str, client: FhirClient, person: Mapping[str, str]) -> list[dict[str, Any]]:
    return client.search(kind, [("patient", f"Patient/{person['patient_id']}"), PAGE])


def _devices_of(
    observations: Iterable[Mapping[str, Any]], client: FhirClient
) -> list[dict[str, Any]]:
    named = {one["device"]["reference"] for one in observations if "device" in one}
    ids = sorted(reference.rpartition("/")[2] for reference in named)
    return client.search("Device", [("_id", ",".join(ids)), PAGE]) if ids else []


def _definition(device: Mapping[str, Any]) -> str | None:
    named = device.get("definition", {}).get("reference", {}).get("reference")
    return str(named) if named else None


def _display(observation: Mapping[str, Any]) -> str:
    coding = observation["code"]["coding"][0]
    return str(coding.get("display", coding["code"]))
