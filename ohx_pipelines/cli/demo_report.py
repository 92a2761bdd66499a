"""What the demo shows at its end: one table of what the EHR holds, or one JSON object.

Belongs here: counting and printing. Not here: running anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Counts

_COUNTED = ("created", "updated", "unchanged", "retracted", "held_back", "rejected")


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """Everything the demo measured."""

    links: int
    materialized: int
    failed: int
    first: Counts
    second: Counts
    differences: int
    ehr: Mapping[str, int]
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
            "ehr": dict(self.ehr),
            "seconds": round(self.seconds, 1),
        }


def ledger_counts(store: LinkStore, links: Iterable[str]) -> Counts:
    """Add up what the ledger says of every day of the links."""
    rows = [row for link in links for row in store.ledger(link)]
    return sum((row.counts for row in rows), Counts())


def ehr_totals(client: FhirClient) -> dict[str, int]:
    """Count what the EHR holds."""
    return {kind: len(_all(client, kind)) for kind in ("Observation", "Device")}


def table(client: FhirClient, people: Iterable[Mapping[str, str]]) -> str:
    """Give the table of Observations per patient and metric, read back from the EHR."""
    lines = [f"{'PATIENT':<22}{'METRIC':<48}{'OBSERVATIONS':>12}"]
    for person in people:
        found = client.search("Observation", [("patient", person["patient_id"]), ("_count", "200")])
        for metric, number in sorted(Counter(_display(one) for one in found).items()):
            lines.append(f"{person['name']:<22}{metric:<48}{number:>12}")
    return "\n".join(lines)


def _all(client: FhirClient, kind: str) -> list[dict[str, Any]]:
    return client.search(kind, [("_elements", "id"), ("_count", "500")])


def _display(observation: Mapping[str, Any]) -> str:
    coding = observation["code"]["coding"][0]
    return str(coding.get("display", coding["code"]))
