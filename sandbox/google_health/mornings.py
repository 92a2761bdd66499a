"""What the vendor works out of a night, once a day.

Belongs here: points of the daily types. Not here: the samples of that night (`pulses.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from sandbox.google_health.beds import night_of
from sandbox.google_health.gear import STRAP, derived
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.wearers import Wearer
from sandbox.withings.life import HOUR
from sandbox.withings.minutes import resting

WORKED_OUT_AFTER = HOUR // 2
_FITNESS = ("POOR", "FAIR", "AVERAGE", "GOOD", "VERY_GOOD", "EXCELLENT")
_LEAST_FITNESS, _PER_FITNESS = 28, 5


def resting_heart_rates(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the pulse at rest, of a tracker without nights too; a strap's app has its own."""
    night = night_of(wearer, day)
    if wearer.gear.watch is None:
        return
    end = night[1] if night is not None else wearer.at(day, 11)
    method = "WITH_SLEEP" if night is not None and wearer.gear.measures_nights else None
    metadata = {"calculationMethod": method or "ONLY_WITH_AWAKE_DATA"}
    rate = resting(wearer.life.habits) + wearer.turn(day) % 4
    type_ = "daily-resting-heart-rate"
    value = {"beatsPerMinute": str(rate), "dailyRestingHeartRateMetadata": metadata}
    yield _daily(wearer, type_, day, value, end=end)
    if wearer.gear.has_strap and wearer.turn(day) % 4 == 0:
        yield _daily(wearer, type_, day, {"beatsPerMinute": str(rate + 3)}, end=end, source=STRAP)


def heart_rate_variability(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a night's variability, and with some nights what else is told of it."""
    average = wearer.chance(day, "daily variability").randrange(250, 600) / 10
    value = {
        "averageHeartRateVariabilityMilliseconds": average,
        "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": round(average * 1.07, 2),
        "nonRemHeartRateBeatsPerMinute": str(resting(wearer.life.habits) - 2),
    }
    if wearer.turn(day) % 3 == 0:
        value["entropy"] = round(2 + average / 40, 3)
    return _of_night(wearer, "daily-heart-rate-variability", day, value)


def oxygen_saturation(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a night's mean of the blood's oxygen, with its bounds."""
    average = wearer.chance(day, "daily oxygen").randrange(940, 985) / 10
    value = {
        "averagePercentage": average,
        "lowerBoundPercentage": round(average - 2.1, 1),
        "upperBoundPercentage": round(min(100, average + 1.9), 1),
        "standardDeviationPercentage": 0.9,
    }
    return _of_night(wearer, "daily-oxygen-saturation", day, value)


def respiratory_rate(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a night's mean of breaths a minute."""
    rate = wearer.chance(day, "daily breaths").randrange(118, 178) / 10
    return _of_night(wearer, "daily-respiratory-rate", day, {"breathsPerMinute": rate})


def skin_temperature(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a night's temperature of the skin; the baseline is not always known."""
    night = wearer.chance(day, "daily skin").randrange(3_310, 3_560) / 100
    value = {"nightlyTemperatureCelsius": night, "relativeNightlyStddev30dCelsius": 0.31}
    if wearer.turn(day) % 10:
        value["baselineTemperatureCelsius"] = 34.2 + wearer.life.habits.seed % 7 / 10
    return _of_night(wearer, "daily-sleep-temperature-derivations", day, value)


def fitness(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the vendor's estimate of the day's fitness."""
    if not wearer.gear.counts_zones:
        return
    rate = _fitness_of(wearer, wearer.chance(day, "daily fitness"))
    level = int(rate - _LEAST_FITNESS) // _PER_FITNESS
    value: Value = {
        "vo2Max": rate,
        "cardioFitnessLevel": _FITNESS[min(level, len(_FITNESS) - 1)],
        "vo2MaxCovariance": 1.4,
    }
    if wearer.turn(day) % 2:
        value["estimated"] = True
    yield _daily(wearer, "daily-vo2-max", day, value, end=wearer.at(day, 4))


def _fitness_of(wearer: Wearer, rng: random.Random) -> float:
    return _LEAST_FITNESS + wearer.life.habits.seed % 22 + rng.randrange(10) / 10


def _of_night(wearer: Wearer, type_: str, day: date, value: Value) -> Iterator[Point]:
    night = night_of(wearer, day)
    if night is not None and wearer.gear.measures_nights:
        yield _daily(wearer, type_, day, value, end=night[1])


def _daily(
    wearer: Wearer,
    type_: str,
    day: date,
    value: Value,
    *,
    end: int,
    source: Source | None = None,
) -> Point:
    start = wearer.start(day)
    told_at = wearer.told_at(day, end) + WORKED_OUT_AFTER
    told_by = derived(source or wearer.gear.watch)
    return wearer.point(type_, (start, start), value, told_by, day=day, told_at=told_at)
