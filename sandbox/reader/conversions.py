"""Numbers in other units than an Observation's: exactly converted, and no finer than they were measured.

Belongs here: factors, rounding. Not here: which unit a vendor's word stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sandbox.reader.readings import Amount


@dataclass(frozen=True, kw_only=True)
class _Way:
    """From one UCUM unit to another: times `factor`, plus `more`."""

    to: str
    factor: Fraction
    more: Fraction = Fraction(0)


_WAYS = {
    "[lb_av]": _Way(to="kg", factor=Fraction("0.45359237")),
    "[stone_av]": _Way(to="kg", factor=Fraction("6.35029318")),
    "[mi_i]": _Way(to="m", factor=Fraction("1609.344")),
    "[degF]": _Way(to="Cel", factor=Fraction(5, 9), more=Fraction(-160, 9)),
    # UCUM: a millimetre of mercury is 0.133322 kPa, a calorie 4.184 J.
    "kPa": _Way(to="mm[Hg]", factor=Fraction(1) / Fraction("0.133322")),
    "kJ": _Way(to="kcal", factor=Fraction(1) / Fraction("4.184")),
}
_SHIFTS = {"km": ("m", 3), "kcal": ("kcal", 0)}


def converted(value: Decimal, unit: str) -> Amount:
    """Give an amount in the unit that the EHR has for such a quantity.

    A power of ten keeps every digit; any other factor gives the next coarser power of ten of the step
    that the given digits have, at most whole units.
    """
    if unit in _SHIFTS:
        to, shift = _SHIFTS[unit]
        return Amount(value.scaleb(shift), to)
    way = _WAYS.get(unit)
    if way is None:
        return Amount(value, unit)
    exponent = _exponent(value, way.factor)
    exact = Fraction(value) * way.factor + way.more
    return Amount(Decimal(round(exact / Fraction(10) ** exponent)).scaleb(exponent), way.to)


def _exponent(value: Decimal, factor: Fraction) -> int:
    given = value.as_tuple().exponent
    assert isinstance(given, int)  # noqa: S101 (no number of a vendor is infinite)
    step = Fraction(10) ** given * factor
    return next((n for n in range(given - 3, 0) if Fraction(10) ** n >= step), 0)
