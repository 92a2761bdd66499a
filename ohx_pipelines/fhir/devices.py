"""Devices: one FHIR Device per physical device, whoever in the household uses it.

Belongs here: the Device resource and its id. Not here: whose device it is (no patient is in it).
"""

from __future__ import annotations

from typing import Any

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.identifiers import device_system, resource_id

MDC = "urn:iso:std:iso:11073:10101"
CATEGORY = "http://hl7.org/fhir/device-category"
# IEEE 11073 device specialisations, by the kind that a vendor names.
_TYPES = {
    "Scale": ("528399", "Weighing scale"),
    "Blood Pressure Monitor": ("528391", "Blood pressure monitor"),
    "Smart Connected Thermometer": ("528392", "Thermometer"),
    "Activity Tracker": ("528425", "Cardiovascular fitness and activity monitor"),
}


def device_id(*, vendor: str, device: str, secret: bytes) -> str:
    """Give the id of a device; the user is not part of it, a household shares a scale."""
    return resource_id(secret, "Device", vendor, device)


def build_device(
    *, device: str, model: str, kind: str, manufacturer: str, context: PublishContext
) -> dict[str, Any]:
    """Give the Device for a vendor's hashed device id, its model name and kind."""
    coded = _TYPES.get(kind)
    coding = [{"system": MDC, "code": coded[0], "display": coded[1]}] if coded else []
    return {
        "resourceType": "Device",
        "id": device_id(vendor=context.vendor, device=device, secret=context.secret),
        "meta": {"source": context.source},
        "identifier": [{"system": device_system(context.vendor), "value": device}],
        "displayName": f"{manufacturer} {model}",
        "status": "active",
        "category": [{"coding": [{"system": CATEGORY, "code": "home-use"}]}],
        "manufacturer": manufacturer,
        "modelNumber": model,
        "type": [{"coding": coding, "text": kind} if coding else {"text": kind}],
    }
