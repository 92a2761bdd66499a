"""Withings' device models by number: their name, their kind, and whether they are the vendor's own.

Belongs here: the table of the vendor's device list. Not here: devices of an account (`account.py`).
Source: the vendor's API reference, "Get devices".
"""

from __future__ import annotations

SCALE = "Scale"
CUFF = "Blood Pressure Monitor"
TRACKER = "Activity Tracker"
SLEEP_MONITOR = "Sleep Monitor"
THERMOMETER = "Smart Connected Thermometer"
BABYPHONE = "Babyphone"
PHONE = "Phone"
UNKNOWN = "Unknown"
_MODELS = {
    1: ("WBS01", SCALE),
    2: ("WS30", SCALE),
    3: ("Kid Scale", SCALE),
    4: ("Smart Body Analyzer", SCALE),
    5: ("Body+", SCALE),
    6: ("Body Cardio", SCALE),
    7: ("Body", SCALE),
    9: ("Body Pro", SCALE),
    10: ("Body Scan", SCALE),
    11: ("WBS10", SCALE),
    12: ("WBS11", SCALE),
    # Two numbers are seen with that name.
    13: ("Body Smart", SCALE),
    16: ("Body Smart", SCALE),
    18: ("Body Comp", SCALE),
    21: ("Smart Baby Monitor", BABYPHONE),
    22: ("Home", BABYPHONE),
    41: ("Blood Pressure Monitor", CUFF),
    42: ("Blood Pressure Monitor V2", CUFF),
    43: ("Blood Pressure Monitor V3", CUFF),
    44: ("BPM Core", CUFF),
    45: ("BPM Connect", CUFF),
    46: ("BPM Connect Pro", CUFF),
    47: ("BPM Pro 2", CUFF),
    48: ("BPM Vision", CUFF),
    51: ("Pulse", TRACKER),
    52: ("Activite", TRACKER),
    53: ("Activite", TRACKER),
    54: ("Go", TRACKER),
    55: ("Steel HR", TRACKER),
    58: ("Pulse HR", TRACKER),
    59: ("Steel HR Sport", TRACKER),
    60: ("Aura Dock", SLEEP_MONITOR),
    61: ("Aura Sensor", SLEEP_MONITOR),
    63: ("Aura Sensor V2", SLEEP_MONITOR),
    70: ("Thermo", THERMOMETER),
    71: ("BeamO", THERMOMETER),
    90: ("Move", TRACKER),
    91: ("Move ECG", TRACKER),
    92: ("Move ECG", TRACKER),
    93: ("ScanWatch", TRACKER),
    94: ("ScanWatch 2", TRACKER),
    95: ("ScanWatch Light", TRACKER),
    100: ("WUP01", "Gateway"),
    1051: ("iOS steps", PHONE),
    1052: ("iOS steps", PHONE),
    1053: ("Android steps", PHONE),
    1054: ("Android steps", PHONE),
    1055: ("Google Fit", PHONE),
    1056: ("Samsung Health", PHONE),
    1057: ("HealthKit", PHONE),
    1058: ("HealthKit", PHONE),
    1059: ("HealthKit", PHONE),
    1060: ("Google Health Connect", PHONE),
    1061: ("iGlucose", "iGlucose"),
    1062: ("Huawei", PHONE),
    1063: ("Lingo", "Lingo"),
}
EXTERNAL = range(1051, 1064)
NAMELESS = "Unknown model"


def device_of(model_id: object, *, model: object = None) -> tuple[str, str]:
    """Give name and kind of a model: the name that stands beside it, else the table's.

    Unknown numbers give "Unknown model" and "Unknown": a new device never costs a reading.
    """
    is_known = isinstance(model_id, int) and not isinstance(model_id, bool)
    name, kind = _MODELS.get(model_id, (NAMELESS, UNKNOWN)) if is_known else (NAMELESS, UNKNOWN)  # type: ignore[call-overload]
    return (model if isinstance(model, str) and model else name), kind


def is_external(model_id: object) -> bool:
    """Tell whether a model is another vendor's app or device that Withings passes on."""
    return isinstance(model_id, int) and not isinstance(model_id, bool) and model_id in EXTERNAL
