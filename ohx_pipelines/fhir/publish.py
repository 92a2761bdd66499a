"""Writes a day's resources to the EHR: Bundles of `PUT` by id, every entry's answer read.

Belongs here: reading what is there, sending differences, what each answer means. Not here: what is
different (`reconcile.py`) or HTTP (`client.py`).
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from ohx_pipelines.errors import EhrConflict, EhrError, EhrRejected
from ohx_pipelines.fhir.client import CONFLICTS, FhirClient, failure
from ohx_pipelines.fhir.identifiers import record_system
from ohx_pipelines.fhir.issue_types import ISSUE_TYPES
from ohx_pipelines.fhir.reconcile import Action, Decision, decide

T = TypeVar("T")

# What public FHIR infrastructures take at most, in entries; 100 Observations are about 90 kB.
MOST_ENTRIES = 100
IDS_PER_SEARCH = 50
CONFLICT_ROUNDS = 3
# Answers to one entry that say: this resource, and it alone, is refused.
REFUSALS = frozenset({400, 404, 405, 410, 413, 422})
# The same for a whole Bundle: strict servers refuse all of it for one bad entry.
BUNDLE_REFUSALS = frozenset({400, 413, 422})


@dataclass
class Written:
    """What came of a day's resources; `rejected` counts by the issue code of the answer."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    decision: Decision
    status: int
    issue: str


class Publisher:
    """Reads and writes one EHR."""

    def __init__(self, client: FhirClient) -> None:
        """Work on `client`, which stays the caller's to close."""
        self._client = client

    def ensure_devices(self, devices: Iterable[dict[str, Any]]) -> None:
        """Write the devices that are missing or differ; raises EhrError when one is not there after.

        They come first: an Observation may not refer to what does not exist.
        """
        wanted = list(devices)
        existing = self.read_by_ids("Device", [one["id"] for one in wanted])
        written = self.publish_day(wanted, existing)
        if written.rejected:
            message = "the EHR refuses a Device"
            raise EhrRejected(message, status=written.status)

    def read_existing(
        self, *, patient: str, vendor: str, start: datetime, end: datetime
    ) -> dict[str, dict[str, Any]]:
        """Give the patient's Observations from this vendor for start <= effective < end, by id."""
        system = record_system(vendor)
        found = self._client.search(
            "Observation",
            [
                ("patient", f"Patient/{patient}"),
                ("date", f"ge{_utc(start)}"),
                ("date", f"lt{_utc(end)}"),
                ("identifier", f"{system}|"),
            ],
        )
        return {one["id"]: one for one in found if _is_ours(one, system)}

    def read_by_ids(self, resource_type: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Give those of the resources that exist, by id."""
        found: dict[str, dict[str, Any]] = {}
        for chunk in _chunks(ids, IDS_PER_SEARCH):
            resources = self._client.search(resource_type, [("_id", ",".join(chunk))])
            found |= {one["id"]: one for one in resources}
        return found

    def publish_day(
        self, desired: Sequence[dict[str, Any]], existing: Mapping[str, Mapping[str, Any]]
    ) -> Written:
        """Write what differs, and say what became of every resource.

        Raises EhrDown or EhrRejected when the EHR is down or refuses us altogether; what it refuses
        of single resources is counted and costs nothing else.
        """
        decisions = [decide(one, existing.get(one["id"])) for one in desired]
        written = Written(unchanged=sum(one.action is Action.LEAVE for one in decisions))
        pending = [one for one in decisions if one.action is not Action.LEAVE]
        for round_number in range(CONFLICT_ROUNDS + 1):
            conflicts = self._write(pending, written)
            if not conflicts:
                return written
            time.sleep(random.uniform(0.05, 0.3) * round_number)  # noqa: S311 (jitter)
            pending = self._decide_again(conflicts, written)
        message = "other writers were at the EHR first, time and again"
        raise EhrConflict(message, status=409)

    def _write(self, decisions: Sequence[Decision], written: Written) -> list[Decision]:
        """Send decisions; gives those that met another writer."""
        conflicts = []
        for chunk in _chunks(decisions, MOST_ENTRIES):
            for answer in self._send(chunk):
                if answer.status in CONFLICTS:
                    conflicts.append(answer.decision)
                else:
                    _count(answer, written)
        return conflicts

    def _send(self, decisions: Sequence[Decision]) -> Iterator[_Answer]:
        """Send one Bundle; where the whole of it is refused, find the entry by halving."""
        if not decisions:
            return
        try:
            responses = self._client.batch([self._entry(one.resource) for one in decisions])
        except EhrError as error:
            refusal = error.status if isinstance(error, EhrRejected) else None
            conflict = error.status if isinstance(error, EhrConflict) else None
            if conflict is None and refusal not in BUNDLE_REFUSALS:
                raise
            status = conflict or refusal or 0
        else:
            yield from map(_answer, decisions, responses)
            return
        if len(decisions) == 1:
            yield _Answer(decision=decisions[0], status=status, issue=f"http_{status}")
            return
        middle = len(decisions) // 2
        yield from self._send(decisions[:middle])
        yield from self._send(decisions[middle:])

    def _decide_again(self, conflicts: Sequence[Decision], written: Written) -> list[Decision]:
        """Read what the other writer left and decide anew: equal content needs no writing."""
        kinds = {one.resource["resourceType"] for one in conflicts}
        there: dict[str, dict[str, Any]] = {}
        for kind in kinds:
            ids = [o.resource["id"] for o in conflicts if o.resource["resourceType"] == kind]
            there |= self.read_by_ids(kind, ids)
        again = [decide(one.resource, there.get(one.resource["id"])) for one in conflicts]
        written.unchanged += sum(one.action is Action.LEAVE for one in again)
        return [one for one in again if one.action is not Action.LEAVE]

    def _entry(self, resource: dict[str, Any]) -> dict[str, Any]:
        path = f"{resource['resourceType']}/{resource['id']}"
        return {
            # Strict servers refuse entries without it.
            "fullUrl": f"{self._client.url}/{path}",
            "resource": resource,
            "request": {"method": "PUT", "url": path},
        }


def _answer(decision: Decision, response: Mapping[str, Any]) -> _Answer:
    text = str(response.get("status", ""))[:3]
    status = int(text) if text.isdigit() else 0
    return _Answer(decision=decision, status=status, issue=_issue_code(response, status))


def _issue_code(response: Mapping[str, Any], status: int) -> str:
    """Give the issue type of the first error that has one; never a word of the server's own."""
    outcome = response.get("outcome")
    issues = outcome.get("issue", []) if isinstance(outcome, dict) else []
    codes = [
        str(one.get("code"))
        for one in issues
        if isinstance(one, dict) and one.get("severity") in {"error", "fatal"}
    ]
    known = [code for code in codes if code in ISSUE_TYPES]
    return known[0] if known else f"http_{status}"


def _count(answer: _Answer, written: Written) -> None:
    if answer.status in {200, 201, 204}:
        if answer.decision.action is Action.CREATE:
            written.created += 1
        else:
            written.updated += 1
        return
    if answer.status not in REFUSALS:
        raise failure(answer.status) if answer.status else EhrRejected("an entry has no status")
    written.rejected[answer.issue] += 1
    written.status = answer.status


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[n : n + size] for n in range(0, len(items), size))


def _is_ours(observation: Mapping[str, Any], system: str) -> bool:
    return any(one.get("system") == system for one in observation.get("identifier", []))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
