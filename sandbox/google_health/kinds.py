"""The vendor's data types: how each is spelled, and what its points look like in time.

Belongs here: names and kinds. Not here: which calls a type allows (`filters.py`), or its numbers.
"""

from __future__ import annotations

INTERVAL, SAMPLE, DAILY, SESSION = "interval", "sample", "daily", "session"
KIND_OF = {
    "steps": INTERVAL,
    "distance": INTERVAL,
    "floors": INTERVAL,
    "altitude": INTERVAL,
    "active-energy-burned": INTERVAL,
    "total-calories": INTERVAL,
    "active-minutes": INTERVAL,
    "active-zone-minutes": INTERVAL,
    "sedentary-period": INTERVAL,
    "time-in-heart-rate-zone": INTERVAL,
    "heart-rate": SAMPLE,
    "heart-rate-variability": SAMPLE,
    "oxygen-saturation": SAMPLE,
    "vo2-max": SAMPLE,
    "run-vo2-max": SAMPLE,
    "weight": SAMPLE,
    "body-fat": SAMPLE,
    "height": SAMPLE,
    "blood-glucose": SAMPLE,
    "core-body-temperature": SAMPLE,
    "daily-resting-heart-rate": DAILY,
    "daily-heart-rate-variability": DAILY,
    "daily-oxygen-saturation": DAILY,
    "daily-respiratory-rate": DAILY,
    "daily-sleep-temperature-derivations": DAILY,
    "daily-vo2-max": DAILY,
    "sleep": SESSION,
    "exercise": SESSION,
    "electrocardiogram": SESSION,
    "irregular-rhythm-notification": SESSION,
    "hydration-log": SESSION,
    "nutrition-log": SESSION,
}
TYPES = tuple(KIND_OF)
MEASURES = ("weight", "body-fat", "height")
# Types whose points have a name of their own on the wire.
NAMED = frozenset(
    {*MEASURES, "sleep", "exercise", "electrocardiogram", "irregular-rhythm-notification"}
    | {"hydration-log", "nutrition-log"}
)
# Types that are summed up by day.
ROLLED = (
    "steps",
    "distance",
    "floors",
    "altitude",
    "active-energy-burned",
    "total-calories",
    "active-minutes",
    "active-zone-minutes",
    "sedentary-period",
    "time-in-heart-rate-zone",
    "heart-rate",
)


def member_of(type_: str) -> str:
    """Give a type's spelling in JSON: `heart-rate` is `heartRate`."""
    first, *rest = type_.split("-")
    return first + "".join(part.capitalize() for part in rest)


def filter_name_of(type_: str) -> str:
    """Give a type's spelling in filters: `heart-rate` is `heart_rate`."""
    return type_.replace("-", "_")
