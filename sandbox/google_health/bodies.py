"""Weights, fat and heights: of a scale, of an app, and typed in.

Belongs here: points of these three types. Not here: other takings (`meters.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from sandbox.google_health.gear import BODY_APP, TYPED_IN
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.wearers import Wearer
from sandbox.withings.habits import HOUSEMATE, NIGHT_OWL, TYPIST
from sandbox.withings.life import MINUTE

TOLD_AFTER = 40
_EVENING, _TYPED, _TWIN = 1, 2, 3


def weights(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a day's weighings; what the scale tells, an app may tell once more."""
    for place, at, source in _weighings(wearer, day):
        value: Value = {"weightGrams": _grams(wearer, day, place)}
        if place == _TYPED and wearer.turn(day) % 2:
            value["notes"] = "at my sister's"
        yield _taken(wearer, "weight", day, place=place, at=at, source=source, value=value)


def body_fats(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the share of fat that a scale or an app tells with a weight."""
    for place, at, source in _weighings(wearer, day):
        if place != _TYPED:
            rng = _dice(wearer, day, "fat", place)
            percentage = round(wearer.life.habits.fat_permille / 10 + rng.randrange(-6, 7) / 10, 1)
            value = {"percentage": percentage}
            yield _taken(wearer, "body-fat", day, place=place, at=at, source=source, value=value)


def heights(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a height typed in, when the account was opened and every month and a half."""
    if day == wearer.opened or wearer.turn(day) % 45 == 0:
        value = {"heightMillimeters": str(wearer.life.habits.height_millimetres)}
        at = wearer.at(day, 19, 5) * 1_000
        yield _taken(wearer, "height", day, place=0, at=at, source=TYPED_IN, value=value)


def _weighings(wearer: Wearer, day: date) -> Iterator[tuple[int, int, Source]]:
    """Give place, milliseconds and source of a day's weighings."""
    turn, rng = wearer.turn(day), wearer.chance(day, "weighing")
    at = (wearer.at(day, 7, rng.randrange(50)) + rng.randrange(MINUTE)) * 1_000 + rng.choice(
        (0, 500)
    )
    scale = wearer.gear.scale
    if scale is not None and turn % 6 != 5:  # noqa: PLR2004 (five days of six)
        yield 0, at, scale
        if wearer.way == TYPIST and turn % 2 == 0:
            yield _TWIN, at, BODY_APP
        if turn % 5 == 0:
            yield _EVENING, (wearer.at(day, 21, 40) + turn % MINUTE) * 1_000, scale
    if wearer.way == HOUSEMATE and turn % 3 != 2:  # noqa: PLR2004 (two days of three)
        yield 0, at, BODY_APP
    if (wearer.way == TYPIST and turn % 7 == 0) or (wearer.way == NIGHT_OWL and turn % 2 == 0):
        yield _TYPED, wearer.at(day, 12, 15) * 1_000, TYPED_IN


def _grams(wearer: Wearer, day: date, place: int) -> int:
    rng = _dice(wearer, day, "weight", place)
    wave = abs(wearer.turn(day) % 120 - 60) * 30
    return wearer.life.habits.weight_grams + wave + rng.randrange(-9, 10) * 50


def _dice(wearer: Wearer, day: date, what: str, place: int) -> random.Random:
    """Give the same dice for a weighing and for its twin."""
    return wearer.chance(day, f"{what} {0 if place == _TWIN else place}")


def _taken(  # noqa: PLR0913 (what a taking is made of)
    wearer: Wearer, type_: str, day: date, *, place: int, at: int, source: Source, value: Value
) -> Point:
    number = wearer.number(type_, day, place, source)
    told_at = at // 1_000 + TOLD_AFTER
    span = (at / 1_000, at / 1_000)
    return wearer.point(type_, span, value, source, day=day, told_at=told_at, point_id=number)
