"""What to write: the resources that should be there against those that are.

Belongs here: comparing content and deciding. Not here: reading or writing (`publish.py`). Nothing
is remembered between runs: what the EHR holds is the only state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ohx_pipelines.fhir.writing.references import address_in

# Elements that are ours to say: one that we no longer write must go. Others (a clinician's note,
# a server's narrative) are nobody's difference.
_OURS = (
    "identifier",
    "status",
    "category",
    "code",
    "subject",
    "effectiveDateTime",
    "effectivePeriod",
    "performer",
    "device",
    "method",
    "valueQuantity",
    "valueRange",
    "valueSampledData",
    "valueCodeableConcept",
    "valueBoolean",
    "derivedFrom",
    "hasMember",
    "component",
    "dataAbsentReason",
    "displayName",
    "manufacturer",
    "modelNumber",
    "type",
)
_TIMES = frozenset({"effectiveDateTime", "start", "end"})
_CORRECTED = frozenset({"amended", "corrected"})
RETRACTED = "entered-in-error"


class Action(Enum):
    """What is done about one resource."""

    CREATE = "create"
    UPDATE = "update"
    LEAVE = "leave"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An action and, unless the resource is left alone, what is written."""

    action: Action
    resource: dict[str, Any] = field(repr=False)


def decide(desired: dict[str, Any], existing: Mapping[str, Any] | None) -> Decision:
    """Choose between create, update and leave for one resource.

    A changed reading becomes `corrected`, and a corrected one never turns back into `final`.
    One that somebody marked as entered in error stays so: this product does not overrule that.
    """
    if existing is None:
        return Decision(action=Action.CREATE, resource=desired)
    status = existing.get("status")
    if status == RETRACTED and desired["resourceType"] == "Observation":
        return Decision(action=Action.LEAVE, resource=desired)
    wanted = desired | {"status": status} if status in _CORRECTED else desired
    if same_content(wanted, existing):
        return Decision(action=Action.LEAVE, resource=desired)
    if desired["resourceType"] == "Observation" and status in {"final", *_CORRECTED}:
        wanted = desired | {"status": "corrected"}
    return Decision(action=Action.UPDATE, resource=wanted)


def same_content(desired: Mapping[str, Any], existing: Mapping[str, Any]) -> bool:
    """Tell whether the EHR holds what is desired.

    Numbers are compared as numbers and times as instant and offset, since servers rewrite both.
    What servers add (versions, narrative, SUBSETTED tags, a request id behind meta.source) is no
    difference.
    """
    gone = [name for name in _OURS if name in existing and name not in desired]
    named = [name for name in desired if name != "meta"]
    return (
        not gone
        and all(_holds(existing.get(name), desired[name], name) for name in named)
        and _holds_meta(existing.get("meta", {}), desired.get("meta", {}))
    )


def _holds(there: Any, wanted: Any, name: str) -> bool:
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            _holds(there.get(key), value, key) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(there, list)
            and len(there) == len(wanted)
            and all(_holds(one, other, name) for one, other in zip(there, wanted, strict=True))
        )
    if isinstance(wanted, Decimal | int) and not isinstance(wanted, bool):
        return _is_number(there) and Decimal(there) == wanted
    if name in _TIMES:
        return _time(there) == _time(wanted)
    if name == "reference":
        # Some servers give them back as whole addresses, or with a version.
        return there == wanted or (address_in(there) or there) == address_in(wanted)
    return bool(there == wanted)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


def _time(text: object) -> object:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return text
    return (moment, moment.utcoffset())


def _holds_meta(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    source = str(there.get("source", "")).split("#", 1)[0]
    labels = {(one.get("system"), one.get("code")) for one in there.get("security", [])}
    return (
        set(wanted.get("profile", [])) <= set(there.get("profile", []))
        and source == wanted.get("source", source)
        # Labels pile up on servers that merge them: ours must be among them.
        and {(one["system"], one["code"]) for one in wanted.get("security", [])} <= labels
    )
