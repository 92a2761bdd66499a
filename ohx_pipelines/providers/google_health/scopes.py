"""Google's scopes, as far as they are asked for: never one that writes.

Belongs here: their names. Not here: which data type takes which (`listings.py`).
"""

from __future__ import annotations

_PREFIX = "https://www.googleapis.com/auth/googlehealth."
ACTIVITY_SCOPE = f"{_PREFIX}activity_and_fitness.readonly"
HEALTH_SCOPE = f"{_PREFIX}health_metrics_and_measurements.readonly"
SLEEP_SCOPE = f"{_PREFIX}sleep.readonly"
ECG_SCOPE = f"{_PREFIX}ecg.readonly"
RHYTHM_SCOPE = f"{_PREFIX}irn.readonly"
NUTRITION_SCOPE = f"{_PREFIX}nutrition.readonly"
SETTINGS_SCOPE = f"{_PREFIX}settings.readonly"
