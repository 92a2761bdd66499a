"""Plausible values: what a scale and a cuff would show of a made-up body.

Belongs here: numbers of one taking. Not here: when it is taken (`routines.py`).
"""

from __future__ import annotations

import random
from typing import Any

from sandbox.withings.habits import DILIGENT, TRAVELLER, Habits
from sandbox.withings.wire import any_exponent, measure

WHOLE_BODY = 7
_LIMBS = (2, 3, 10, 11, 12)


def composition(
    habits: Habits, grams: int, rng: random.Random, *, scan: bool
) -> list[dict[str, Any]]:
    """Give weight and body composition; a segmental scale (`scan`) says some of it twice."""
    fat = grams * (habits.fat_permille + rng.randrange(-6, 6)) // 1000
    lean = grams - fat
    measures = [
        any_exponent(rng, 1, grams // 10, -2),
        any_exponent(rng, 8, fat // 10, -2),
        any_exponent(rng, 5, lean // 10, -2),
        any_exponent(rng, 6, fat * 10_000 // grams, -2),
        any_exponent(rng, 76, lean * 95 // 1000, -2),
        any_exponent(rng, 77, lean * 73 // 1000, -2),
        any_exponent(rng, 88, lean * 5 // 1000, -2),
    ]
    if scan:
        measures += _segments(fat // 10, lean // 10, rng)
    if habits.way in {DILIGENT, TRAVELLER}:
        measures.append(measure(91, rng.randrange(610, 890), -2))
        measures.append(measure(170, rng.randrange(18, 64), -1))
    return measures


def pressure(habits: Habits, rng: random.Random) -> list[dict[str, Any]]:
    """Give systolic, diastolic and pulse of one cuff reading."""
    systolic = habits.systolic + rng.randrange(-9, 10)
    diastolic = round(systolic * 0.63) + rng.randrange(-4, 5)
    return [
        any_exponent(rng, 10, systolic, 0, algo_params={"quality": 1}),
        any_exponent(rng, 9, diastolic, 0),
        any_exponent(rng, 11, rng.randrange(54, 88), 0),
    ]


def _segments(fat: int, lean: int, rng: random.Random) -> list[dict[str, Any]]:
    """Repeat fat free mass and fat mass for the whole body, and give each limb its share."""
    whole = [
        measure(5, (lean + rng.randrange(1, 30)) * 10, -3, position=WHOLE_BODY),
        measure(8, (fat + rng.randrange(1, 30)) * 10, -3, position=WHOLE_BODY),
    ]
    limbs = [
        measure(kind, mass // 6 + rng.randrange(20), -2, position=limb)
        for kind, mass in ((173, lean), (174, fat))
        for limb in _LIMBS
    ]
    return whole + limbs
