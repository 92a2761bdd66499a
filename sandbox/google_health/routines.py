"""Which points a day brings, by type: the one table of makers.

Belongs here: the table. Not here: the makers themselves, or what has been told by now (`store.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sandbox.google_health import (
    bodies,
    days,
    exercises,
    logs,
    meters,
    mornings,
    nights,
    pulses,
    strips,
)
from sandbox.google_health.points import Point
from sandbox.google_health.wearers import Wearer

MAKERS: dict[str, Callable[[Wearer, date], Iterator[Point]]] = {
    "steps": days.steps,
    "distance": days.distance,
    "floors": days.floors,
    "altitude": days.altitude,
    "active-energy-burned": days.active_energy,
    "total-calories": days.total_calories,
    "active-minutes": days.active_minutes,
    "active-zone-minutes": days.active_zone_minutes,
    "sedentary-period": days.sedentary,
    "time-in-heart-rate-zone": days.zone_times,
    "heart-rate": pulses.heart_rates,
    "heart-rate-variability": pulses.heart_rate_variabilities,
    "oxygen-saturation": pulses.oxygen_saturations,
    "vo2-max": meters.oxygen_uptakes,
    "run-vo2-max": meters.run_oxygen_uptakes,
    "weight": bodies.weights,
    "body-fat": bodies.body_fats,
    "height": bodies.heights,
    "blood-glucose": meters.glucoses,
    "core-body-temperature": meters.temperatures,
    "daily-resting-heart-rate": mornings.resting_heart_rates,
    "daily-heart-rate-variability": mornings.heart_rate_variability,
    "daily-oxygen-saturation": mornings.oxygen_saturation,
    "daily-respiratory-rate": mornings.respiratory_rate,
    "daily-sleep-temperature-derivations": mornings.skin_temperature,
    "daily-vo2-max": mornings.fitness,
    "sleep": nights.nights,
    "exercise": exercises.exercises,
    "electrocardiogram": strips.strips,
    "irregular-rhythm-notification": strips.rhythm_notices,
    "hydration-log": logs.drinks,
    "nutrition-log": logs.meals,
}
