"""Withings' measure types: what each number of `getmeas` measures, in which unit, in which words.

Belongs here: tables of `type`, `position` and coded values. Not here: groups (`groups.py`), or what
becomes of their measures (`measures.py`).
Source of all numbers: the vendor's API reference (developer.withings.com/api-reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ohx_pipelines.measurements import Metric
from ohx_pipelines.metrics import Rhythm


@dataclass(frozen=True)
class MeasureType:
    """What a measure is: its metric, and the UCUM unit of its real value or the words it may be."""

    metric: Metric
    unit: str | None
    words: Mapping[int, Rhythm] | None = None


ECG_WORDS = {
    0: Rhythm.NO_ATRIAL_FIBRILLATION,
    1: Rhythm.ATRIAL_FIBRILLATION,
    2: Rhythm.INCONCLUSIVE,
    3: Rhythm.UNREADABLE,  # no signal
    4: Rhythm.OTHER,
    5: Rhythm.UNREADABLE,  # noise
    6: Rhythm.LOW_HEART_RATE,
    7: Rhythm.HIGH_HEART_RATE,
    8: Rhythm.INCONCLUSIVE,  # in the United States
    9: Rhythm.NORMAL_SINUS_RHYTHM,
    10: Rhythm.NO_ATRIAL_FIBRILLATION_HIGH_HEART_RATE,
    11: Rhythm.ATRIAL_FIBRILLATION,  # at a normal heart rate
    12: Rhythm.ATRIAL_FIBRILLATION_HIGH_HEART_RATE,
    13: Rhythm.OTHER,  # no diagnosis
}
PULSE_WORDS = {code: ECG_WORDS[code] for code in (0, 1, 2)}

UNSPECIFIED_TEMPERATURE, BODY_TEMPERATURE = 12, 71
MEASURE_TYPES = {
    1: MeasureType(Metric.BODY_WEIGHT, "kg"),
    4: MeasureType(Metric.BODY_HEIGHT, "m"),
    5: MeasureType(Metric.FAT_FREE_MASS, "kg"),
    6: MeasureType(Metric.FAT_RATIO, "%"),
    8: MeasureType(Metric.FAT_MASS, "kg"),
    9: MeasureType(Metric.DIASTOLIC_BLOOD_PRESSURE, "mm[Hg]"),
    10: MeasureType(Metric.SYSTOLIC_BLOOD_PRESSURE, "mm[Hg]"),
    11: MeasureType(Metric.HEART_RATE, "/min"),
    UNSPECIFIED_TEMPERATURE: MeasureType(Metric.BODY_TEMPERATURE, "Cel"),
    54: MeasureType(Metric.OXYGEN_SATURATION, "%"),
    BODY_TEMPERATURE: MeasureType(Metric.BODY_TEMPERATURE, "Cel"),
    73: MeasureType(Metric.SKIN_TEMPERATURE, "Cel"),
    76: MeasureType(Metric.MUSCLE_MASS, "kg"),
    77: MeasureType(Metric.WATER_MASS, "kg"),
    88: MeasureType(Metric.BONE_MASS, "kg"),
    91: MeasureType(Metric.PULSE_WAVE_VELOCITY, "m/s"),
    123: MeasureType(Metric.VO2_MAX_SAMPLE, "mL/min/kg"),
    130: MeasureType(Metric.ATRIAL_FIBRILLATION_CLASSIFICATION, None, ECG_WORDS),
    135: MeasureType(Metric.QRS_DURATION, "ms"),
    136: MeasureType(Metric.PR_INTERVAL, "ms"),
    137: MeasureType(Metric.QT_INTERVAL, "ms"),
    138: MeasureType(Metric.CORRECTED_QT_INTERVAL, "ms"),
    139: MeasureType(Metric.PULSE_RHYTHM_CLASSIFICATION, None, PULSE_WORDS),
    155: MeasureType(Metric.VASCULAR_AGE, "a"),
    158: MeasureType(Metric.LEFT_FOOT_NERVE_HEALTH_SCORE, "{score}"),
    159: MeasureType(Metric.RIGHT_FOOT_NERVE_HEALTH_SCORE, "{score}"),
    167: MeasureType(Metric.NERVE_HEALTH_SCORE, "{score}"),
    168: MeasureType(Metric.EXTRACELLULAR_WATER, "kg"),
    169: MeasureType(Metric.INTRACELLULAR_WATER, "kg"),
    170: MeasureType(Metric.VISCERAL_FAT_LEVEL, "{score}"),
    196: MeasureType(Metric.ELECTRODERMAL_ACTIVITY, "uS"),
    197: MeasureType(Metric.LEFT_FOOT_ELECTRODERMAL_ACTIVITY, "uS"),
    198: MeasureType(Metric.RIGHT_FOOT_ELECTRODERMAL_ACTIVITY, "uS"),
    226: MeasureType(Metric.BASAL_METABOLIC_RATE, "kcal/d"),
    227: MeasureType(Metric.METABOLIC_AGE, "a"),
    229: MeasureType(Metric.ELECTROCHEMICAL_SKIN_CONDUCTANCE, "uS"),
}

# These three come once per `position`: what is measured is where.
SEGMENT_TYPES = {173: "fat_free_mass", 174: "fat_mass", 175: "muscle_mass"}
SEGMENTS = {2: "right_arm", 3: "left_arm", 10: "left_leg", 11: "right_leg", 12: "trunk"}
WHOLE_BODY = 7
_SEGMENT_METRICS = {
    code: {position: Metric(f"{segment}_{mass}") for position, segment in SEGMENTS.items()}
    for code, mass in SEGMENT_TYPES.items()
}
MEASURED = frozenset(
    [
        *(known.metric for known in MEASURE_TYPES.values()),
        *(metric for by_position in _SEGMENT_METRICS.values() for metric in by_position.values()),
    ]
)
# A living body has none of these at zero.
LIVING = frozenset(
    {
        Metric.HEART_RATE,
        Metric.OXYGEN_SATURATION,
        Metric.BODY_TEMPERATURE,
        Metric.SKIN_TEMPERATURE,
    }
)
# A pulse belongs to the cuff's reading only where one of the two pressures stands beside it.
PRESSURES = frozenset({Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE})


def types_of(metrics: frozenset[Metric]) -> list[int]:
    """Give the vendor's types of these metrics, in order."""
    single = (code for code, known in MEASURE_TYPES.items() if known.metric in metrics)
    segments = (
        code for code, metric in _SEGMENT_METRICS.items() if metrics.intersection(metric.values())
    )
    return sorted([*single, *segments])


def segment_type(code: int, position: int | None) -> MeasureType | None:
    """Give what a segment's type measures at a position; None at one that is not mapped."""
    metric = _SEGMENT_METRICS[code].get(position) if position is not None else None
    return MeasureType(metric, "kg") if metric is not None else None
