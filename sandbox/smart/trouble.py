"""Ordered faults as they show at the authorization server.

Belongs here: what each kind does to its answer. Not here: the orders (`sandbox/faults.py`).

An endpoint (`discovery`, `token`) can suffer what `sandbox/bad_connection.py` lists before the
work, and

- `status`: answers HTTP `status` (503) with a page, and `seconds` as Retry-After.
"""

from __future__ import annotations

from flask import Response

from sandbox import bad_connection
from sandbox.faults import Fault, Faults

ENDPOINTS = frozenset({"discovery", "token"})
KINDS = frozenset({"status", *bad_connection.BEFORE})


def suffer(faults: Faults, endpoint: str | None) -> Response | None:
    """Let faults happen to an endpoint; gives what it answers instead, or None to go on."""
    name = (endpoint or "").rpartition(".")[2]
    for fault in faults.take(None, name):
        if fault.kind == "status":
            return _status(fault)
        instead = bad_connection.interrupt(fault.kind, fault.seconds, media_type="application/json")
        if instead is not None:
            return instead
    return None


def _status(fault: Fault) -> Response:
    answer = Response("<html><body>Error</body></html>", fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer
