"""Withings' listings: what each call lists, and which of them the shared data types need.

Belongs here: names of listings, and which data types come from where. Not here: the calls
(`calls.py`), their order (`fetching.py`), or rows (a reader per listing).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import DataType
from ohx_pipelines.providers.withings.ecg_takings import FROM_MEASURES
from ohx_pipelines.providers.withings.measure_types import MEASURED


class Listing(StrEnum):
    """One of the vendor's listings; its records are named after it, but for measures."""

    MEASURES = "measures"
    ACTIVITY = "activity"
    WORKOUTS = "workouts"
    SLEEP = "sleep"
    ECG = "ecg"
    SIGNAL = "ecg_signal"
    INTRADAY = "intraday"
    STAGES = "stages"

    @property
    def prefix(self) -> str:
        """What names of its records begin with; empty where the vendor's id is the name."""
        return _PREFIXES.get(self, self.value)


_PREFIXES = {Listing.MEASURES: "", Listing.WORKOUTS: "workout"}
# What is not named here comes with the measures.
_ELSEWHERE = {
    "activity": (Listing.ACTIVITY,),
    "workouts": (Listing.WORKOUTS,),
    "sleep": (Listing.SLEEP,),
    "sleep_stages": (Listing.STAGES,),
    "intraday": (Listing.INTRADAY,),
    "automatic": (Listing.INTRADAY,),
    "ecg": (Listing.ECG, Listing.MEASURES),
}
OF_AN_ECG = FROM_MEASURES | {Metric.ECG_WAVEFORM, Metric.ECG_HEART_RATE}


def listings_of(data_type: str) -> tuple[Listing, ...]:
    """Give the listings that a data type comes from."""
    return _ELSEWHERE.get(data_type, (Listing.MEASURES,))


def asked_of(
    listing: Listing, data_types: Iterable[DataType], *, shared: frozenset[str]
) -> frozenset[Metric]:
    """Give the metrics that are asked of a listing: none when nothing of it is shared."""
    concerned = (
        one.metrics for one in data_types if one.name in shared and listing in listings_of(one.name)
    )
    metrics: frozenset[Metric] = frozenset().union(*concerned)
    if listing is Listing.MEASURES:
        return metrics & MEASURED
    return metrics & OF_AN_ECG if listing is Listing.ECG else metrics
