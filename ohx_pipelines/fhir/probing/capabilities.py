"""What an EHR says of itself: its CapabilityStatement, as far as this product needs it.

Belongs here: reading the statement. Not here: whether it is true (`probe.py` tries).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.written_types import OPTIONAL_TYPES

# What this product writes, and the searches by which it finds it again.
NEEDED = {"Observation": ("identifier", "patient", "date"), "Device": ("identifier",)}
SEARCH = "search-type"
INTERACTIONS = ("read", "update", "create", SEARCH)


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """The claims; None where the statement does not say.

    `lacks` names interactions and search parameters of `NEEDED` that are not listed: servers often
    list less than they can. `lacks_types` are those of the `OPTIONAL_TYPES` that are not listed,
    of a server that lists any type; `searches` tells whether Observations can be searched.
    """

    fhir_version: str
    speaks_r5: bool
    speaks_json: bool
    update_create: bool | None
    conditional_create: bool | None
    conditional_update: bool | None
    versioning: str | None
    lacks: tuple[str, ...]
    lacks_types: tuple[str, ...] = ()
    searches: bool | None = None


def read_capabilities(statement: Mapping[str, Any]) -> Capabilities:
    """Read a CapabilityStatement; texts of the server's own go no further."""
    version = str(statement.get("fhirVersion", ""))
    listed = _resources(statement)
    about = [listed.get(kind, {}) for kind in NEEDED]
    versioning = about[0].get("versioning")
    return Capabilities(
        fhir_version=version if _is_version(version) else "unknown",
        speaks_r5=version.startswith("5."),
        speaks_json=any("json" in str(one) for one in _list(statement.get("format"))),
        update_create=_all(about, "updateCreate"),
        conditional_create=_all(about, "conditionalCreate"),
        conditional_update=_all(about, "conditionalUpdate"),
        versioning=versioning
        if versioning in {"no-version", "versioned", "versioned-update"}
        else None,
        lacks=tuple(_lacking(listed)),
        lacks_types=tuple(one for one in OPTIONAL_TYPES if listed and one not in listed),
        searches=_searches(about[0]),
    )


def _searches(observations: Mapping[str, Any]) -> bool | None:
    codes = {one.get("code") for one in _dicts(observations.get("interaction"))}
    return SEARCH in codes if codes else None


def _lacking(listed: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = []
    for kind, parameters in NEEDED.items():
        about = listed.get(kind, {})
        codes = {one.get("code") for one in _dicts(about.get("interaction"))}
        names = {one.get("name") for one in _dicts(about.get("searchParam"))}
        found += [f"{kind} {one}" for one in INTERACTIONS if one not in codes]
        found += [f"{kind}?{one}" for one in parameters if one not in names]
    return found


def _all(about: list[Mapping[str, Any]], name: str) -> bool | None:
    values = [one.get(name) for one in about]
    if any(one is False for one in values):
        return False
    return True if all(one is True for one in values) else None


def _resources(statement: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    ends = [one for one in _dicts(statement.get("rest")) if one.get("mode") == "server"]
    return {str(one.get("type")): one for end in ends for one in _dicts(end.get("resource"))}


def _is_version(text: str) -> bool:
    return 0 < len(text) <= len("5.0.0-snapshot1") and text[0].isdigit() and text.isascii()


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
