"""Planned misbehaviour of the EHR: what it does wrong, how often, and to whom.

Belongs here: the list of faults and whom each concerns. Not here: carrying them out (`app.py`,
`bundles.py`). The reader of `sandbox/reader.py` is spared: it judges, and must not use them up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.ehr.outcomes import Refused, refuse

KINDS = ("status", "slow", "drop_after_commit", "entry_status", "whole_bundle")
SPARED_HEADER = "X-Sandbox-Reader"

_ISSUE_CODES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    422: "processing",
    429: "throttled",
    503: "transient",
    504: "timeout",
}
_DEFAULT_STATUS = {"status": 503, "entry_status": 422}


@dataclass(kw_only=True)
class Fault:
    """One planned fault; `remaining` counts requests (for entry_status: entries)."""

    kind: str
    remaining: int | None
    patient: str | None
    status: int
    seconds: float | None

    def refusal(self) -> Refused:
        """Give the refusal that this fault answers with."""
        code = _ISSUE_CODES.get(self.status, "exception")
        refused = refuse(self.status, code, "planned by the sandbox")
        return Refused(refused.status, refused.issues, retry_after=self.seconds)


class Faults:
    """All planned faults; safe to change while requests are served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def add(
        self,
        kind: str,
        *,
        count: int | None = None,
        patient: str | None = None,
        status: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Plan a fault: for the next `count` times or until cleared, for one patient or for all.

        `status` answers with that status (503) and `seconds` as Retry-After; `slow` waits `seconds`;
        `drop_after_commit` does the work and breaks the connection; `entry_status` refuses Bundle
        entries (422); `whole_bundle` lets one invalid entry cost its batch, as HAPI does when it
        validates requests. Raises ValueError for an unknown kind and a count below 1.
        """
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if count is not None and count < 1:
            raise ValueError("count must be at least 1")
        fault = Fault(
            kind=kind,
            remaining=count,
            patient=patient,
            status=status or _DEFAULT_STATUS.get(kind, 500),
            seconds=seconds,
        )
        with self._lock:
            self._planned.append(fault)

    def clear(self) -> None:
        """Plan nothing any more."""
        with self._lock:
            self._planned.clear()

    @property
    def are_planned(self) -> bool:
        """Tell whether there is any fault to look for."""
        with self._lock:
            return bool(self._planned)

    def take(self, kind: str, patients: Iterable[str]) -> Fault | None:
        """Give the first fault of a kind that concerns one of the patients, and use it up once."""
        concerned = set(patients)
        with self._lock:
            for fault in self._planned:
                is_concerned = fault.patient is None or fault.patient in concerned
                if fault.kind == kind and is_concerned:
                    if fault.remaining is not None:
                        fault.remaining -= 1
                    if fault.remaining == 0:
                        self._planned.remove(fault)
                    return fault
        return None


def patients_of(body: Any) -> set[str]:
    """Give the ids of the patients whom a resource, or any entry of a Bundle, is about."""
    if not isinstance(body, dict):
        return set()
    entries = body.get("entry")
    found = set()
    if body.get("resourceType") == "Bundle" and isinstance(entries, list):
        for entry in entries:
            if isinstance(entry, dict):
                found |= patients_of(entry.get("resource")) | _patients_of_address(entry)
        return found
    if body.get("resourceType") == "Patient" and isinstance(body.get("id"), str):
        found.add(body["id"])
    for name in ("subject", "patient"):
        part = body.get(name)
        if isinstance(part, dict) and isinstance(part.get("reference"), str):
            found.add(part["reference"].rpartition("/")[2])
    return found


def _patients_of_address(entry: dict[str, Any]) -> set[str]:
    request = entry.get("request")
    url = request.get("url") if isinstance(request, dict) else None
    if isinstance(url, str) and url.startswith("Patient/"):
        return {url.removeprefix("Patient/")}
    return set()
