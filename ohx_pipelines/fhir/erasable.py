"""Which of a patient's resources this product wrote for a link: what may be erased, and nothing else.

Belongs here: telling ours from what somebody copied. Not here: finding them or erasing (`erasing.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ohx_pipelines.fhir.identifiers import SYSTEM
from ohx_pipelines.fhir.reconcile import is_retracted
from ohx_pipelines.fhir.writing.references import carries_key, key_of, name_of
from ohx_pipelines.fhir.writing.write_modes import WriteMode

Resource = dict[str, Any]

# In the order of deletion. Devices and their definitions are shared by a household: they stay.
ERASED_TYPES = ("Provenance", "Observation", "DeviceAssociation", "Consent")
_ID_OF_OURS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What carries a link's tag in the EHR, parted by who wrote it.

    `others` are surely not ours. `unclear` may be: they carry all our marks, but only one of those
    that stand for the same can be ours, or they lack the mark of the write mode, as what another
    mode left does. Neither is ever touched; both are names. `unseen` are types that the EHR does
    not let us search: it is not given them, but may have been once.
    """

    ours: list[Resource] = field(default_factory=list, repr=False)
    others: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Count ours by type, in the order of deletion."""
        counted = Counter(one["resourceType"] for one in self.ours)
        return {kind: counted[kind] for kind in ERASED_TYPES if counted[kind]}

    @property
    def unmarked(self) -> list[Resource]:
        """Give those that still read as valid; a Provenance has no status to mark."""
        with_status = (one for one in self.ours if one["resourceType"] != "Provenance")
        return [one for one in with_status if not is_retracted(one)]


def parted(tagged: Iterable[Resource], *, mode: WriteMode) -> Found:
    """Part resources that carry a link's tag into ours, others' and unclear ones.

    Where the EHR takes our ids, a resource's id is its key; where it gives ids of its own, the key
    is one of the resource's identifiers. A key, and any other identifier of ours, belong to one
    resource alone.
    """
    listed = list(tagged)
    at_home = {_key(one) for one in listed if one["id"] == key_of(one)}
    ours = [one for one in listed if _is_ours(one, mode, at_home)]
    borne = Counter(mark for one in ours for mark in _marks(one))
    copied = {name_of(one) for one in ours if any(borne[mark] > 1 for mark in _marks(one))}
    kept = [one for one in ours if name_of(one) not in copied]
    others = {name_of(one) for one in listed} - {name_of(one) for one in ours}
    unclear = copied | (others & {name_of(one) for one in listed if _could_be_ours(one, mode)})
    others -= unclear
    return Found(ours=kept, others=tuple(sorted(others)), unclear=tuple(sorted(unclear)))


def _is_ours(resource: Resource, mode: WriteMode, at_home: set[tuple[str, str]]) -> bool:
    kind, key = _key(resource)
    if not carries_key(kind):
        return mode.is_conditional or bool(_ID_OF_OURS.fullmatch(resource["id"]))
    if resource["id"] == key:
        return not mode.is_conditional and bool(_ID_OF_OURS.fullmatch(key))
    # Written when the mode was another one, or now: unless it lives under that key itself.
    return (kind, key) not in at_home and bool(_ID_OF_OURS.fullmatch(key))


def _could_be_ours(resource: Mapping[str, Any], mode: WriteMode) -> bool:
    """Tell whether another write mode may have left it: under an id of ours, or as a Provenance."""
    if not carries_key(resource["resourceType"]):
        return True
    kind, key = _key(resource)
    is_at_home = resource["id"] == key and bool(_ID_OF_OURS.fullmatch(key))
    return mode.is_conditional and is_at_home and bool(_marks(resource) - {(kind, key)})


def _key(resource: Mapping[str, Any]) -> tuple[str, str]:
    return resource["resourceType"], key_of(resource)


def _marks(resource: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Give what no second resource may bear."""
    if not carries_key(resource["resourceType"]):
        return set()
    systems = ((str(one.get("system")), one) for one in resource.get("identifier", []))
    identifiers = {
        (resource["resourceType"], system, str(one.get("value")))
        for system, one in systems
        if system.startswith(SYSTEM)
    }
    return identifiers | {_key(resource)}
