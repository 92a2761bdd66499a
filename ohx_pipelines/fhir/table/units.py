"""Units of the mapping table: UCUM codes, and exact ways from vendors' units to them.

Belongs here: conversion and its rounding. Not here: which unit a metric has (`mapping.yaml`) or
what a UCUM code may look like (`ucum.py`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
)

from ohx_pipelines.errors import ConfigurationError

UCUM = "http://unitsofmeasure.org"
# "5/9"; and, where zero is elsewhere, "(x - 32) * 5/9" or "x * 9/5 + 32".
_FRACTION = r"([1-9]\d*)(?:/([1-9]\d*))?"
_SHIFT = r"(\d+(?:\.\d+)?)"
_WAY = re.compile(rf"(?:\(x - {_SHIFT}\) \* |x \* )?{_FRACTION}(?: \+ {_SHIFT})?")
# UCUM's prefixes go no further: whoever writes 1000 means a factor.
_LARGEST_POWER = 24


@dataclass(frozen=True)
class Conversion:
    """A way to another unit: `x * factor + shift`, exact; `power` says that it is a power of ten."""

    factor: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)
    power: int | None = None

    @classmethod
    def of_power(cls, power: int) -> Conversion:
        """Give the way that moves the decimal point alone."""
        return cls(factor=Fraction(10) ** power, power=power)

    def apply(self, value: Decimal) -> Decimal:
        """Convert; a power of ten keeps the digits, a fraction rounds to the vendor's precision.

        The step of the result is the vendor's step times the factor, rounded up to a power of ten:
        a value never seems more exact than it came. It is a whole unit at most, since JSON cannot
        say that the 5000 of 3.1 miles is good to a thousand metres.
        """
        if self.power is not None:
            return value.scaleb(self.power)
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int):
            raise ConfigurationError("only a finite number can be converted")
        exact = Fraction(value) * self.factor + self.shift
        place = min(_ceiling_of_log10(Fraction(10) ** exponent * self.factor), 0)
        # Python rounds a tie to the even step.
        return Decimal(round(exact / Fraction(10) ** place)).scaleb(place)

    def then(self, other: Conversion) -> Conversion:
        """Give both ways as one, which rounds once."""
        if self.power is not None and other.power is not None:
            return Conversion.of_power(self.power + other.power)
        return Conversion(self.factor * other.factor, self.shift * other.factor + other.shift)

    def __str__(self) -> str:
        """Give it for people to read."""
        if self.power is not None:
            return f"× 10^{self.power}" if self.power else "the same number"
        shift = f" {'+' if self.shift > 0 else '-'} {abs(self.shift)}" if self.shift else ""
        return f"× {self.factor}{shift}"


def _ceiling_of_log10(number: Fraction) -> int:
    """Give the smallest n with number <= 10**n, exactly: a float's logarithm errs at 10**n."""
    guess = math.floor(math.log10(number)) - 1
    while Fraction(10) ** guess < number:
        guess += 1
    return guess


def _conversion(value: object) -> object:
    """Read the table's notation: an integer is a power of ten, a text a fraction."""
    if isinstance(value, Conversion):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) > _LARGEST_POWER:
            raise ValueError('a number is a power of ten, 3 for a thousand; a factor is "1000"')
        return Conversion.of_power(value)
    found = _WAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a power of ten (3), a fraction (1/60) or like (x - 32) * 5/9")
    before, numerator, denominator, after = found.groups()
    factor = Fraction(int(numerator), int(denominator or 1))
    return Conversion(factor, Fraction(after or 0) - Fraction(before or 0) * factor)


_Way = Annotated[InstanceOf[Conversion], BeforeValidator(_conversion), PlainSerializer(str)]


class Unit(BaseModel):
    """A UCUM unit: its code, the words people read, and the ways from other units to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    code: str = Field(min_length=1)
    text: str = Field(min_length=1)
    ways: dict[str, _Way] = Field(default_factory=dict, alias="from")

    def convert(self, value: Decimal, unit: str) -> Decimal:
        """Give the value in this unit; raises ConfigurationError where there is no way to it."""
        if unit == self.code:
            return value
        if unit not in self.ways:
            message = f"the mapping has no way from {unit!r} to {self.code!r}"
            raise ConfigurationError(message)
        return self.ways[unit].apply(value)

    def with_ways_of(self, shipped: Unit) -> Unit:
        """Give this unit with the ways of the one that it replaces, leading on from there.

        Raises ValueError where that one's own unit has no way to this: vendors send it.
        """
        same = shipped.code == self.code
        onward = Conversion.of_power(0) if same else self.ways.get(shipped.code)
        if onward is None:
            raise ValueError(f"needs a way from {shipped.code}, in which readings come")
        led_on = {code: way.then(onward) for code, way in shipped.ways.items() if code != self.code}
        return self.model_copy(update={"ways": led_on | self.ways})
