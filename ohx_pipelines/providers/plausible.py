"""What a device for the home can have measured of a living person.

Belongs here: bounds, both included, and the units that vendors use beside the main one. Not here: what
is done with a value outside (`files/findings.py`, `omron/takings.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from ohx_pipelines.measurements import Metric

Bounds = tuple[Decimal, Decimal]


def _bounds(low: str, high: str) -> Bounds:
    return Decimal(low), Decimal(high)


_PERCENT = _bounds("0", "100")
_PULSE = _bounds("20", "250")
_OXYGEN = _bounds("50", "100")
# Each in the metric's main unit: kg, mm[Hg], /min, %, Cel, kg/m2, kcal, a, mg/dL, mmol/L.
BOUNDS: Mapping[Metric, Bounds] = {
    Metric.BODY_WEIGHT: _bounds("2", "400"),
    Metric.BODY_MASS_INDEX: _bounds("5", "120"),
    Metric.FAT_RATIO: _PERCENT,
    Metric.WATER_RATIO: _PERCENT,
    Metric.MUSCLE_RATIO: _PERCENT,
    Metric.BONE_MASS: _bounds("0", "20"),
    Metric.VISCERAL_FAT_LEVEL: _bounds("1", "60"),
    Metric.METABOLIC_AGE: _bounds("1", "120"),
    Metric.BASAL_METABOLIC_RATE: _bounds("200", "10000"),
    Metric.SYSTOLIC_BLOOD_PRESSURE: _bounds("40", "300"),
    Metric.DIASTOLIC_BLOOD_PRESSURE: _bounds("20", "200"),
    Metric.MEAN_BLOOD_PRESSURE: _bounds("20", "250"),
    Metric.HEART_RATE: _PULSE,
    Metric.MEAN_HEART_RATE: _PULSE,
    Metric.OXYGEN_SATURATION: _OXYGEN,
    Metric.MEAN_OXYGEN_SATURATION: _OXYGEN,
    Metric.MINIMUM_OXYGEN_SATURATION: _OXYGEN,
    Metric.MAXIMUM_OXYGEN_SATURATION: _OXYGEN,
    Metric.BODY_TEMPERATURE: _bounds("34", "42.2"),
    Metric.BLOOD_GLUCOSE: _bounds("10", "700"),
    Metric.BLOOD_GLUCOSE_MOLAR: _bounds("0.5", "40"),
}
_TO_MAIN_UNIT: Mapping[str, Callable[[Decimal], Decimal]] = {
    "[lb_av]": lambda pounds: pounds * Decimal("0.45359237"),
    "[stone_av]": lambda stones: stones * Decimal("6.35029318"),
    "[degF]": lambda degrees: (degrees - 32) * 5 / 9,
    "kPa": lambda kilopascals: kilopascals * Decimal("7.50061683"),
    "kJ": lambda kilojoules: kilojoules / Decimal("4.184"),
}


def is_plausible(
    metric: Metric, value: Decimal, unit: str | None, *, bounds: Bounds | None = None
) -> bool:
    """Tell whether a value lies within the metric's bounds; one without bounds always does.

    `bounds` are others than the usual, in the metric's main unit.
    """
    bounds = bounds or BOUNDS.get(metric)
    if bounds is None:
        return True
    convert = _TO_MAIN_UNIT.get(unit) if unit else None
    low, high = bounds
    return low <= (convert(value) if convert else value) <= high
