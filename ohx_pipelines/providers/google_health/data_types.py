"""What a Google Health account can share: the data types that a patient chooses from.

Belongs here: their names and words, and what each asks of a listing. Not here: the vendor's own data types (`listings.py`), from whose
table metrics and scopes come. Names are stored with each link: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import DataType
from ohx_pipelines.providers.google_health.listings import LISTINGS, Listing
from ohx_pipelines.providers.google_health.scopes import NUTRITION_SCOPE, SETTINGS_SCOPE

_TITLES = {
    "body": "weight, height and body fat",
    "activity": "activity of each day: steps, distance, floors, energy, minutes",
    "workouts": "workouts",
    "heart_rate": "heart rate of each day, also at rest",
    "intraday": "heart rate through the day",
    "heart_rate_variability": "heart rate variability",
    "oxygen": "oxygen saturation",
    "breathing": "breathing rate while asleep",
    "sleep": "sleep of each night",
    "sleep_stages": "stages of sleep through the night",
    "temperature": "body temperature",
    "skin_temperature": "skin temperature while asleep",
    "fitness": "fitness (VO2max)",
    "glucose": "blood glucose",
    "ecg": "electrocardiograms",
    "irregular_rhythm": "notifications of an irregular rhythm",
}
# One of the vendor's listings tells of both.
_STAGES = frozenset({Metric.SLEEP_STAGE})


def _data_type(name: str, title: str) -> DataType:
    listings = [one for one in LISTINGS if name in one.data_types]
    metrics = frozenset[Metric]().union(*(one.metrics for one in listings))
    if name == "sleep":
        metrics -= _STAGES
    elif name == "sleep_stages":
        metrics = _STAGES
    # Zone and devices are in the settings.
    scopes = frozenset({SETTINGS_SCOPE, *(one.scope for one in listings)})
    return DataType(name=name, title=title, metrics=metrics, scopes=scopes)


DATA_TYPES = tuple(_data_type(name, title) for name, title in _TITLES.items())
# For deployments that ask for it: no metric comes of it, only how many there were.
COUNTED = DataType(
    name="logs",
    title="how many drinks and meals were logged, not which",
    metrics=frozenset(),
    scopes=frozenset({SETTINGS_SCOPE, NUTRITION_SCOPE}),
)


def asked_of(
    listing: Listing, data_types: Iterable[DataType], *, shared: frozenset[str]
) -> frozenset[Metric]:
    """Give the metrics that are asked of a listing: none when nothing of it is shared."""
    offered = (one for one in data_types if one.name in shared and one.name in listing.data_types)
    return frozenset[Metric]().union(*(one.metrics for one in offered)) & listing.metrics
