"""Whether each of a vendor's devices stands in the EHR once, and is one person's where it must be.

Belongs here: Devices by themselves. Not here: who is associated with one (`governance.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sandbox.reader.ehr import device_names, identifier_values
from sandbox.reader.found import RETRACTED, Found, Resource
from sandbox.reader.google.points import MODEL
from sandbox.reader.report import Report


def doubled_devices(devices: Mapping[str, Resource]) -> int:
    """Count Devices that have an identifier of another one."""
    held = Counter(value for one in devices.values() for value in set(identifier_values(one)))
    return sum(count - 1 for count in held.values())


def judge_owners(
    report: Report, found: Mapping[str, Sequence[Found]], devices: Mapping[str, Resource]
) -> None:
    """Judge devices that are known by their model alone: each person has one Device of a model.

    `found` has the Observations by login. A Device of two people is wrong for each but the first,
    and two of a model that one person's Observations refer to are doubled.
    """
    owners: Counter[str] = Counter()
    for observations in found.values():
        named = {
            one.device
            for one in observations
            if one.status != RETRACTED and one.device is not None and one.device in devices
        }
        owners.update(named)
        models = Counter(model for one in named for model in _models(devices[one]))
        report.doubled += sum(count - 1 for count in models.values())
    report.wrong["device"] += sum(count - 1 for count in owners.values())


def _models(device: Resource) -> set[str]:
    return {name for name in device_names(device) if name.startswith(MODEL)}
