"""The kinds of value that a measurement may have, and which of them fit the frame.

Belongs here: exact numbers, ranges, series, words and flags, provider-neutral. Not here: the
frame's rows (`measurements.py`), or how a value is written in FHIR (`fhir/shapes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any


class Mark(StrEnum):
    """What stands in a series where there is no number, in FHIR's letters."""

    MISSING = "E"
    BELOW = "L"
    ABOVE = "U"


@dataclass(frozen=True)
class Range:
    """A value that the vendor gives as a span, both ends included."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Series:
    """Readings one after the other, counted in milliseconds from the measurement's start.

    Exactly one of `interval_ms` (regular: sample n stands at n times it) and `offsets_ms` (one per
    sample, ascending) is given.
    """

    samples: tuple[Decimal | Mark, ...]
    interval_ms: Decimal | None = None
    offsets_ms: tuple[Decimal, ...] | None = None


@dataclass(frozen=True)
class Coded:
    """A word of our vocabulary, such as `deep` or `running`."""

    code: str


Value = Decimal | Range | Series | Coded | bool


def is_value(value: Any) -> bool:
    """Tell whether it is one of the kinds, finite and whole."""
    if isinstance(value, Range):
        return is_number(value.low) and is_number(value.high) and value.low <= value.high
    if isinstance(value, Series):
        return _is_series(value)
    if isinstance(value, Coded):
        return isinstance(value.code, str) and bool(value.code)
    return isinstance(value, bool) or is_number(value)


def has_unit(value: Any) -> bool:
    """Tell whether a value of this kind is counted in a unit: words and flags are not."""
    return isinstance(value, Decimal | Range | Series)


def is_number(value: Any) -> bool:
    """Tell whether it is a finite decimal."""
    return isinstance(value, Decimal) and value.is_finite()


def _is_series(series: Series) -> bool:
    samples = series.samples
    if not isinstance(samples, tuple) or not samples:
        return False
    if not all(isinstance(one, Mark) or is_number(one) for one in samples):
        return False
    if series.offsets_ms is None:
        interval = series.interval_ms
        return interval is not None and is_number(interval) and interval > 0
    return series.interval_ms is None and _are_offsets(series.offsets_ms, len(samples))


def _are_offsets(offsets: Any, count: int) -> bool:
    return (
        isinstance(offsets, tuple)
        and len(offsets) == count
        and all(is_number(one) for one in offsets)
        and offsets[0] >= 0
        and all(earlier < later for earlier, later in pairwise(offsets))
    )
