"""What a person measures on a day with this vendor's devices.

Belongs here: when, by which device, and plausible values in the person's units. Not here: what is
listed by now (`store.py`).

On a day of 23 or 25 hours everybody takes three cuff readings at night, an hour apart: on that of 25
two of them show the same time of the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sandbox.omron.entries import Entry, entry_id
from sandbox.omron.habits import LATE, TWO_TRACKERS, TYPIST, Habits
from sandbox.omron.scopes import ACTIVITY, OXYGEN, PRESSURE, TEMPERATURE, WEIGHT

HOUR = 3_600
DAY = 24 * HOUR
AFTER = 95  # seconds until an upload
LATE_DAYS = 4
OLD_TRACKER = "HJA-306"
THERMOMETER, OXIMETER = "MC-280B-E", "HPO-300T"
_POUNDS, _MILES, _STONES, _KILOPASCALS, _KILOJOULES = (
    0.45359237,
    1.609344,
    6.35029318,
    0.133322,
    4.184,
)


def entries_of(habits: Habits, type_: str, day: date) -> tuple[Entry, ...]:
    """Give the readings of one type of a day, however late they are told."""
    return tuple(_MAKERS[type_](habits, day))


def _pressures(habits: Habits, day: date) -> Iterator[Entry]:
    rng = habits.chance(day, PRESSURE)
    moments = [
        habits.at(day, 7, rng.randrange(60), rng.randrange(60)),
        habits.at(day, 20, rng.randrange(60), rng.randrange(60)),
    ]
    if rng.random() < 0.4:  # noqa: PLR2004 (two days of five)
        moments.append(habits.at(day, 13, rng.randrange(60), rng.randrange(60)))
    if habits.end(day) - habits.midnight(day) != DAY:
        moments += [habits.midnight(day) + HOUR // 2 + number * HOUR for number in (1, 2, 3)]
    for position, at in enumerate(moments):
        fields = _pressure(habits, rng.randrange(-9, 10), rng.randrange(54, 88))
        if rng.random() < 0.3:  # noqa: PLR2004 (not every reading says so)
            fields["possibleAfib"] = False
        fields |= _noticed(habits, day, position)
        yield _entry(habits, PRESSURE, day, position, at=at, fields=fields, device=habits.cuff)
    if rng.random() < 0.1:  # noqa: PLR2004 (one day of ten)
        # The mode that looks for fibrillation alone tells no pressures: they are zero.
        fields = _pressure(habits, 0, 0) | {"systolic": 0, "diastolic": 0, "possibleAfib": True}
        at = habits.at(day, 21, rng.randrange(60), rng.randrange(60))
        yield _entry(habits, PRESSURE, day, 10, at=at, fields=fields, device=habits.cuff)


def _noticed(habits: Habits, day: date, position: int) -> dict[str, Any]:
    """Give what a cuff noticed meanwhile; not every reading says so, nor the same way."""
    rng = habits.chance(day, f"noticed {position}")
    noticed: dict[str, Any] = {}
    if rng.random() < 0.3:  # noqa: PLR2004
        noticed["irregularHB"] = rng.random() < 0.3  # noqa: PLR2004
    if rng.random() < 0.3:  # noqa: PLR2004
        noticed["movementDetect"] = int(rng.random() < 0.3)  # noqa: PLR2004
    return noticed


def _pressure(habits: Habits, more: int, pulse: int) -> dict[str, Any]:
    systolic = habits.systolic + more
    sides: dict[str, float] = {
        "systolic": systolic,
        "diastolic": round(systolic * 0.63) + more % 4,
    }
    if habits.is_in_kilopascals:
        sides = {name: round(value * _KILOPASCALS, 1) for name, value in sides.items()}
    return {
        **sides,
        "bloodPressureUnits": "kPa" if habits.is_in_kilopascals else "mmHg",
        "pulse": pulse,
        "pulseUnits": "bpm",
    }


def _activity(habits: Habits, day: date) -> Iterator[Entry]:
    rng = habits.chance(day, ACTIVITY)
    steps = habits.steps + rng.randrange(-3_000, 5_000)
    yield _total(habits, day, steps, position=0, device=habits.tracker)
    if habits.way == TWO_TRACKERS and day.toordinal() % 6 == 0:
        yield _total(habits, day, steps * 2 // 5, position=1, device=OLD_TRACKER)


def _total(habits: Habits, day: date, steps: int, *, position: int, device: str) -> Entry:
    kilometres = steps * 0.00072
    aerobic = steps // 4
    fields = {
        "steps": steps,
        "aerobicSteps": aerobic,
        "calories": round(steps // 28 * _KILOJOULES) if habits.is_in_kilojoules else steps // 28,
        "caloriesUnits": "kJ" if habits.is_in_kilojoules else "kcal",
        "distance": round(kilometres / _MILES if habits.is_american else kilometres, 2),
        "distanceUnits": "mile" if habits.is_american else "km",
        "aerobicWalkingTime": aerobic // 110,
        "aerobicWalkingTimeUnits": "minutes",
    }
    at = habits.midnight(day)
    return Entry(
        type=ACTIVITY,
        id=entry_id(habits.number, ACTIVITY, day, position),
        day=day,
        at=at,
        offset=habits.offset(day, at),
        uploaded_at=at + HOUR // 4,
        fields=fields,
        device=device,
        is_without_colon=habits.is_without_colon,
        growing=frozenset({"steps", "aerobicSteps", "calories", "distance", "aerobicWalkingTime"}),
    )


def _weights(habits: Habits, day: date) -> Iterator[Entry]:
    rng = habits.chance(day, WEIGHT)
    if rng.random() < 0.6:  # noqa: PLR2004 (four days of a week)
        at = habits.at(day, 6, 30 + rng.randrange(25), rng.randrange(60))
        kilograms = habits.weight_kilograms + rng.randrange(-12, 13) / 10
        fields = _weight(habits, kilograms) | _composition(habits, kilograms, rng.randrange(-8, 9))
        yield _entry(habits, WEIGHT, day, 0, at=at, fields=fields, device=habits.scale)
    if habits.way == TYPIST and day.weekday() == 2:  # noqa: PLR2004 (Wednesdays)
        at = habits.at(day, 18, rng.randrange(60))
        typed = _weight(habits, round(habits.weight_kilograms)) | {"isManualEntry": True}
        yield _entry(habits, WEIGHT, day, 1, at=at, fields=typed, device=None)


def _weight(habits: Habits, kilograms: float) -> dict[str, Any]:
    if habits.is_american:
        return {"weight": round(kilograms / _POUNDS, 1), "weightUnits": "lb"}
    if habits.is_in_stones:
        return {"weight": round(kilograms / _STONES, 2), "weightUnits": "st"}
    return {"weight": round(kilograms, 1), "weightUnits": "kg"}


def _composition(habits: Habits, kilograms: float, more: int) -> dict[str, Any]:
    fat = habits.fat_percent + more / 10
    return {
        "bmiValue": round(kilograms / habits.height_metres**2, 1),
        "bodyFatPercentage": round(fat, 1),
        "skeletalMusclePercentage": round((100 - fat) * 0.45, 1),
        "visceralFatLevel": 4 + habits.number % 9,
        "restingMetabolism": round(370 + 21.6 * kilograms * (1 - fat / 100)),
    }


def _temperatures(habits: Habits, day: date) -> Iterator[Entry]:
    rng = habits.chance(day, TEMPERATURE)
    if rng.random() > 0.25:  # noqa: PLR2004 (now and then)
        return
    celsius = rng.randrange(362, 385) / 10
    shown = round(celsius * 1.8 + 32, 1) if habits.is_american else celsius
    fields = {"temperature": shown, "temperatureUnits": "F" if habits.is_american else "C"}
    at = habits.at(day, 9, rng.randrange(60), rng.randrange(60))
    yield _entry(habits, TEMPERATURE, day, 0, at=at, fields=fields, device=THERMOMETER)


def _oxygen(habits: Habits, day: date) -> Iterator[Entry]:
    rng = habits.chance(day, OXYGEN)
    fields = {
        "oxygenSaturation": rng.randrange(94, 100),
        "oxygenSaturationUnits": "%",
        "pulse": rng.randrange(52, 90),
        "pulseUnits": "bpm",
    }
    at = habits.at(day, 22, rng.randrange(60), rng.randrange(60))
    yield _entry(habits, OXYGEN, day, 0, at=at, fields=fields, device=OXIMETER)


def _entry(  # noqa: PLR0913 (a reading by all that it has)
    habits: Habits,
    type_: str,
    day: date,
    position: int,
    *,
    at: int,
    fields: dict[str, Any],
    device: str | None,
) -> Entry:
    # A phone that is away from the device brings readings days after they were taken.
    is_late = habits.way == LATE and type_ == PRESSURE and day.toordinal() % 5 == 0
    return Entry(
        type=type_,
        id=entry_id(habits.number, type_, day, position),
        day=day,
        at=at,
        offset=habits.offset(day, at),
        uploaded_at=at + AFTER + (LATE_DAYS * DAY if is_late else 0),
        fields=fields,
        device=device,
        is_without_colon=habits.is_without_colon,
    )


_MAKERS = {
    PRESSURE: _pressures,
    ACTIVITY: _activity,
    WEIGHT: _weights,
    TEMPERATURE: _temperatures,
    OXYGEN: _oxygen,
}
