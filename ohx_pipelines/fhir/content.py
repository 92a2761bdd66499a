"""Whether the EHR holds what is desired: content compared, whatever a server adds or rewrites.

Belongs here: which elements are ours to say, and equality of them. Not here: what is done about a
difference (`reconcile.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ohx_pipelines.fhir.writing.references import address_in

# What a reading says: a change of it is a correction. The rest is how it is filed.
SAID = (
    "code",
    "subject",
    "effectiveDateTime",
    "effectivePeriod",
    "performer",
    "device",
    "valueQuantity",
    "valueRange",
    "valueSampledData",
    "valueCodeableConcept",
    "valueBoolean",
    "component",
    "dataAbsentReason",
)
# Elements that are ours to say: one that we no longer write must go. Others (a clinician's note,
# a server's narrative) are nobody's difference.
OURS = (
    *SAID,
    "derivedFrom",
    "hasMember",
    "identifier",
    "status",
    "category",
    "method",
    "displayName",
    "manufacturer",
    "modelNumber",
    "type",
    "definition",
    "version",
    "name",
    "deviceName",
    "classification",
    "statusReason",
    "period",
    "date",
    "grantor",
    "decision",
    "provision",
)
_TIMES = frozenset({"effectiveDateTime", "start", "end", "date"})


# Lists to which an EHR adds its own: an accession number, a category, the code of its terminology.
OPEN_LISTS = frozenset({"identifier", "category", "coding"})


def same_content(desired: Mapping[str, Any], existing: Mapping[str, Any]) -> bool:
    """Tell whether the EHR holds what is desired.

    Numbers are compared as numbers and times as instant and offset, since servers rewrite both.
    What servers add (versions, narrative, SUBSETTED tags, a request id behind meta.source) is no
    difference.
    """
    gone = [name for name in OURS if name in existing and name not in desired]
    named = [name for name in desired if name != "meta"]
    return (
        not gone
        and all(holds(existing.get(name), desired[name], name) for name in named)
        and _holds_meta(existing.get("meta", {}), desired.get("meta", {}))
    )


def holds(there: Any, wanted: Any, name: str) -> bool:
    """Tell whether all of `wanted` (a value of the element `name`) is there."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            holds(there.get(key), value, key) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(there, list) and _holds_list(there, wanted, name)
    if isinstance(wanted, Decimal | int) and not isinstance(wanted, bool):
        return _is_number(there) and Decimal(there) == wanted
    if name in _TIMES:
        return _time(there) == _time(wanted)
    if name == "reference":
        # Some servers give them back as whole addresses, or with a version.
        return there == wanted or (address_in(there) or there) == address_in(wanted)
    return bool(there == wanted)


def _holds_list(there: list[Any], wanted: list[Any], name: str) -> bool:
    if name in OPEN_LISTS:
        return all(any(holds(one, other, name) for one in there) for other in wanted)
    return len(there) == len(wanted) and all(
        holds(one, other, name) for one, other in zip(there, wanted, strict=True)
    )


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
    return (
        set(wanted.get("profile", [])) <= set(there.get("profile", []))
        and source == wanted.get("source", source)
        # Labels pile up on servers that merge them: ours must be among them.
        and _labels(wanted) <= _labels(there)
    )


def _labels(meta: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    listed = [*meta.get("security", []), *meta.get("tag", [])]
    return {(one.get("system"), one.get("code")) for one in listed}
