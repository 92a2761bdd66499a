"""References: whether what a resource points at exists, and pointing it elsewhere.

Belongs here: finding, checking and rewriting `reference` elements. Not here: what the resource
says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from sandbox.ehr.outcomes import Issue, Refused
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.store import Key, Version
from sandbox.ehr.wire import Json

_RELATIVE = re.compile(
    r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?\Z"
)
_ALLOWED = {
    ("Observation", "subject"): {"Patient"},
    ("Observation", "device"): {"Device"},
    ("DeviceAssociation", "device"): {"Device"},
    ("DeviceAssociation", "subject"): {"Patient"},
    ("Consent", "subject"): {"Patient"},
    ("Device", "definition.reference"): {"DeviceDefinition"},
    ("Provenance", "agent"): {"Device", "Patient"},
    ("Provenance", "patient"): {"Patient"},
    ("AuditEvent", "patient"): {"Patient"},
}


def references(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Give every literal reference and the element that holds it."""
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from references(part, f"{place}[{number}]")
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield part, place
            elif isinstance(part, dict | list):
                yield from references(part, f"{place}.{name}")


def targets(version: Version) -> set[Key]:
    """Give the resources of this server that a resource points at, read once per version."""
    if "#targets" not in version.searched:
        found = (read_reference(text) for text, _ in references(version.resource, ""))
        version.searched["#targets"] = {key for key in found if key is not None}
    return cast("set[Key]", version.searched["#targets"])


def read_reference(text: str) -> Key | None:
    """Split `Patient/1` into type and id; None for everything else."""
    found = _RELATIVE.match(text)
    return None if found is None else (found[1], found[2])


def check_references(resource: Json, exists: Callable[[Key], bool]) -> None:
    """Raise Refused (400) when a reference leads nowhere or to the wrong type."""
    resource_type = resource["resourceType"]
    contained = {f"#{one.get('id')}" for one in resource.get("contained", [])}
    issues = []
    for text, place in references(resource, resource_type):
        element = place.partition(".")[2].partition("[")[0]
        problem = _problem(text, contained, _ALLOWED.get((resource_type, element)), exists)
        if problem:
            diagnostics = f"{problem}, specified in path: {place}"
            issues.append(Issue(code="processing", diagnostics=diagnostics, expression=place))
    if issues:
        raise Refused(400, issues)


def rewritten(value: Any, addresses: Mapping[str, str]) -> Any:
    """Give a copy in which every reference found in `addresses` leads there."""
    if isinstance(value, list):
        return [rewritten(part, addresses) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: addresses.get(part, part)
        if name == "reference" and isinstance(part, str)
        else rewritten(part, addresses)
        for name, part in value.items()
    }


def own_addresses_made_relative(value: Any, base: str) -> Any:
    """Give a copy in which references to this server's own addresses are relative."""
    found = {
        text: text.removeprefix(f"{base}/")
        for text, _ in references(value, "")
        if text.startswith(f"{base}/")
    }
    return rewritten(value, found) if found else value


def _problem(
    text: str, contained: set[str], allowed: set[str] | None, exists: Callable[[Key], bool]
) -> str | None:
    if text.startswith("#"):
        return None if text in contained else "No contained resource has the id of this reference"
    key = read_reference(text)
    if key is None or key[0] not in RESOURCE_TYPES:
        # The text is not repeated: unlike an id, it may hold anything.
        return "Invalid reference: only resources of this server can be referred to"
    if allowed and key[0] not in allowed:
        return f"Invalid target: {key[0]} is not allowed here"
    return None if exists(key) else f"Resource {key[0]}/{key[1]} not found"
