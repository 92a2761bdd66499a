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
# A reading says as much without them; without its patient or device it would not.
_LINKS = frozenset({"derivedFrom", "hasMember"})
_LOCATION = re.compile(r"(?:\A|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?\Z")


def name_of(resource: Mapping[str, Any]) -> str:
    """Give type and id: how our other resources refer to a resource that was just built."""
    return f"{resource['resourceType']}/{resource['id']}"


def key_of(resource: Mapping[str, Any]) -> str:
    """Give the id that we made for a resource, wherever the server keeps it."""
    identifiers = resource.get("identifier", [])
    keys = [str(one.get("value")) for one in identifiers if one.get("system") == KEY_SYSTEM]
    return keys[0] if keys else str(resource["id"])


def with_key(resource: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Give the resource with our id as one more business identifier."""
    identifiers = [*resource.get("identifier", []), {"system": KEY_SYSTEM, "value": key}]
    return {**resource, "identifier": identifiers}


def references(value: Any) -> Iterator[str]:
    """Give every literal reference of a resource."""
    if isinstance(value, list):
        for part in value:
            yield from references(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield part
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
        name: addresses.get(part, part)
        if name == "reference" and isinstance(part, str)
        else rewritten(part, addresses)
        for name, part in value.items()
    }


def address_in(location: object) -> str | None:
    """Give type and id of a `location`, absolute or not, with or without a version."""
    found = _LOCATION.search(location) if isinstance(location, str) else None
    return f"{found[1]}/{found[2]}" if found else None
