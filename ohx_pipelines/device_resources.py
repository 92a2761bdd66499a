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
    """Give DeviceDefinitions, then the Devices that refer to them; without `define` Devices alone.

    `manufacturer` is whose make a device is that names none: the vendor.
    """
    listed = [(one, _other_maker(one, manufacturer)) for one in infos]
    models = {(maker, one.model): one for one, maker in listed} if define else {}
    definitions = [
        build_definition(
            model=one.model,
            kind=one.kind,
            manufacturer=manufacturer,
            other_maker=maker,
            context=context,
        )
        for (maker, _), one in models.items()
    ]
    devices = [
        build_device(
            device=one.device,
            model=one.model,
            kind=one.kind,
            manufacturer=manufacturer,
            other_maker=maker,
            context=context,
            firmware=one.firmware,
            define=define,
        )
        for one, maker in listed
    ]
    return [*definitions, *devices]


def _other_maker(info: DeviceInfo, vendor: str) -> str | None:
    return None if info.manufacturer == vendor else info.manufacturer
