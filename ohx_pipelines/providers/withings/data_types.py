"""What a Withings account can share: the data types that a patient chooses from.

Belongs here: their names, words and metrics. Not here: the vendor's numbers (`measure_types.py`), or
which call gives what (`listings.py`). Names are stored with each link: they stay as they are.
"""

from __future__ import annotations

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import DataType

METRICS_SCOPE, ACTIVITY_SCOPE, INFO_SCOPE = "user.metrics", "user.activity", "user.info"


def _type(name: str, title: str, scope: str, *metrics: Metric) -> DataType:
    return DataType(
        name=name, title=title, metrics=frozenset(metrics), scopes=frozenset({INFO_SCOPE, scope})
    )


_SEGMENTS = tuple(
    Metric(f"{segment}_{mass}")
    for segment in ("left_arm", "right_arm", "left_leg", "right_leg", "trunk")
    for mass in ("fat_mass", "fat_free_mass", "muscle_mass")
)
_HEART_RATES = (Metric.MEAN_HEART_RATE, Metric.MAXIMUM_HEART_RATE, Metric.MINIMUM_HEART_RATE)

DATA_TYPES = (
    _type(
        "body",
        "weight, height and body composition",
        METRICS_SCOPE,
        Metric.BODY_WEIGHT,
        Metric.BODY_HEIGHT,
        Metric.FAT_FREE_MASS,
        Metric.FAT_RATIO,
        Metric.FAT_MASS,
        Metric.MUSCLE_MASS,
        Metric.WATER_MASS,
        Metric.BONE_MASS,
        Metric.EXTRACELLULAR_WATER,
        Metric.INTRACELLULAR_WATER,
        Metric.VISCERAL_FAT_LEVEL,
        Metric.BASAL_METABOLIC_RATE,
        Metric.METABOLIC_AGE,
        *_SEGMENTS,
    ),
    _type(
        "blood_pressure",
        "blood pressure and pulse",
        METRICS_SCOPE,
        Metric.SYSTOLIC_BLOOD_PRESSURE,
        Metric.DIASTOLIC_BLOOD_PRESSURE,
        # A scale can take a pulse too: the vendor has one type for both.
        Metric.HEART_RATE,
    ),
    _type("temperature", "body temperature", METRICS_SCOPE, Metric.BODY_TEMPERATURE),
    _type("oxygen", "oxygen saturation", METRICS_SCOPE, Metric.OXYGEN_SATURATION),
    _type(
        "activity",
        "activity of each day: steps, distance, energy, heart rate",
        ACTIVITY_SCOPE,
        Metric.STEPS_PER_DAY,
        Metric.DISTANCE_PER_DAY,
        Metric.FLOORS_CLIMBED_PER_DAY,
        Metric.LIGHT_ACTIVITY_DURATION,
        Metric.MODERATE_ACTIVITY_DURATION,
        Metric.VIGOROUS_ACTIVITY_DURATION,
        Metric.ACTIVE_ENERGY_PER_DAY,
        Metric.ENERGY_EXPENDED_PER_DAY,
        Metric.MEAN_HEART_RATE_PER_DAY,
        Metric.MAXIMUM_HEART_RATE_PER_DAY,
        Metric.MINIMUM_HEART_RATE_PER_DAY,
        Metric.LIGHT_HEART_RATE_ZONE_DURATION,
        Metric.MODERATE_HEART_RATE_ZONE_DURATION,
        Metric.INTENSE_HEART_RATE_ZONE_DURATION,
        Metric.MAXIMUM_HEART_RATE_ZONE_DURATION,
    ),
    _type(
        "workouts",
        "workouts",
        ACTIVITY_SCOPE,
        Metric.WORKOUT_TYPE,
        Metric.WORKOUT_DURATION,
        Metric.ENERGY_EXPENDED,
        Metric.DISTANCE,
        Metric.STEPS,
        Metric.FLOORS_CLIMBED,
        Metric.MEAN_OXYGEN_SATURATION,
        *_HEART_RATES,
    ),
    _type(
        "sleep",
        "sleep of each night",
        ACTIVITY_SCOPE,
        Metric.SLEEP_DURATION,
        Metric.DEEP_SLEEP_DURATION,
        Metric.LIGHT_SLEEP_DURATION,
        Metric.REM_SLEEP_DURATION,
        Metric.AWAKE_DURATION,
        Metric.WAKE_AFTER_SLEEP_ONSET,
        Metric.TIME_IN_BED,
        Metric.SLEEP_LATENCY,
        Metric.AWAKENINGS,
        Metric.SNORING_DURATION,
        Metric.SNORING_EPISODES,
        Metric.SLEEP_SCORE,
        Metric.SLEEP_EFFICIENCY,
        Metric.MEAN_RESPIRATORY_RATE,
        Metric.APNEA_HYPOPNEA_INDEX,
        Metric.BREATHING_DISTURBANCES,
        *_HEART_RATES,
    ),
    _type(
        "sleep_stages",
        "stages of sleep, with heart rate and breathing through the night",
        ACTIVITY_SCOPE,
        Metric.SLEEP_STAGE,
        Metric.HEART_RATE_SERIES,
        Metric.RESPIRATORY_RATE_SERIES,
    ),
    _type(
        "intraday",
        "heart rate and steps through the day",
        ACTIVITY_SCOPE,
        Metric.HEART_RATE_SERIES,
        Metric.STEPS_SERIES,
    ),
    _type(
        "ecg",
        "electrocardiograms and heart rhythm",
        METRICS_SCOPE,
        Metric.ECG_WAVEFORM,
        Metric.ECG_HEART_RATE,
        Metric.PR_INTERVAL,
        Metric.QRS_DURATION,
        Metric.QT_INTERVAL,
        Metric.CORRECTED_QT_INTERVAL,
        Metric.ATRIAL_FIBRILLATION_CLASSIFICATION,
        Metric.PULSE_RHYTHM_CLASSIFICATION,
    ),
    _type(
        "nerve_health",
        "nerve health and skin conductance",
        METRICS_SCOPE,
        Metric.NERVE_HEALTH_SCORE,
        Metric.LEFT_FOOT_NERVE_HEALTH_SCORE,
        Metric.RIGHT_FOOT_NERVE_HEALTH_SCORE,
        Metric.ELECTRODERMAL_ACTIVITY,
        Metric.LEFT_FOOT_ELECTRODERMAL_ACTIVITY,
        Metric.RIGHT_FOOT_ELECTRODERMAL_ACTIVITY,
        Metric.ELECTROCHEMICAL_SKIN_CONDUCTANCE,
    ),
)
# A plan that does not cover one may refuse the whole call (2555), so they are asked for on request.
PAID = (
    _type("pulse_wave_velocity", "pulse wave velocity", METRICS_SCOPE, Metric.PULSE_WAVE_VELOCITY),
    _type("vascular_age", "vascular age", METRICS_SCOPE, Metric.VASCULAR_AGE),
    _type("fitness", "fitness (VO2max)", METRICS_SCOPE, Metric.VO2_MAX_SAMPLE),
    _type("skin_temperature", "skin temperature", METRICS_SCOPE, Metric.SKIN_TEMPERATURE),
    _type(
        "automatic",
        "oxygen saturation, breathing and heart rate variability through the day",
        ACTIVITY_SCOPE,
        Metric.OXYGEN_SATURATION_SERIES,
        Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES,
        Metric.HEART_RATE_VARIABILITY_SDNN_SERIES,
        Metric.RESPIRATORY_RATE_SERIES,
        Metric.CORE_BODY_TEMPERATURE_SERIES,
    ),
)
