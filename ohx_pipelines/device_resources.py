"""What a vendor says of devices, as resources: each model, then each device.

Belongs here: that translation, for a sync and for a link's copy alike. Not here: what the resources say
(`fhir/governance/`), or whose the devices are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.definitions import build_definition
from ohx_pipelines.fhir.governance.devices import build_device
from ohx_pipelines.providers.base import DeviceInfo


def device_resources(
    infos: Iterable[DeviceInfo], *, manufacturer: str, context: LinkContext, define: bool
) -> list[dict[str, Any]]:
    """Give DeviceDefinitions, then the Devices that refer to them; without `define` Devices alone."""
    listed = list(infos)
    models = {one.model: one for one in listed} if define else {}
    definitions = [
        build_definition(model=one.model, kind=one.kind, manufacturer=manufacturer, context=context)
        for one in models.values()
    ]
    devices = [
        build_device(
            device=one.device,
            model=one.model,
            kind=one.kind,
            manufacturer=manufacturer,
            context=context,
            firmware=one.firmware,
            define=define,
        )
        for one in listed
    ]
    return [*definitions, *devices]
