"""Samples of the heart, and of the blood's oxygen, by day and by night.

Belongs here: points of these sample types. Not here: a morning's daily values (`mornings.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from sandbox.google_health.beds import night_of
from sandbox.google_health.gear import STRAP
from sandbox.google_health.moves import Minute, watch_minutes, workout_minutes, workouts
from sandbox.google_health.points import Point, Value
from sandbox.google_health.wearers import ONE_DAY, Wearer
from sandbox.withings.life import MINUTE
from sandbox.withings.minutes import resting

SAMPLED_EVERY, SAMPLED_IN_WORKOUTS = 5 * MINUTE, 2 * MINUTE


def heart_rates(wearer: Wearer, day: date) -> Iterator[Point]:
    """Take the pulse every five minutes, and every two in workouts, but not on the charger."""
    watch = wearer.gear.watch
    if watch is None:
        return
    rng = wearer.chance(day, "pulses")
    moving = {one.at: one for one in watch_minutes(wearer, day)}
    nights = _nights_around(wearer, day)
    for at in _sampled(wearer, day, moving):
        minute = moving.get(at - at % MINUTE)
        asleep = any(start <= at < end for start, end in nights)
        value = _beat(_rate(wearer, rng, minute, asleep=asleep), is_moving=minute is not None)
        yield wearer.point("heart-rate", (at, at), value, watch, day=day)
    if wearer.gear.has_strap:
        yield from _of_strap(wearer, day)


def heart_rate_variabilities(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give both measures of variability every five minutes of a night."""
    rng = wearer.chance(day, "variability")
    for at in _of_nights(wearer, day, apart=100):
        value = {
            "rootMeanSquareOfSuccessiveDifferencesMilliseconds": _tenths(rng, 22, 71),
            "standardDeviationMilliseconds": _tenths(rng, 30, 92),
        }
        if rng.random() < 0.03:  # noqa: PLR2004 (not both of them come out)
            del value["standardDeviationMilliseconds"]
        type_ = "heart-rate-variability"
        yield wearer.point(type_, (at, at), value, wearer.gear.watch, day=day)


def oxygen_saturations(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the blood's oxygen every five minutes of a night."""
    rng = wearer.chance(day, "oxygen")
    for at in _of_nights(wearer, day, apart=200):
        value = {"percentage": _tenths(rng, 92, 100)}
        yield wearer.point("oxygen-saturation", (at, at), value, wearer.gear.watch, day=day)


def _sampled(wearer: Wearer, day: date, moving: dict[int, Minute]) -> list[int]:
    """Give the seconds of a day at which the pulse is taken."""
    rng = wearer.chance(day, "seconds")
    start, end = wearer.start(day), wearer.end(day)
    times = {at + rng.randrange(MINUTE) for at in range(start, end, SAMPLED_EVERY)}
    times |= {at for at, one in moving.items() if one.is_workout and at % SAMPLED_IN_WORKOUTS == 0}
    if wearer.turn(day) % 5 == 2:  # noqa: PLR2004 (a turn of five days)
        off, on = wearer.at(day, 21, 3), wearer.at(day, 22, 3)
        times = {at for at in times if not off <= at < on}
    return sorted(times)


def _rate(wearer: Wearer, rng: random.Random, minute: Minute | None, *, asleep: bool) -> int:
    if minute is not None:
        return minute.rate
    calm = resting(wearer.life.habits)
    return calm + (rng.randrange(-5, 4) if asleep else rng.randrange(3, 21))


def _beat(rate: int, *, is_moving: bool, place: str = "WRIST") -> Value:
    context = "ACTIVE" if is_moving else "SEDENTARY"
    metadata = {"motionContext": context, "sensorLocation": place}
    return {"beatsPerMinute": str(rate), "metadata": metadata}


def _of_strap(wearer: Wearer, day: date) -> Iterator[Point]:
    """Wear a chest strap in workouts: some of its samples are of the watch's own seconds."""
    for number, bout in enumerate(workouts(wearer, day)):
        for minute in workout_minutes(wearer, day, number, bout):
            value = _beat(minute.rate + 2, is_moving=True, place="CHEST")
            yield wearer.point("heart-rate", (minute.at, minute.at), value, STRAP)


def _nights_around(wearer: Wearer, day: date) -> list[tuple[int, int]]:
    nights = (night_of(wearer, one) for one in (day, day + ONE_DAY))
    return [night for night in nights if night is not None]


def _of_nights(wearer: Wearer, day: date, *, apart: int) -> Iterator[int]:
    """Give every fifth minute of a day that lies in a night."""
    if not wearer.gear.measures_nights:
        return
    start, end = wearer.start(day), wearer.end(day)
    for begun, done in _nights_around(wearer, day):
        for at in range(begun + apart, done, SAMPLED_EVERY):
            if start <= at < end:
                yield at


def _tenths(rng: random.Random, least: int, most: int) -> float:
    return rng.randrange(least * 10, most * 10) / 10
