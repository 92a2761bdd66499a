"""Every stored EHR connection: it answers, speaks R5, takes our credentials and our updates.

Belongs here: what an EHR's CapabilityStatement must say. Not here: requests (`fhir/client.py`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

from ohx_pipelines.cli.checks.finding import Finding, failed, guarded, ok, warning
from ohx_pipelines.errors import EhrDown, EhrError, EhrMalformed, EhrRejected, SignInRefused
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import ehr_client

WRITTEN = ("Observation", "Device")
LONGEST_SECONDS = 10.0
NO_RIGHTS = frozenset({401, 403})
# Nothing has this id: the answer proves the right to read and holds nobody's data.
NOBODYS_ID = "ohx-doctor-asks-for-nothing"
# What a resource type must list in each write mode.
_INTERACTION = {
    "put-id": ("update", "`PUT` by id"),
    "conditional-update": ("update", "conditional update"),
    "conditional-create": ("create", "conditional create"),
    "blind": ("update", "`PUT` by id"),
}
OUR_IDS = frozenset({"put-id", "blind"})
_SIGN_IN = (
    "Mend what the line names: OHX_EHR__* and a restart of `ohx up` for the default connection, "
    "`ohx ehr add` for another; `ohx ehr keys` shows the key that the EHR must know."
)
_CREDENTIALS = (
    "Give the credentials again: OHX_EHR__* and a restart of `ohx up` for the default connection, "
    "`ohx ehr add` for another; or have the EHR grant them reading and writing Observation and "
    "Device."
)


def check_ehrs(store: LinkStore) -> list[Finding]:
    """Look at every connection of the store."""
    connections = store.ehrs()
    if not connections:
        return [warning("ehr", "no EHR connection is stored", "Start `ohx up` once.")]
    return [
        finding
        for connection in connections
        for finding in guarded(_name(connection), partial(check_ehr, connection))
    ]


def check_ehr(connection: EhrConnection) -> list[Finding]:
    """Read the CapabilityStatement with the connection's credentials and try them on a search."""
    hurried = replace(connection, timeout_seconds=min(connection.timeout_seconds, LONGEST_SECONDS))
    client = ehr_client(hurried)
    start = time.monotonic()
    try:
        statement = client.execute("metadata", method="get")
        seconds = time.monotonic() - start
        if not _is_blind(connection):
            _try_reading(client)
        may_read = _is_blind(connection) and _may_read(client)
    except EhrError as error:
        return [_failure(_name(connection), error)]
    finally:
        client.close()
    return [_judged(connection, statement, seconds), *([_needless(connection)] if may_read else [])]


def _is_blind(connection: EhrConnection) -> bool:
    return not WriteMode(connection.write_mode).reads


def _may_read(client: FhirClient) -> bool:
    """Tell whether a search is answered, where none should be."""
    try:
        client.search("Observation", [("_id", NOBODYS_ID), ("_count", "1")])
    except EhrRejected:
        return False
    return True


def _needless(connection: EhrConnection) -> Finding:
    advice = (
        f"`ohx ehr check {connection.name}` says which mode to use: blind mode retracts nothing."
    )
    return warning(_name(connection), "it is written blindly, and may be read", advice)


def _try_reading(client: FhirClient) -> None:
    """Raise the refusal of our credentials: a CapabilityStatement is often open to everybody."""
    for resource_type in WRITTEN:
        try:
            client.search(resource_type, [("_id", NOBODYS_ID), ("_count", "1")])
        except EhrRejected as error:
            # Any other refusal is of this very search and says nothing of the credentials.
            if error.status in NO_RIGHTS:
                raise


def _failure(name: str, error: EhrError) -> Finding:
    if isinstance(error, SignInRefused):
        return failed(name, str(error), _SIGN_IN)
    status = f" (HTTP {error.status})" if error.status else ""
    if error.status in NO_RIGHTS:
        return failed(name, f"the EHR does not accept our credentials{status}", _CREDENTIALS)
    if isinstance(error, EhrDown):
        advice = "Look whether the EHR runs and can be reached from here; days wait until it does."
        return failed(name, f"{error}{status}", advice)
    advice = "Set the address to the base of the EHR's FHIR R5 endpoint (`ohx ehr list` shows it)."
    return failed(name, f"{error}{status}", advice)


def _judged(connection: EhrConnection, statement: Any, seconds: float) -> Finding:
    name = _name(connection)
    if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
        return _failure(name, EhrMalformed("the EHR's metadata is no CapabilityStatement"))
    if not str(statement.get("fhirVersion", "")).startswith("5."):
        advice = "Set the address to the EHR's FHIR R5 endpoint: other versions cannot be written."
        return failed(name, "the EHR does not speak FHIR R5", advice)
    resources = _resources(statement)
    needed, spoken = _INTERACTION[connection.write_mode]
    missing = [one for one in WRITTEN if needed not in _codes(resources.get(one, {}))]
    if missing:
        found = f"the EHR lists no {needed} of {' and '.join(missing)}"
        return failed(name, found, f"Have the EHR allow {spoken} of these resource types.")
    refuses = any(resources[one].get("updateCreate") is False for one in WRITTEN)
    if refuses and connection.write_mode in OUR_IDS:
        found = "the EHR says that clients may not choose the ids of what they create"
        advice = (
            "Have the EHR allow create by `PUT` (updateCreate), or choose another write mode: "
            f"`ohx ehr check {connection.name}` says which."
        )
        return warning(name, found, advice)
    took = round(seconds, 2)
    return ok(name, f"FHIR R5, takes {needed}s, answered in {took:.2f} s", seconds=took)


def _resources(statement: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ends = [end for end in _dicts(statement.get("rest")) if end.get("mode") == "server"]
    found = [one for end in ends for one in _dicts(end.get("resource"))]
    return {str(one.get("type")): one for one in found}


def _codes(resource: dict[str, Any]) -> set[str]:
    return {str(one.get("code")) for one in _dicts(resource.get("interaction"))}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name(connection: EhrConnection) -> str:
    return f"ehr {connection.name}"
