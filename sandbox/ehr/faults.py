"""Planned misbehaviour of the EHR: what it does wrong, how often, and to whom.

Belongs here: the list of faults and whom each concerns. Not here: carrying them out (`trouble.py`,
`bundles.py`). The reader of `sandbox/reader/` is spared: it judges, and must not use them up.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox import bad_connection
from sandbox.ehr.outcomes import Refused, refuse

READ, WRITE = "read", "write"
# Of single entries, and of answers to a Bundle: there is nothing to read in any.
ENTRY_KINDS = ("entry_status", "conflict")
BUNDLE_KINDS = ("whole_bundle", "not_a_bundle", "missing_entries")
REFUSALS = ("status", *ENTRY_KINDS)
KINDS = (*REFUSALS, *BUNDLE_KINDS, *bad_connection.BEFORE, *bad_connection.AFTER)
SPARED_HEADER = "X-Sandbox-Reader"

_ISSUE_CODES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    412: "conflict",
    422: "processing",
    429: "throttled",
    503: "transient",
    504: "timeout",
}
_DEFAULT_STATUS = {"status": 503, "entry_status": 422, "conflict": 409}
_CONFLICTS = {409, 412}


@dataclass(kw_only=True)
class Fault:
    """One planned fault; `remaining` counts requests (for those of entries: entries)."""

    kind: str
    remaining: int | None
    patient: str | None
    method: str | None
    status: int
    seconds: float | None
    echo: bool = False

    def concerns(self, patients: Collection[str], method: str) -> bool:
        """Say whether a request of this method about these patients is meant."""
        is_theirs = self.patient is None or self.patient in patients
        return is_theirs and self.method in {None, method}

    def refusal(self, sent: str) -> Refused:
        """Give the refusal that this fault answers with; an echo repeats what was sent."""
        code = _ISSUE_CODES.get(self.status, "exception")
        said = f"planned by the sandbox: {sent}" if self.echo else "planned by the sandbox"
        refused = refuse(self.status, code, said)
        return Refused(refused.status, refused.issues, retry_after=self.seconds)


class Faults:
    """All planned faults; safe to change while requests are served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def add(  # noqa: PLR0913 (the fields of an order)
        self,
        kind: str,
        *,
        count: int | None = None,
        patient: str | None = None,
        method: str | None = None,
        status: int | None = None,
        seconds: float | None = None,
        echo: bool = False,
    ) -> None:
        """Plan a fault: for the next `count` times or until cleared, for one patient or for all.

        With a `method` it hits reads (GET and _search) or writes alone; with `echo` a refusal repeats
        what it refuses. What each kind does stands in `trouble.py`. Raises ValueError for an unknown kind and for what does not go with it.
        """
        _check(kind, count, method, status)
        if echo and kind not in REFUSALS:
            raise ValueError(f"echo goes with {', '.join(REFUSALS)}")
        fault = Fault(
            kind=kind,
            remaining=count,
            patient=patient,
            method=method,
            status=status or _DEFAULT_STATUS.get(kind, 500),
            seconds=seconds,
            echo=echo,
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

    def take(self, kind: str, patients: Collection[str], method: str) -> Fault | None:
        """Give the first fault of a kind that concerns a request, and use it up once."""
        with self._lock:
            for fault in self._planned:
                if fault.kind == kind and fault.concerns(patients, method):
                    if fault.remaining is not None:
                        fault.remaining -= 1
                    if fault.remaining == 0:
                        self._planned.remove(fault)
                    return fault
        return None


def _check(kind: str, count: int | None, method: str | None, status: int | None) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if count is not None and count < 1:
        raise ValueError("count must be at least 1")
    if method not in {None, READ, WRITE}:
        raise ValueError(f"method must be {READ} or {WRITE}")
    if method == READ and kind in {*ENTRY_KINDS, *BUNDLE_KINDS}:
        raise ValueError(f"{kind} happens to writes only")
    if kind == "conflict" and status not in {None, *_CONFLICTS}:
        raise ValueError("a conflict has the status 409 or 412")


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
