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


def definition_id(*, vendor: str, model: str, secret: bytes, other_maker: str | None = None) -> str:
    """Give the id of a model's definition; two makers may give a model the same name."""
    maker = () if other_maker is None else (other_maker,)
    return resource_id(secret, "DeviceDefinition", vendor, model, *maker)


def make(maker: str, model: str) -> str:
    """Give what people call a model, by its maker's name where that is known and not in it already."""
    return model if not maker or model.startswith(f"{maker} ") else f"{maker} {model}"


def build_definition(
    *,
    model: str,
    kind: str,
    manufacturer: str,
    context: LinkContext,
    other_maker: str | None = None,
) -> dict[str, Any]:
    """Give the DeviceDefinition for a model's name and kind; makers as in `build_device`."""
    made_by = manufacturer if other_maker is None else other_maker
    known_by = model if other_maker is None else f"{other_maker or 'unknown maker'}: {model}"
    name_given = {"name": make(made_by, model), "type": "user-friendly-name"}
    return {
        "resourceType": "DeviceDefinition",
        "id": definition_id(
            vendor=context.vendor, model=model, secret=context.secret, other_maker=other_maker
        ),
        "meta": meta(shared(context)),
        "identifier": [
            {
                "system": f"{SYSTEM}{context.vendor}-model",
                "value": known_by.translate(_UNSEARCHABLE),
            }
        ],
        # R5 wants an Organization here. Ours is none of the EHR's: a name is enough.
        **({"manufacturer": {"display": made_by}} if made_by else {}),
        "deviceName": [name_given],
        "modelNumber": model,
        "classification": [{"type": device_type(kind)}],
    }
