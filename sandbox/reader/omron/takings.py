"""What must stand for takings of an instant: a cuff's, a scale's, a thermometer's, an oximeter's.

Belongs here: fields, units and bounds. Not here: totals of days (`days.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.reader import panels
from sandbox.reader.conversions import converted
from sandbox.reader.omron.rows import (
    NO_MOMENT,
    first_of,
    flag_of,
    moment_of,
    reading,
    row_number,
    unit_of,
    within,
)
from sandbox.reader.readings import Amount, Listing, Reading, Row, Said, number
from sandbox.reader.rules import codes

WEIGHT, TEMPERATURE, OXYGEN = "29463-7", "8310-5", codes("2708-6", "59408-5")
# Of a living body, as it is carried: kilograms and degrees Celsius.
_LIVING = {WEIGHT: (2, 400), TEMPERATURE: (25, 45)}
_PRESSURE_UNITS = {"mmhg": "mm[Hg]", "kpa": "kPa"}
_MASS_UNITS = {"kg": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "st": "[stone_av]"}
_TEMPERATURE_UNITS = {
    **dict.fromkeys(("c", "°c", "celsius"), "Cel"),
    **dict.fromkeys(("f", "°f", "fahrenheit"), "[degF]"),
}
_FLAGS = {
    panels.FIBRILLATION: ["possibleAfib"],
    panels.IRREGULAR: ["irregularHB", "irregularHeartBeat", "irregularHeartbeat"],
    panels.MOVEMENT: ["movementDetect", "movement"],
}
# By code: the names that a field goes by, its unit, and the least and the most that it can be.
_COMPOSITION = {
    "39156-5": (["bmiValue", "bmi"], "kg/m2", 5, 120),
    "41982-0": (["bodyFatPercentage"], "%", 0, 100),
    "73965-6": (["skeletalMusclePercentage"], "%", 0, 100),
    "visceral-fat-level": (["visceralFatLevel"], "{score}", 1, 60),
    "basal-metabolic-rate": (["restingMetabolism"], "kcal/d", 200, 10_000),
    "metabolic-age": (["bodyAge"], "a", 1, 120),
}
_SIDES = {panels.SYSTOLIC: ("systolic", 40, 300), panels.DIASTOLIC: ("diastolic", 20, 200)}


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One list: what its records begin with, as what it is shared, and what its rows say by code."""

    list: str
    name: str
    of: str
    said: Callable[[Row], Mapping[str, Said]]
    codes: frozenset[str]


def taking_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each row, of the day on its own clock."""
    for kind in TAKINGS:
        if listing.asked.shares(kind.of):
            for row in listing.of(kind.list):
                yield from _of_row(listing, kind, row)


def _of_row(listing: Listing, kind: Taking, row: Row) -> Iterator[Reading]:
    moment = moment_of(row, listing.zone)
    record = f"{kind.name}-{row_number(row)}"
    if not listing.surely:
        # What it does not say this time is not gone.
        for code in sorted(kind.codes):
            amounts = {"": Amount(None, None)}
            yield reading(
                listing, row, moment or NO_MOMENT, record=record, code=code, amounts=amounts
            )
    elif moment is not None:
        for code, said in panels.observations(kind.said(row)):
            yield reading(listing, row, moment, record=record, code=code, amounts=said)


def _of_cuff(row: Row) -> dict[str, Said]:
    said = _pressures(row) | _pulse(row)
    flags = {code: flag_of(row, names) for code, names in _FLAGS.items()}
    return said | {code: one for code, one in flags.items() if one is not None}


def _pressures(row: Row) -> dict[str, Said]:
    """Give both pressures, or none: zeros are those of a mode that measures none."""
    named = row.get("bloodPressureUnits") is not None
    unit = unit_of(row, "bloodPressureUnits", _PRESSURE_UNITS) if named else "mm[Hg]"
    said: dict[str, Said] = {}
    for code, (name, least, most) in _SIDES.items():
        given = number(row.get(name))
        amount = None if given is None or unit is None else converted(given, unit)
        if amount is None or amount.value is None or not least <= amount.value <= most:
            return {}
        said[code] = amount
    return said


def _pulse(row: Row) -> dict[str, Said]:
    found = within(row, ["pulse"], 20, 250)
    return {} if found is None else {panels.PULSE: Amount(found, "/min")}


def _of_scale(row: Row) -> dict[str, Said]:
    said = _with_unit(row, WEIGHT, "weight", _MASS_UNITS)
    for code, (names, unit, least, most) in _COMPOSITION.items():
        found = within(row, names, least, most)
        if found:
            said[code] = Amount(found, unit)
    return said


def _of_thermometer(row: Row) -> dict[str, Said]:
    return _with_unit(row, TEMPERATURE, "temperature", _TEMPERATURE_UNITS)


def _of_oximeter(row: Row) -> dict[str, Said]:
    found = within(row, ["oxygenSaturation", "spo2", "oxygen"], 50, 100)
    said: dict[str, Said] = {OXYGEN: Amount(found, "%")} if found else {}
    return said | _pulse(row)


def _with_unit(row: Row, code: str, name: str, units: Mapping[str, str]) -> dict[str, Said]:
    """Give a number whose unit is named beside it: without one that is known it is none."""
    given, unit = number(first_of(row, [name])), unit_of(row, f"{name}Units", units)
    if given is None or given <= Decimal() or unit is None:
        return {}
    amount, (least, most) = converted(given, unit), _LIVING[code]
    is_living = amount.value is not None and least <= amount.value <= most
    return {code: amount} if is_living else {}


TAKINGS = (
    Taking(
        list="bloodPressure",
        name="bloodpressure",
        of="blood_pressure",
        said=_of_cuff,
        codes=panels.CODES - {panels.SYSTOLIC, panels.DIASTOLIC, panels.MEAN},
    ),
    Taking(
        list="weight",
        name="weight",
        of="body",
        said=_of_scale,
        codes=frozenset({WEIGHT, *_COMPOSITION}),
    ),
    Taking(
        list="temperature",
        name="temperature",
        of="temperature",
        said=_of_thermometer,
        codes=frozenset({TEMPERATURE}),
    ),
    Taking(
        list="oxygen",
        name="oxygen",
        of="oxygen",
        said=_of_oximeter,
        codes=frozenset({OXYGEN, panels.PULSE}),
    ),
)
CODES = frozenset().union(*(one.codes for one in TAKINGS)) | {panels.SYSTOLIC, panels.DIASTOLIC}
