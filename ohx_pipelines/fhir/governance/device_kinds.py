"""Kinds of devices: their IEEE 11073 specialisation, and whether they are worn.

Belongs here: what follows from a kind, in the words that vendors use. Not here: one device
(`devices.py`) or one model (`definitions.py`).
"""

from __future__ import annotations

from typing import Any

MDC = "urn:iso:std:iso:11073:10101"
_TYPES = {
    "Scale": ("528399", "Weighing scale"),
    "Blood Pressure Monitor": ("528391", "Blood pressure monitor"),
    "Smart Connected Thermometer": ("528392", "Thermometer"),
    "Activity Tracker": ("528425", "Cardiovascular fitness and activity monitor"),
}
_WORN = frozenset({"Activity Tracker"})


def device_type(kind: str) -> dict[str, Any]:
    """Give the type as a CodeableConcept; a kind that has no code keeps its word."""
    code = _TYPES.get(kind)
    coding = [{"system": MDC, "code": code[0], "display": code[1]}] if code else []
    return {"coding": coding, "text": kind} if coding else {"text": kind}


def is_worn(kind: str) -> bool:
    """Tell whether the device is attached to its user; a scale is not."""
    return kind in _WORN
