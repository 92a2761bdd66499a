"""Devices: one per physical device, whoever in the household uses it, and one for this software.

Belongs here: Device resources and their ids. Not here: whose a device is (`associations.py`; no
patient and no link is in it), or its model (`definitions.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ohx_pipelines import __version__
from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.definitions import definition_id, make
from ohx_pipelines.fhir.governance.device_kinds import MDC, device_type
from ohx_pipelines.fhir.governance.identity import SOFTWARE, SOFTWARE_SYSTEM, coded, shared
from ohx_pipelines.fhir.identifiers import device_system, resource_id
from ohx_pipelines.fhir.labels import meta

CATEGORY = "http://hl7.org/fhir/device-category"
SOFTWARE_NAME = "Open Health Exchange"
SOFTWARE_SOURCE = f"https://open-health-exchange.org/fhir/source/{SOFTWARE}"


def device_id(*, vendor: str, device: str, secret: bytes) -> str:
    """Give the id of a device; the user is not part of it, a household shares a scale."""
    return resource_id(secret, "Device", vendor, device)


def software_id(secret: bytes) -> str:
    """Give the id of the Device that stands for this software."""
    return resource_id(secret, "Device", "software")


def build_device(  # noqa: PLR0913 (what a vendor says of a device)
    *,
    device: str,
    model: str,
    kind: str,
    manufacturer: str,
    context: LinkContext,
    other_maker: str | None = None,
    firmware: str | None = None,
    define: bool = True,
) -> dict[str, Any]:
    """Give the Device for a vendor's hashed device id, its model name and kind.

    `manufacturer` is the vendor; `other_maker` who made it instead, empty where nobody knows. It
    refers to its model's DeviceDefinition unless `define` is False: not every EHR takes those.
    """
    made_by = manufacturer if other_maker is None else other_maker
    definition = definition_id(
        vendor=context.vendor, model=model, secret=context.secret, other_maker=other_maker
    )
    refers = {"definition": {"reference": {"reference": f"DeviceDefinition/{definition}"}}}
    revision = coded(MDC, "531976", "Firmware revision")
    return {
        "resourceType": "Device",
        "id": device_id(vendor=context.vendor, device=device, secret=context.secret),
        "meta": meta(shared(context)),
        "identifier": [{"system": device_system(context.vendor), "value": device}],
        "displayName": make(made_by, model),
        **(refers if define else {}),
        "status": "active",
        **({"manufacturer": made_by} if made_by else {}),
        "modelNumber": model,
        "category": [{"coding": [{"system": CATEGORY, "code": "home-use"}]}],
        "type": [device_type(kind)],
        **({"version": [{"type": revision, "value": firmware}]} if firmware else {}),
    }


def build_software(*, context: LinkContext) -> dict[str, Any]:
    """Give the Device that stands for this software, whose version it says."""
    revision = coded(MDC, "531975", "Software revision")
    return {
        "resourceType": "Device",
        "id": software_id(context.secret),
        "meta": meta(replace(shared(context), source=SOFTWARE_SOURCE)),
        "identifier": [{"system": SOFTWARE_SYSTEM, "value": SOFTWARE}],
        "displayName": SOFTWARE_NAME,
        "status": "active",
        "name": [{"value": SOFTWARE_NAME, "type": "registered-name", "display": True}],
        "category": [{"coding": [{"system": CATEGORY, "code": "software"}]}],
        "version": [{"type": revision, "value": __version__}],
    }
