"""OMRON's devices: a model's name on each row, and nothing else of them.

Belongs here: what device took a row, its id and its kind. Not here: what the row says.
"""

from __future__ import annotations

import hashlib

from ohx_pipelines.measurements import RecordingMethod
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.omron.rows import Row, flag, word

ID_LENGTH = 32
OTHER = "Device"
# By what OMRON's model names begin with.
KINDS = {
    "HEM": "Blood Pressure Monitor",
    "BP": "Blood Pressure Monitor",
    "HBF": "Scale",
    "BCM": "Scale",
    "VIVA": "Scale",
    "HJA": "Activity Tracker",
    "MC": "Smart Connected Thermometer",
    "HPO": "Pulse Oximeter",
}


def source_of(row: Row, account: str) -> tuple[DeviceInfo | None, RecordingMethod]:
    """Give the device that took a row and who says so; without a model nothing says that one did."""
    model = word(row.get("devicetype"))
    if model is None or flag(row.get("ismanualentry")):
        return None, RecordingMethod.MANUAL
    return described(model, account), RecordingMethod.DEVICE


def described(model: str, account: str) -> DeviceInfo:
    """Describe an account's device of a model; two of one model are one."""
    return DeviceInfo(device=device_id(account, model), model=model, kind=kind_of(model))


def device_id(account: str, model: str) -> str:
    """Give the id of a device; the account belongs to it, or all patients would share one cuff."""
    return hashlib.sha256(f"{account} {model}".encode()).hexdigest()[:ID_LENGTH]


def kind_of(model: str) -> str:
    """Give the kind of device that a model's name stands for."""
    named = model.upper()
    return next((kind for prefix, kind in KINDS.items() if named.startswith(prefix)), OTHER)
