"""The data types that notifications can be about, and the scope that each of them needs.

Belongs here: which they are. Not here: who wants to be told (`subscribers.py`, `subscriptions.py`).
"""

from __future__ import annotations

from sandbox.google_health.abilities import ABILITIES

_TYPES = (
    "active-zone-minutes", "activity-level", "altitude", "blood-glucose", "body-fat",
    "calories-in-heart-rate-zone", "daily-heart-rate-variability", "daily-heart-rate-zones",
    "daily-oxygen-saturation", "daily-respiratory-rate", "daily-resting-heart-rate",
    "daily-sleep-temperature-derivations", "daily-vo2-max", "distance", "exercise", "floors",
    "heart-rate", "heart-rate-variability", "height", "hydration-log", "nutrition-log",
    "respiratory-rate-sleep-summary", "run-vo2-max", "sedentary-period", "sleep", "steps",
    "time-in-heart-rate-zone", "total-calories", "weight",
)  # fmt: skip
SCOPES = {one: ABILITIES[one].scope for one in _TYPES}
