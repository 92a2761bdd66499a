"""The history of one resource: its versions, and what was done to make each.

Belongs here: the history Bundle. Not here: keeping versions (`store.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.ehr.outcomes import status_line
from sandbox.ehr.store import Version
from sandbox.ehr.wire import Json

_DONE = {"POST": 201, "PUT": 200, "DELETE": 204}


def history_bundle(versions: Sequence[Version], base: str) -> Json:
    """Give versions, newest first, as a history Bundle."""
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(versions),
        "entry": [_entry(one, base) for one in reversed(versions)],
    }


def _entry(version: Version, base: str) -> Json:
    address, method = "/".join(version.key), _method(version)
    entry: Json = {"fullUrl": f"{base}/{address}"}
    if version.resource is not None:
        entry["resource"] = version.resource
    entry["request"] = {"method": method, "url": version.key[0] if method == "POST" else address}
    entry["response"] = {
        "status": status_line(_DONE[method]),
        "etag": version.etag,
        "lastModified": version.updated.isoformat(timespec="milliseconds"),
    }
    return entry


def _method(version: Version) -> str:
    if version.resource is None:
        return "DELETE"
    # As HAPI does, also for a first version that a PUT made.
    return "POST" if version.number == 1 else "PUT"
