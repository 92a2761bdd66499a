"""Withings' wire values: measure types, attribution, device models, status codes.

Belongs here: tables of the vendor's numbers. Not here: what is done with them.
Source of all numbers: the vendor's API reference (developer.withings.com/api-reference).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ohx_pipelines.measurements import Metric, RecordingMethod


@dataclass(frozen=True)
class MeasureType:
    """A mapped `type` of a measure: what it is, in which UCUM unit its real value stands."""

    metric: Metric
    unit: str


MEASURE_TYPES = {
    1: MeasureType(Metric.BODY_WEIGHT, "kg"),
    4: MeasureType(Metric.BODY_HEIGHT, "m"),
    5: MeasureType(Metric.FAT_FREE_MASS, "kg"),
    6: MeasureType(Metric.FAT_RATIO, "%"),
    8: MeasureType(Metric.FAT_MASS, "kg"),
    9: MeasureType(Metric.DIASTOLIC_BLOOD_PRESSURE, "mm[Hg]"),
    10: MeasureType(Metric.SYSTOLIC_BLOOD_PRESSURE, "mm[Hg]"),
    11: MeasureType(Metric.HEART_RATE, "/min"),
    76: MeasureType(Metric.MUSCLE_MASS, "kg"),
    77: MeasureType(Metric.WATER_MASS, "kg"),
    88: MeasureType(Metric.BONE_MASS, "kg"),
    91: MeasureType(Metric.PULSE_WAVE_VELOCITY, "m/s"),
}


def types_of(metrics: frozenset[Metric]) -> list[int]:
    """Give the vendor's types of these metrics, in order."""
    return [code for code, known in MEASURE_TYPES.items() if known.metric in metrics]


# A pulse belongs to the cuff's reading only where one of the two pressures stands beside it.
PRESSURES = frozenset({Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE})

# `attrib` of a group: how sure the vendor is whose reading it is. What is not listed here
# (17 is seen on the wire and documented nowhere) is held back under its number.
ATTRIBUTION = {
    0: RecordingMethod.DEVICE,  # the device, surely this user
    2: RecordingMethod.MANUAL,  # typed in
    4: RecordingMethod.MANUAL,  # typed in when the account was made
    5: RecordingMethod.DEVICE,  # best of an automatic series of blood pressures
    7: RecordingMethod.DEVICE,  # confirmed by the user
    8: RecordingMethod.DEVICE,  # same as 0
    15: RecordingMethod.DEVICE,  # taken under guided conditions
}
AMBIGUOUS = 1

_SCALES = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 18}
_CUFFS = {41, 42, 43, 44, 45, 46, 47, 48}
_THERMOMETERS = {70, 71}
_TRACKERS = {51, 52, 53, 54, 55, 58, 59, 90, 91, 92, 93, 94, 95}


def device_kind(model_id: object) -> str:
    """Give the device type, in the words of the vendor's device list, for a model id.

    Unknown ids give "Unknown": a new device never costs a reading.
    """
    kinds = {
        "Scale": _SCALES,
        "Blood Pressure Monitor": _CUFFS,
        "Smart Connected Thermometer": _THERMOMETERS,
        "Activity Tracker": _TRACKERS,
    }
    return next((kind for kind, ids in kinds.items() if model_id in ids), "Unknown")


class Reaction(Enum):
    """What a status of the vendor's envelope asks of the caller."""

    DONE = "done"
    RENEW_TOKEN = "renew_token"  # noqa: S105 (no password: the name of a reaction)
    WAIT = "wait"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"


def _span(first: int, last: int) -> set[int]:
    return set(range(first, last + 1))


TOO_MANY_REQUESTS = 601
_UNAUTHENTICATED = {100, 101, 102, 200, 401}
# The vendor's own trouble; everything that is in no set here is a wrong request of ours.
_TROUBLE = (
    {
        215,
        219,
        222,
        224,
        226,
        237,
        253,
        289,
        291,
        292,
        296,
        298,
        322,
        383,
        391,
        402,
        522,
    }
    | {524, 533, 602, 700, 2551, 2552, 6000, 6010, 6011, 9000, 10000}
    | _span(231, 233)
    | _span(255, 259)
    | _span(268, 270)
    | {273, 274}
    | _span(278, 282)
    | _span(305, 320)
    | _span(370, 375)
    | _span(516, 521)
    | _span(525, 531)
    | _span(1051, 1054)
    | _span(2556, 2559)
    | _span(3000, 3016)
    | _span(3020, 3024)
    | _span(5000, 5006)
)


def reaction(status: int) -> Reaction:
    """Say what to do about the `status` of an answer (fact: HTTP is 200 even for errors)."""
    if status == 0:
        return Reaction.DONE
    if status in _UNAUTHENTICATED:
        return Reaction.RENEW_TOKEN
    if status == TOO_MANY_REQUESTS:
        return Reaction.WAIT
    return Reaction.TRY_AGAIN if status in _TROUBLE else Reaction.GIVE_UP
