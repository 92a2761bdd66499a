"""OMRON connect's facts: what its exports hold, and so what a patient shares or does not.

Belongs here: the declared facts. Not here: how a file is read. Names are stored with each link: they
stay as they are.
"""

from __future__ import annotations

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.declared import DataType, ProviderFacts

DATA_TYPES = (
    DataType(
        name="body",
        title="weight and body composition",
        metrics=frozenset(
            {
                Metric.BODY_WEIGHT,
                Metric.BODY_MASS_INDEX,
                Metric.FAT_RATIO,
                Metric.MUSCLE_RATIO,
                Metric.VISCERAL_FAT_LEVEL,
                Metric.BASAL_METABOLIC_RATE,
                Metric.METABOLIC_AGE,
            }
        ),
    ),
    DataType(
        name="blood_pressure",
        title="blood pressure and heart rate",
        metrics=frozenset(
            {
                Metric.SYSTOLIC_BLOOD_PRESSURE,
                Metric.DIASTOLIC_BLOOD_PRESSURE,
                Metric.HEART_RATE,
                Metric.IRREGULAR_HEARTBEAT,
                Metric.MOVEMENT_DURING_MEASUREMENT,
                Metric.POSSIBLE_ATRIAL_FIBRILLATION,
            }
        ),
    ),
)

FACTS = ProviderFacts(
    name="omron_connect",
    title="OMRON connect",
    manufacturer="OMRON Healthcare",
    scopes=(),
    data_types=DATA_TYPES,
    pkce=False,
    # Nobody is asked for a window of a file: it is a file's measure of how much is published at once.
    most_days=92,
    most_gap_days=31,
    needed_scopes=frozenset(),
    same_readings=("omron",),
)
