"""What somebody drank and ate, as they wrote it down.

Belongs here: points of both logs. Not here: anything that a device measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sandbox.google_health.gear import TYPED_IN
from sandbox.google_health.points import Point, Value
from sandbox.google_health.wearers import Wearer
from sandbox.withings.habits import DILIGENT, HOUSEMATE, NIGHT_OWL
from sandbox.withings.life import MINUTE

_MEALS = (("BREAKFAST", "Porridge", 8, 352), ("DINNER", "Lentil soup", 19, 541))


def drinks(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a day's glasses of water."""
    if wearer.way not in {HOUSEMATE, NIGHT_OWL}:
        return
    for number, hour in enumerate((9, 12, 17)):
        drunk = {"milliliters": 250 + 50 * number, "userProvidedUnit": "MILLILITER"}
        yield _log(
            wearer,
            "hydration-log",
            day,
            place=number,
            hour=hour,
            value={"amountConsumed": drunk},
        )


def meals(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a day's meals."""
    if wearer.way != DILIGENT:
        return
    for number, (meal, food, hour, kcal) in enumerate(_MEALS):
        value: Value = {
            "energy": {"kcal": kcal + wearer.turn(day) % 40},
            "foodDisplayName": food,
            "mealType": meal,
            "totalCarbohydrate": {"grams": 61.5},
        }
        yield _log(wearer, "nutrition-log", day, place=number, hour=hour, value=value)


def _log(wearer: Wearer, type_: str, day: date, *, place: int, hour: int, value: Value) -> Point:
    at = wearer.at(day, hour, 5 + wearer.turn(day) % 40)
    number = wearer.number(type_, day, place, TYPED_IN)
    span = (at, at + MINUTE)
    return wearer.point(
        type_, span, value, TYPED_IN, day=day, told_at=at + 2 * MINUTE, point_id=number
    )
