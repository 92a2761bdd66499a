"""All that must stand for a Google Health account: every kind of listing, and its codes.

Belongs here: putting the kinds together. Not here: the rules of each.
"""

from __future__ import annotations

from sandbox.reader.google import (
    daily,
    exercises,
    nights,
    rhythm,
    samples,
    series,
    strips,
    totals,
)

DATA_TYPES = frozenset(
    {"body", "activity", "workouts", "heart_rate", "intraday", "heart_rate_variability", "oxygen",
     "breathing", "sleep", "sleep_stages", "temperature", "skin_temperature", "fitness", "glucose",
     "ecg", "irregular_rhythm"}
)  # fmt: skip
KINDS = (
    samples.sample_readings,
    totals.total_readings,
    daily.daily_readings,
    series.series_readings,
    nights.night_readings,
    exercises.exercise_readings,
    strips.strip_readings,
    rhythm.rhythm_readings,
)
CODES = frozenset().union(
    *(one.CODES for one in (daily, exercises, nights, rhythm, samples, series, strips, totals))
)
