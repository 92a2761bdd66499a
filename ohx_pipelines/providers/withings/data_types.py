"""What a Withings account can share: the data types that a patient chooses from.

Belongs here: their names, words and metrics. Not here: the vendor's numbers (`codes.py`). Names are
stored with each link and stand in commands: they stay as they are.
"""

from __future__ import annotations

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import DataType

BODY = DataType(
    name="body",
    title="weight, height and body composition",
    metrics=frozenset(
        {
            Metric.BODY_WEIGHT,
            Metric.BODY_HEIGHT,
            Metric.FAT_FREE_MASS,
            Metric.FAT_RATIO,
            Metric.FAT_MASS,
            Metric.MUSCLE_MASS,
            Metric.WATER_MASS,
            Metric.BONE_MASS,
        }
    ),
)
BLOOD_PRESSURE = DataType(
    name="blood_pressure",
    title="blood pressure and pulse",
    metrics=frozenset(
        {
            Metric.SYSTOLIC_BLOOD_PRESSURE,
            Metric.DIASTOLIC_BLOOD_PRESSURE,
            # A scale can take a pulse too: the vendor has one type for both.
            Metric.HEART_RATE,
        }
    ),
)
# A plan that does not cover it may refuse the whole call (2555), so it is asked for on request.
PAID = DataType(
    name="pulse_wave_velocity",
    title="pulse wave velocity",
    metrics=frozenset({Metric.PULSE_WAVE_VELOCITY}),
)
