"""What others wrote into a resource of ours: kept when it is written again, since a PUT takes away.

Belongs here: telling theirs from ours, element by element and label by label. Not here: whether
anything is written (`reconcile.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ohx_pipelines.fhir.content import OURS, holds
from ohx_pipelines.fhir.identifiers import DAY_SYSTEM, LINK_SYSTEM, SYSTEM

# Tells readers why, and us that it was not a person who decided so.
NOT_LISTED = "Withdrawn: the source of this reading no longer lists it."
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
R5_PROFILES = "http://hl7.org/fhir/StructureDefinition/"
# Of these systems a resource has our labels and no others; a label of any other is kept.
_OUR_LABELS = frozenset(
    {LINK_SYSTEM, DAY_SYSTEM, "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"}
)


def beside_others(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is wanted together with what others wrote.

    Not a narrative: it may tell the value that was corrected.
    """
    meta: dict[str, Any] = {**wanted.get("meta", {}), **dict(_labels(wanted, existing))}
    labelled = {"meta": meta} if meta else {}
    return {
        **dict(_elements(wanted, existing)),
        **wanted,
        **dict(_lists(wanted, existing)),
        **labelled,
    }


def without_versions(existing: Mapping[str, Any]) -> dict[str, Any]:
    """Give a resource as a server holds it, without what the server alone says."""
    meta = {
        name: part
        for name, part in existing.get("meta", {}).items()
        if name not in {"versionId", "lastUpdated"}
    }
    rest = {name: part for name, part in existing.items() if name != "meta"}
    return rest | ({"meta": meta} if meta else {})


def _elements(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in existing.items():
        if name in {"meta", "text", *OURS}:
            continue
        if name.startswith("_"):
            # What somebody says of an element, as long as it says the same.
            of = name.removeprefix("_")
            if of in wanted and holds(existing.get(of), wanted[of], of):
                yield name, part
        elif name == "note":
            notes = [one for one in part if one.get("text") != NOT_LISTED]
            if notes:
                yield name, notes
        else:
            yield name, part


def _lists(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give our lists with the items that others added."""
    for name in ("identifier", "category"):
        ours = wanted.get(name)
        if ours:
            theirs = [one for one in existing.get(name, []) if not _is_ours(one)]
            yield name, [*ours, *(one for one in theirs if one not in ours)]
    code = wanted.get("code")
    if code and holds(existing.get("code"), code, "code"):
        yield "code", existing["code"]


def _is_ours(item: Mapping[str, Any]) -> bool:
    """Tell whether an identifier or a category is one that we write."""
    systems = [item.get("system"), *(one.get("system") for one in item.get("coding", []))]
    return any(str(one).startswith(SYSTEM) or one == OBSERVATION_CATEGORY for one in systems)


def _labels(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    ours, there = wanted.get("meta", {}), existing.get("meta", {})
    for name in ("security", "tag"):
        known = {(one.get("system"), one.get("code")) for one in ours.get(name, [])}
        theirs = [
            one
            for one in there.get(name, [])
            if one.get("system") not in _OUR_LABELS
            and (one.get("system"), one.get("code")) not in known
        ]
        if theirs:
            yield name, [*ours.get(name, []), *theirs]
    profiles = [one for one in there.get("profile", []) if not one.startswith(R5_PROFILES)]
    if profiles:
        yield "profile", [*ours.get("profile", []), *profiles]
