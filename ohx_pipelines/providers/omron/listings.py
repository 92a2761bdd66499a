"""OMRON's listings: one `type` of measurement per call, and the list of an answer that holds its rows.

Belongs here: which there are, and what each is read for. Not here: calls (`calls.py`), or what a row
means (`cuff.py`, `scale.py`, `days.py`, `others.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ohx_pipelines.measurements import Metric
from ohx_pipelines.provider_settings import SCOPE_MARK
from ohx_pipelines.providers.declared import DataType


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One listing: `name` is `type` on the wire, and what its records begin with.

    `rows` is the list of an answer, `data_type` what a patient shares to have it read, `scope` the
    contract's word for what must have been granted.
    """

    name: str
    rows: str
    data_type: DataType
    scope: str

    def under(self, scope: str) -> Listing:
        """Give the listing as a contract has it, whose word for its scope is another."""
        told = replace(self.data_type, scopes=frozenset({scope}))
        return replace(self, scope=scope, data_type=told)


def _listing(name: str, rows: str, data_type: str, title: str, *metrics: Metric) -> Listing:
    shared = DataType(
        name=data_type, title=title, metrics=frozenset(metrics), scopes=frozenset({name})
    )
    return Listing(name=name, rows=rows, data_type=shared, scope=name)


BLOOD_PRESSURE = _listing(
    "bloodpressure",
    "bloodPressure",
    "blood_pressure",
    "blood pressure, pulse and what the cuff noticed",
    Metric.SYSTOLIC_BLOOD_PRESSURE,
    Metric.DIASTOLIC_BLOOD_PRESSURE,
    Metric.HEART_RATE,
    Metric.POSSIBLE_ATRIAL_FIBRILLATION,
    Metric.IRREGULAR_HEARTBEAT,
    Metric.MOVEMENT_DURING_MEASUREMENT,
)
WEIGHT = _listing(
    "weight",
    "weight",
    "body",
    "weight and body composition",
    Metric.BODY_WEIGHT,
    Metric.BODY_MASS_INDEX,
    Metric.FAT_RATIO,
    Metric.MUSCLE_RATIO,
    Metric.VISCERAL_FAT_LEVEL,
    Metric.BASAL_METABOLIC_RATE,
    Metric.METABOLIC_AGE,
)
ACTIVITY = _listing(
    "activity",
    "activity",
    "activity",
    "steps, distance and active energy of each day",
    Metric.STEPS_PER_DAY,
    Metric.DISTANCE_PER_DAY,
    Metric.ACTIVE_ENERGY_PER_DAY,
)
TEMPERATURE = _listing(
    "temperature", "temperature", "temperature", "body temperature", Metric.BODY_TEMPERATURE
)
OXYGEN = _listing(
    "oxygen",
    "oxygen",
    "oxygen",
    "oxygen saturation and pulse",
    Metric.OXYGEN_SATURATION,
    Metric.HEART_RATE,
)
LISTINGS = (WEIGHT, BLOOD_PRESSURE, ACTIVITY, TEMPERATURE, OXYGEN)
BY_NAME = {one.name: one for one in LISTINGS}


def asked_of(listing: Listing, *, shared: frozenset[str]) -> frozenset[Metric]:
    """Give the metrics that are asked of a listing, as the patient shares.

    A pulse is told by two listings: it is asked of the one that is shared.
    """
    is_shared = listing.data_type.name in shared
    return listing.data_type.metrics if is_shared else frozenset()


def listings_of(types: str) -> tuple[Listing, ...]:
    """Give the listings that a contract grants, of its words: a name, or a name and its scope."""
    words = (word.partition(SCOPE_MARK) for word in types.split())
    scopes = {name: scope or name for name, _, scope in words}
    return tuple(one.under(scopes[one.name]) for one in LISTINGS if one.name in scopes)
