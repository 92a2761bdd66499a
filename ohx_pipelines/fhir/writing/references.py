"""References between our resources, where a server gives them ids of its own.

Belongs here: finding references, and pointing them at where a resource lives. Not here: which
resource is written (`writing/writer.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ohx_pipelines.fhir.identifiers import SYSTEM

# On a server that gives its own ids, ours stands in the resource under this system.
KEY_SYSTEM = f"{SYSTEM}resource"
# A Provenance has no element for a business identifier: it is found by what it is about.
_NO_IDENTIFIER = frozenset({"Provenance"})
# A reading says as much without them; without its patient or device it would not.
_LINKS = frozenset({"derivedFrom", "hasMember"})
HISTORY = "/_history/"
_LOCATION = re.compile(r"(?:\A|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")


def name_of(resource: Mapping[str, Any]) -> str:
    """Give type and id: how our other resources refer to a resource that was just built."""
    return f"{resource['resourceType']}/{resource['id']}"


def key_of(resource: Mapping[str, Any]) -> str:
    """Give the id that we made for a resource, wherever the server keeps it."""
    identifiers = resource.get("identifier", [])
    keys = [str(one.get("value")) for one in identifiers if one.get("system") == KEY_SYSTEM]
    return keys[0] if keys else str(resource["id"])


def carries_key(resource_type: str) -> bool:
    """Tell whether resources of a type have an element for our id."""
    return resource_type not in _NO_IDENTIFIER


def with_key(resource: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Give the resource with our id as one more business identifier, where it can have one."""
    if not carries_key(resource["resourceType"]):
        return dict(resource)
    identifiers = [*resource.get("identifier", []), {"system": KEY_SYSTEM, "value": key}]
    return {**resource, "identifier": identifiers}


def references(value: Any) -> Iterator[str]:
    """Give every literal reference of a resource, without versions."""
    if isinstance(value, list):
        for part in value:
            yield from references(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield part.partition(HISTORY)[0]
            elif isinstance(part, dict | list):
                yield from references(part)


def without(resource: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Give the resource without those links to other readings that lead to one of these names."""
    kept = dict(resource)
    for element in _LINKS.intersection(resource):
        links = [one for one in resource[element] if one.get("reference") not in names]
        kept[element] = links
        if not links:
            del kept[element]
    return kept


def rewritten(value: Any, addresses: Mapping[str, str]) -> Any:
    """Give a copy in which every reference found in `addresses` leads there."""
    if isinstance(value, list):
        return [rewritten(part, addresses) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _placed(part, addresses)
        if name == "reference" and isinstance(part, str)
        else rewritten(part, addresses)
        for name, part in value.items()
    }


def _placed(reference: str, addresses: Mapping[str, str]) -> str:
    name, history, version = reference.partition(HISTORY)
    return addresses.get(name, name) + history + version


def address_in(location: object) -> str | None:
    """Give type and id of a `location`, absolute or not, with or without a version."""
    found = _LOCATION.search(location) if isinstance(location, str) else None
    return f"{found[1]}/{found[2]}" if found else None
