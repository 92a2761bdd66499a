"""Scopes, and the list of an answer that each opens.

Belongs here: the vendor's names. Not here: who was granted what (`tokens.py`).
"""

from __future__ import annotations

OPENID, OFFLINE = "openid", "offline_access"
PRESSURE, ACTIVITY, WEIGHT, TEMPERATURE, OXYGEN = (
    "bloodpressure", "activity", "weight", "temperature", "oxygen",
)  # fmt: skip
# The lists of `result`, by the type that a call asks for: one differs in a capital letter.
LISTS = {
    PRESSURE: "bloodPressure",
    ACTIVITY: "activity",
    WEIGHT: "weight",
    TEMPERATURE: "temperature",
    OXYGEN: "oxygen",
}
TYPES = tuple(LISTS)
TEXTS = {
    PRESSURE: "blood pressure and pulse",
    ACTIVITY: "steps, distance and calories",
    WEIGHT: "weight and body composition",
    TEMPERATURE: "body temperature",
    OXYGEN: "oxygen saturation",
}
SCOPES = frozenset({*TYPES, OPENID, OFFLINE})
