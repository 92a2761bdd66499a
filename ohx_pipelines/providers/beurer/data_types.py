"""What an export of Beurer's can share, and the rest of the vendor's facts.

Belongs here: names, words and metrics. Not here: the files' words (`words.py`).
Names are stored with each link: they stay as they are.
"""

from __future__ import annotations

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.declared import DataType, ProviderFacts


def _type(name: str, title: str, *metrics: Metric) -> DataType:
    return DataType(name=name, title=title, metrics=frozenset(metrics))


DATA_TYPES = (
    _type(
        "body",
        "weight and body composition",
        Metric.BODY_WEIGHT,
        Metric.BODY_MASS_INDEX,
        Metric.FAT_RATIO,
        Metric.WATER_RATIO,
        Metric.MUSCLE_RATIO,
        Metric.BONE_MASS,
        Metric.VISCERAL_FAT_LEVEL,
        Metric.METABOLIC_AGE,
        Metric.BASAL_METABOLIC_RATE,
    ),
    _type(
        "blood_pressure",
        "blood pressure and pulse",
        Metric.SYSTOLIC_BLOOD_PRESSURE,
        Metric.DIASTOLIC_BLOOD_PRESSURE,
        Metric.MEAN_BLOOD_PRESSURE,
        # A scale's and an oximeter's too: who does not share their pulse shares no device's.
        Metric.HEART_RATE,
    ),
    _type("glucose", "blood glucose", Metric.BLOOD_GLUCOSE, Metric.BLOOD_GLUCOSE_MOLAR),
    _type("temperature", "body temperature", Metric.BODY_TEMPERATURE),
    _type(
        "oxygen",
        "oxygen saturation",
        Metric.OXYGEN_SATURATION,
        Metric.MEAN_OXYGEN_SATURATION,
        Metric.MINIMUM_OXYGEN_SATURATION,
        Metric.MAXIMUM_OXYGEN_SATURATION,
        Metric.MEAN_HEART_RATE,
    ),
)
FACTS = ProviderFacts(
    name="beurer",
    title="Beurer",
    manufacturer="Beurer",
    scopes=(),
    data_types=DATA_TYPES,
    pkce=False,
    most_days=92,
    most_gap_days=31,
    needed_scopes=frozenset(),
)
