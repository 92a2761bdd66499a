"""Takings of other devices and by hand: glucose, temperature, oxygen uptake.

Belongs here: points of these types. Not here: weights (`bodies.py`), and a day's fitness
(`mornings.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sandbox.google_health.gear import (
    FITNESS_APP,
    METER_APP,
    SENSOR_APP,
    THERMOMETER,
    TYPED_IN,
    actively,
)
from sandbox.google_health.moves import workouts
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.wearers import Wearer
from sandbox.withings.habits import DILIGENT, HOUSEMATE, PLAIN, TRAVELLER, TYPIST
from sandbox.withings.life import MINUTE, RUN

TOLD_AFTER = 3 * MINUTE
_METER = "SELF_MONITORING_BLOOD_GLUCOSE"
# Source, specimen: by a day's turn; the last is a laboratory's.
_KINDS = (
    (_METER, "CAPILLARY_BLOOD"),
    (_METER, None),
    (None, None),
    (_METER, "WHOLE_BLOOD"),
    ("LAB_TEST", "PLASMA"),
)
_MEALS = (
    (7, 10, "BREAKFAST", "FASTING"),
    (13, 40, "LUNCH", "AFTER_MEAL"),
    (22, 15, None, "BEFORE_BED"),
)
# The last is on no list.
_LOCATIONS = (
    "MOUTH", "TEMPORAL_ARTERY", "EAR", "ARMPIT", "FINGER", "FOREHEAD", None, "WRIST", "TOE",
    "RECTUM", "BODY", "NECK",
)  # fmt: skip
_METHODS = ("COOPER_TEST", "HEART_RATE_RATIO", None, "ROCKPORT_FITNESS_TEST", "OTHER")
_LONG_RUN = 30
_TEMPERATURE_EVERY = {DILIGENT: 2, HOUSEMATE: 5, PLAIN: 3}


def glucoses(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give what a meter, a sensor under the skin, or a hand told."""
    turn, rng = wearer.turn(day), wearer.chance(day, "glucose")
    if wearer.way == TYPIST:
        for number, (hour, minute, meal, timing) in enumerate(_MEALS):
            told: Value = {"measurementTiming": timing, "mealType": meal}
            source, specimen = _KINDS[(turn + number) % len(_KINDS)]
            at = wearer.at(day, hour, minute) + rng.randrange(20 * MINUTE)
            told |= {"measurementSource": source, "specimen": specimen}
            milligrams = rng.randrange(78, 190)
            yield _glucose(wearer, at, milligrams, day=day, source=METER_APP, told=told)
    if wearer.way == DILIGENT and turn % 3 == 0:
        at = wearer.at(day, 6, 50)
        tenths = rng.randrange(42, 70)  # of a millimole
        yield _glucose(wearer, at, tenths * 1.80182, day=day, source=TYPED_IN, told={})
    if wearer.way == HOUSEMATE and turn % 2 == 0:
        told = {"measurementSource": "CONTINUOUS_GLUCOSE_MONITORING"}
        told |= {"specimen": "INTERSTITIAL_FLUID"}
        for at in range(wearer.start(day) + 7 * MINUTE, wearer.end(day), 60 * MINUTE):
            milligrams = rng.randrange(70, 160)
            yield _glucose(wearer, at, milligrams, day=day, source=SENSOR_APP, told=told)


def temperatures(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a temperature now and then, typed in or told by an app, of one place after another."""
    turn, every = wearer.turn(day), _TEMPERATURE_EVERY.get(wearer.way)
    if every is None or turn % every:
        return
    at = wearer.at(day, 20, turn % 50)
    source = TYPED_IN if wearer.way == DILIGENT else THERMOMETER
    value: Value = {
        "temperatureCelsius": wearer.chance(day, "temperature").randrange(361, 384) / 10,
        "measurementLocation": _LOCATIONS[turn // every % len(_LOCATIONS)],
    }
    yield _taking(wearer, "core-body-temperature", at, day=day, source=source, value=value)


def oxygen_uptakes(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the oxygen uptake that a test in a gym told."""
    turn = wearer.turn(day)
    if wearer.way in {PLAIN, TRAVELLER} and turn % 10 == 6:  # noqa: PLR2004 (a turn of ten days)
        method = _METHODS[turn // 10 % len(_METHODS)]
        rate = 31 + wearer.chance(day, "uptake").randrange(160) / 10
        value: Value = {"vo2Max": rate, "measurementMethod": method}
        at = wearer.at(day, 16, 20)
        yield _taking(wearer, "vo2-max", at, day=day, source=FITNESS_APP, value=value)


def run_oxygen_uptakes(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the oxygen uptake that a watch works out at the end of a long run."""
    watch = wearer.gear.watch
    if watch is None or not wearer.gear.counts_zones:
        return
    for bout in workouts(wearer, day):
        if bout.category == RUN and bout.minutes >= _LONG_RUN:
            value: Value = {"runVo2Max": 33 + (bout.heart_rate + bout.minutes) % 14 + 0.25}
            yield wearer.point("run-vo2-max", (bout.end, bout.end), value, actively(watch))


def _glucose(
    wearer: Wearer, at: int, milligrams: float, *, day: date, source: Source, told: Value
) -> Point:
    value = told | {"bloodGlucoseMilligramsPerDeciliter": round(milligrams, 4)}
    return _taking(wearer, "blood-glucose", at, day=day, source=source, value=value)


def _taking(
    wearer: Wearer, type_: str, at: int, *, day: date, source: Source, value: Value
) -> Point:
    told = {name: one for name, one in value.items() if one is not None}
    return wearer.point(type_, (at, at), told, source, day=day, told_at=at + TOLD_AFTER)
