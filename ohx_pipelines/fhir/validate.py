"""Checks before sending: the official JSON Schema, and what the declared profiles oblige to.

Belongs here: which checks a resource has to pass. Not here: the checks themselves (`checks/`), or
what becomes of a resource that fails (`publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ohx_pipelines.fhir.checks.definitions import (
    CANONICAL,
    VERSION,
    is_resource_type,
    structures,
)
from ohx_pipelines.fhir.checks.problem import Problem
from ohx_pipelines.fhir.checks.schema import schema_problems
from ohx_pipelines.fhir.checks.walk import walked

__all__ = ["Problem", "problems"]


def problems(resource: Mapping[str, Any]) -> list[Problem]:
    """Give what the resource breaks of FHIR R5 and of the profiles in `meta.profile`.

    An empty list means that nothing was found, not that a server must accept it: references are
    not resolved, and codes are judged only where HL7 lists all of them.
    """
    if not isinstance(resource, dict) or not is_resource_type(resource.get("resourceType")):
        return [Problem("unknown-type", "")]
    kind = str(resource["resourceType"])
    found = list(schema_problems(resource, kind))
    if any(one.rule == "not-json" for one in found):
        return found
    found += _profile_problems(resource, kind)
    # Schema and walk may say the same; each says it once.
    return list(dict.fromkeys(found))


def _profile_problems(resource: dict[str, Any], kind: str) -> Iterator[Problem]:
    base = f"{CANONICAL}{kind}"
    declared = []
    for index, profile in enumerate(_declared(resource)):
        address, _, version = str(profile).partition("|")
        known = structures().get(address)
        if known is None or known["type"] != kind or version not in {"", VERSION}:
            yield Problem("unknown-profile", f"{kind}.meta.profile[{index}]")
        elif address != base:
            declared.append(address)
    if not declared:
        yield from walked(resource, base)
    for address in declared:
        yield from _of_profile(resource, address, base)


def _of_profile(resource: dict[str, Any], address: str, base: str) -> Iterator[Problem]:
    found = walked(resource, address)
    if not found:
        # A profile's snapshot repeats all that the base asks, so one walk is enough.
        return
    common = walked(resource, base)
    yield from common
    yield from (one.of_profile(address) for one in found if one not in common)


def _declared(resource: dict[str, Any]) -> list[Any]:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return profiles if isinstance(profiles, list) else []
