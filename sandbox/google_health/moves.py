"""When somebody moves, minute by minute, as a watch counts it, and in longer spans as a phone does.

Belongs here: counts before they become points. Not here: points of them (`days.py`), and workouts as
such (`exercises.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sandbox.google_health.wearers import LANDS_AT, ONE_DAY, Wearer
from sandbox.withings.habits import DILIGENT, HOUSEMATE
from sandbox.withings.life import HOUR, MINUTE, Bout

STEPS_PER_FLOOR = 400
PHONE_EARLY = 7  # seconds, so that no span of a phone is one of a watch
CHUNK_MINUTES = 5
POTTERS = 9  # minutes about the house


@dataclass(frozen=True, kw_only=True, slots=True)
class Minute:
    """What a watch counts in a minute on the move."""

    at: int
    steps: int
    rate: int
    kcal: float
    climbs: bool = False
    is_workout: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """What a phone counts in some minutes."""

    start: int
    end: int
    steps: int


def rests(wearer: Wearer, day: date) -> bool:
    """Tell whether somebody with a watch stays in bed: a day of no steps."""
    return wearer.way == DILIGENT and wearer.turn(day) % 11 == 0


def walks(wearer: Wearer, day: date) -> list[Bout]:
    """Give a day's walks, in order."""
    return (
        [] if rests(wearer, day) else [_moved(wearer, day, one) for one in wearer.life.walks(day)]
    )


def workouts(wearer: Wearer, day: date) -> list[Bout]:
    """Give the workouts that begin on a day, in order, also those that only an app tells."""
    if rests(wearer, day):
        return []
    return [_moved(wearer, day, one) for one in wearer.life.workouts(day)]


@lru_cache(maxsize=512)
def watch_minutes(wearer: Wearer, day: date) -> tuple[Minute, ...]:
    """Give a day's minutes on the move, in order, also of a workout that began the day before."""
    if wearer.gear.watch is None:
        return ()
    start, end = wearer.start(day), wearer.end(day)
    found = {one.at: one for one in _potters(wearer, day)}
    for began in (day - ONE_DAY, day):
        for number, bout in enumerate(walks(wearer, began)):
            found |= {one.at: one for one in _counted(wearer, began, f"walk {number}", bout)}
        for number, bout in enumerate(workouts(wearer, began)):
            if not bout.by_phone and bout.pace:
                found |= {one.at: one for one in workout_minutes(wearer, began, number, bout)}
    return tuple(found[at] for at in sorted(found) if start <= at < end)


def workout_minutes(wearer: Wearer, day: date, number: int, bout: Bout) -> Iterator[Minute]:
    """Give what a watch counts of the n-th workout of a day."""
    for one in _counted(wearer, day, f"workout {number}", bout):
        yield replace(one, is_workout=True, kcal=round(one.kcal + (one.rate - 60) * 0.06, 2))


def phone_chunks(wearer: Wearer, day: date) -> list[Chunk]:
    """Give what the phone counts on walks: a little else than the watch, and a walk without it."""
    if wearer.gear.phone is None:
        return []
    lone = wearer.at(day, 21, 10)
    spans = [(one.start, one.minutes, one.pace) for one in walks(wearer, day)]
    if wearer.way == HOUSEMATE and wearer.turn(day) % 2 == 0:
        spans.append((lone, 8, 92))  # the watch is on its charger
    return [chunk for span in spans for chunk in _chunks(*span)]


def _moved(wearer: Wearer, day: date, bout: Bout) -> Bout:
    """Keep what the clock shows on the day of a flight, too."""
    apart = wearer.life.start(day) - wearer.start(day)
    is_before = bout.start - wearer.life.start(day) < LANDS_AT * HOUR
    return replace(bout, start=bout.start - apart) if is_before else bout


def _counted(wearer: Wearer, day: date, what: str, bout: Bout) -> Iterator[Minute]:
    rng = wearer.chance(day, what)
    for number in range(bout.minutes):
        yield _minute(rng, bout.start + number * MINUTE, bout.pace, bout.heart_rate)


def _minute(rng: random.Random, at: int, pace: int, rate: int) -> Minute:
    steps = max(1, pace + rng.randrange(-4, 5))
    return Minute(
        at=at,
        steps=steps,
        rate=rate + rng.randrange(-8, 12),
        kcal=round(steps * 0.041, 2),
        climbs=rng.randrange(STEPS_PER_FLOOR) < steps,
    )


def _potters(wearer: Wearer, day: date) -> Iterator[Minute]:
    if rests(wearer, day):
        return
    rng = wearer.chance(day, "potters")
    for hour in rng.sample(range(9, 20), POTTERS):
        yield _minute(rng, wearer.at(day, hour, rng.randrange(60)), rng.randrange(6, 44), 78)


def _chunks(start: int, minutes: int, pace: int) -> Iterator[Chunk]:
    for begun in range(0, minutes, CHUNK_MINUTES):
        lasts = min(CHUNK_MINUTES, minutes - begun)
        at = start + begun * MINUTE - PHONE_EARLY
        yield Chunk(start=at, end=at + lasts * MINUTE, steps=lasts * pace * 97 // 100)
