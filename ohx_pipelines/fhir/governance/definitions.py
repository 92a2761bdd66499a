"""DeviceDefinitions: one per model of a vendor, whoever owns a device of it.

Belongs here: the DeviceDefinition and its id. Not here: a physical device (`devices.py`).
"""

from __future__ import annotations

from typing import Any

from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.device_kinds import device_type
from ohx_pipelines.fhir.governance.identity import shared
from ohx_pipelines.fhir.identifiers import SYSTEM, resource_id
from ohx_pipelines.fhir.labels import meta

# Search syntax: servers differ in how they read these inside an identifier's value.
_UNSEARCHABLE = str.maketrans(dict.fromkeys("|,$\\", "-"))


def definition_id(*, vendor: str, model: str, secret: bytes) -> str:
    """Give the id of a model's definition."""
    return resource_id(secret, "DeviceDefinition", vendor, model)


def build_definition(
    *, model: str, kind: str, manufacturer: str, context: LinkContext
) -> dict[str, Any]:
    """Give the DeviceDefinition for a model's name and kind."""
    value = model.translate(_UNSEARCHABLE)
    return {
        "resourceType": "DeviceDefinition",
        "id": definition_id(vendor=context.vendor, model=model, secret=context.secret),
        "meta": meta(shared(context)),
        "identifier": [{"system": f"{SYSTEM}{context.vendor}-model", "value": value}],
        # R5 wants an Organization here. Ours is none of the EHR's: a name is enough.
        "manufacturer": {"display": manufacturer},
        "deviceName": [{"name": f"{manufacturer} {model}", "type": "user-friendly-name"}],
        "modelNumber": model,
        "classification": [{"type": device_type(kind)}],
    }
