"""DeviceAssociations: which patient uses a device, and for how long we were told so.

Belongs here: the resource, open and ended. Not here: the device (`devices.py`) or when a link ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.device_kinds import is_worn
from ohx_pipelines.fhir.governance.devices import device_id
from ohx_pipelines.fhir.governance.identity import ASSOCIATION_SYSTEM, coded, link_of
from ohx_pipelines.fhir.governance.moments import moment, period
from ohx_pipelines.fhir.identifiers import resource_id
from ohx_pipelines.fhir.labels import meta
from ohx_pipelines.fhir.writing.references import KEY_SYSTEM, key_of

STATUS = "http://hl7.org/fhir/deviceassociation-status"
REASON = "http://hl7.org/fhir/deviceassociation-status-reason"
ATTACHED = coded(STATUS, "attached", "Attached")
# R5 has no word for a device that is used and not worn, nor for one that was worn once.
UNKNOWN = coded(STATUS, "unknown", "Unknown")
DISCONNECTED = coded(REASON, "disconnected", "Disconnected")


def association_id(*, link: str, device: str, secret: bytes) -> str:
    """Give the id of a link's association with a device: the same after a re-link."""
    return resource_id(secret, "DeviceAssociation", link, device)


def build_association(
    *,
    device: str,
    kind: str,
    context: LinkContext,
    since: datetime,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Give the association of the link's patient with a vendor's hashed device id."""
    link = link_of(context)
    physical = device_id(vendor=context.vendor, device=device, secret=context.secret)
    built = {
        "resourceType": "DeviceAssociation",
        "id": association_id(link=link, device=device, secret=context.secret),
        "meta": meta(context),
        "identifier": [{"system": ASSOCIATION_SYSTEM, "value": f"{link}.{device}"}],
        "device": {"reference": f"Device/{physical}"},
        "status": ATTACHED if is_worn(kind) else UNKNOWN,
        "subject": {"reference": f"Patient/{context.patient}"},
        "period": period(since),
    }
    return built if until is None else ended(built, until)


def ended(resource: Mapping[str, Any], until: datetime) -> dict[str, Any]:
    """Give an association as the EHR holds it, ended; one that has ended keeps its end.

    What else the EHR's staff wrote into it stays, and what the server added to `meta` goes. It has
    our id, as what was just built has, whatever id the server gave it.
    """
    held = dict(resource.get("period", {}))
    end = held.get("end") or _not_before(held.get("start"), until)
    ending = {"period": held | {"end": end}, "statusReason": [DISCONNECTED]}
    status = {"status": UNKNOWN} if _is_attached(resource) else {}
    return {**_as_built(resource), **ending, **status}


def _not_before(start: object, until: datetime) -> str:
    end = moment(until)
    try:
        began = datetime.fromisoformat(str(start))
    except ValueError:
        return end
    return str(start) if began.utcoffset() is not None and began > until else end


def _is_attached(resource: Mapping[str, Any]) -> bool:
    codings = resource.get("status", {}).get("coding", [])
    return any(one.get("code") == "attached" for one in codings)


def _as_built(resource: Mapping[str, Any]) -> dict[str, Any]:
    named = [one for one in resource.get("identifier", []) if one.get("system") != KEY_SYSTEM]
    identifiers = {"identifier": named} if named else {}
    rest = {name: part for name, part in resource.items() if name != "identifier"}
    meta = _own_meta(resource.get("meta", {}))
    return {**rest, "id": key_of(resource), "meta": meta, **identifiers}


def _own_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: part for name, part in meta.items() if name not in {"versionId", "lastUpdated"}}
    # Servers put the id of the request that wrote it behind the source.
    return own | ({"source": own["source"].partition("#")[0]} if "source" in own else {})
