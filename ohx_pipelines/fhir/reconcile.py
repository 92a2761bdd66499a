"""What to write: the resources that should be there against those that are.

Belongs here: deciding. Not here: comparing (`content.py`), reading or writing (`publish.py`). Nothing
is remembered between runs: what the EHR holds is the only state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ohx_pipelines.fhir.content import SAID, holds, same_content
from ohx_pipelines.fhir.others import NOT_LISTED, beside_others, without_versions

_CORRECTED = frozenset({"amended", "corrected"})
_SETTLED = frozenset({"final", *_CORRECTED})
# Nobody but a person gives these.
_A_PERSONS = frozenset({"cancelled", "unknown"})
RETRACTED = "entered-in-error"


class Action(Enum):
    """What is done about one resource."""

    CREATE = "create"
    UPDATE = "update"
    RETRACT = "retract"
    LEAVE = "leave"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An action and, unless the resource is left alone, what is written."""

    action: Action
    resource: dict[str, Any] = field(repr=False)


def decide(desired: dict[str, Any], existing: Mapping[str, Any] | None) -> Decision:
    """Choose what is done about one resource; one desired as `entered-in-error` is retracted.

    A changed reading becomes `corrected` (`amended` when something was only added), and never turns
    back into `final`. What somebody marked as entered in error stays so: this product does not
    overrule that. What it retracted itself comes back when the vendor lists it again.
    """
    if status_of(desired) == RETRACTED:
        return _retraction(existing, desired)
    if existing is None:
        return Decision(action=Action.CREATE, resource=desired)
    if is_retracted(existing) and not retracted_by_us(existing):
        return Decision(action=Action.LEAVE, resource=desired)
    wanted = desired | _kept_status(desired, existing)
    if same_content(wanted, existing):
        return Decision(action=Action.LEAVE, resource=desired)
    if desired["resourceType"] == "Observation":
        wanted |= {"status": _changed_status(wanted, existing)}
    return Decision(action=Action.UPDATE, resource=beside_others(wanted, existing))


def status_of(resource: Mapping[str, Any]) -> str | None:
    """Give a resource's status, also where it is a CodeableConcept."""
    status = resource.get("status")
    if isinstance(status, Mapping):
        return next((one.get("code") for one in status.get("coding", [])), None)
    return status


def is_retracted(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource is marked as entered in error."""
    return status_of(resource) == RETRACTED


def retracted_by_us(resource: Mapping[str, Any]) -> bool:
    """Tell whether this product retracted it, because the vendor no longer listed it."""
    return is_retracted(resource) and has_note(resource)


def has_note(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource carries the note of such a retraction."""
    return any(one.get("text") == NOT_LISTED for one in resource.get("note", []))


def retraction(existing: Mapping[str, Any]) -> dict[str, Any]:
    """Give what retracts a resource: all that it said, marked as entered in error, and why."""
    note = {"text": NOT_LISTED}
    return without_versions(existing) | {
        "status": RETRACTED,
        "note": [*existing.get("note", []), note],
    }


def _retraction(existing: Mapping[str, Any] | None, desired: dict[str, Any]) -> Decision:
    if existing is None or is_retracted(existing):
        return Decision(action=Action.LEAVE, resource=desired)
    return Decision(action=Action.RETRACT, resource=retraction(existing))


def _kept_status(desired: Mapping[str, Any], existing: Mapping[str, Any]) -> dict[str, Any]:
    """Give the status to go on with: what was final stays so, and staff may put a device aside."""
    status = existing.get("status")
    if desired["resourceType"] == "Observation":
        return {"status": status} if status in _SETTLED | _A_PERSONS else {}
    return {"status": status} if desired["resourceType"] == "Device" and status else {}


def _changed_status(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> str:
    """Give the status of a reading that differs: how it is filed is no correction."""
    before, wished = str(existing.get("status")), str(wanted["status"])
    if before not in _SETTLED and (not is_retracted(existing) or wished not in _SETTLED):
        return wished
    said = {name: wanted[name] for name in SAID if name in wanted}
    there = {name: existing[name] for name in SAID if name in existing}
    if before in _SETTLED and said.keys() == there.keys() and holds(there, said, ""):
        return before
    is_amended = before in {"final", "amended"} and _only_adds(said, there)
    return "amended" if is_amended else "corrected"


def _only_adds(said: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Tell whether all that was said is said still."""
    return all(
        name == "dataAbsentReason" or (name in said and _is_kept(there[name], said[name], name))
        for name in there
    )


def _is_kept(before: Any, now: Any, name: str) -> bool:
    if not isinstance(before, list) or not isinstance(now, list):
        return holds(before, now, name)
    # A component without a value said nothing that could be wrong.
    spoken = [one for one in before if "dataAbsentReason" not in one]
    return all(any(holds(one, other, name) for other in now) for one in spoken)
