"""What the columns of each kind of section become in the common vocabulary.

Belongs here: the table of metrics. Not here: units (`columns.py`), or rows (`readings.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.beurer.columns import Header
from ohx_pipelines.providers.beurer.words import Column, Kind

_METRICS: Mapping[Kind, Mapping[Column, Metric]] = {
    Kind.WEIGHT: {
        Column.WEIGHT: Metric.BODY_WEIGHT,
        Column.BODY_MASS_INDEX: Metric.BODY_MASS_INDEX,
        Column.FAT: Metric.FAT_RATIO,
        Column.WATER: Metric.WATER_RATIO,
        Column.MUSCLES: Metric.MUSCLE_RATIO,
        Column.BONES: Metric.BONE_MASS,
        Column.METABOLIC_AGE: Metric.METABOLIC_AGE,
        Column.VISCERAL_FAT: Metric.VISCERAL_FAT_LEVEL,
        Column.BASAL_METABOLIC_RATE: Metric.BASAL_METABOLIC_RATE,
        Column.PULSE: Metric.HEART_RATE,
    },
    Kind.PRESSURE: {
        Column.SYSTOLIC: Metric.SYSTOLIC_BLOOD_PRESSURE,
        Column.DIASTOLIC: Metric.DIASTOLIC_BLOOD_PRESSURE,
        Column.MEAN_PRESSURE: Metric.MEAN_BLOOD_PRESSURE,
        Column.PULSE: Metric.HEART_RATE,
    },
    Kind.GLUCOSE: {
        Column.GLUCOSE: Metric.BLOOD_GLUCOSE,
        Column.GLUCOSE_MOLAR: Metric.BLOOD_GLUCOSE_MOLAR,
    },
    Kind.TEMPERATURE: {Column.TEMPERATURE: Metric.BODY_TEMPERATURE},
    Kind.OXYGEN: {Column.OXYGEN: Metric.OXYGEN_SATURATION, Column.PULSE: Metric.HEART_RATE},
}
_OF_A_SESSION: Mapping[Column, Metric] = {
    Column.OXYGEN_MEAN: Metric.MEAN_OXYGEN_SATURATION,
    Column.OXYGEN_MINIMUM: Metric.MINIMUM_OXYGEN_SATURATION,
    Column.OXYGEN_MAXIMUM: Metric.MAXIMUM_OXYGEN_SATURATION,
    Column.PULSE: Metric.MEAN_HEART_RATE,
}
# What a row is read for beside its values.
_ABOUT_THE_ROW = frozenset(
    {Column.DATE, Column.TIME, Column.START, Column.END, Column.ADDED_MANUALLY}
)


def is_session(header: Header) -> bool:
    """Tell whether rows span a time, from its start to its end."""
    return Column.END in header.at


def metrics_of(header: Header) -> dict[Column, Metric]:
    """Give the columns of a section that are values, and their metrics."""
    if header.kind is None:
        return {}
    known = _OF_A_SESSION if is_session(header) else _METRICS[header.kind]
    return {column: metric for column, metric in known.items() if column in header.at}


def counted(header: Header) -> frozenset[int]:
    """Give the places of values that have no metric in such a section."""
    known = _ABOUT_THE_ROW | metrics_of(header).keys()
    return header.not_mapped | {at for column, at in header.at.items() if column not in known}
