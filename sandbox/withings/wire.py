"""Measure groups in the shape of the vendor's wire.

Belongs here: fields, exponents, numbers of groups. Not here: which readings a person takes
(`routines.py`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

REAL_MEASURE = 1
GOAL = 2
_FIRST_NUMBER = 6_000_000_000
_FIRST_DAY = date(2000, 1, 1).toordinal()
_PEOPLE = 256
_PER_DAY = 32


@dataclass(frozen=True, kw_only=True)
class Device:
    """A device as the vendor names it."""

    id: str
    model_id: int
    model: str
    kind: str
    firmware: int | None = None


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One taking before it has a number: when on the local day, how sure, and what."""

    at: timedelta  # since local midnight, as a wall clock shows it
    measures: list[dict[str, Any]]
    device: Device | None = None
    attrib: int = 0
    category: int = REAL_MEASURE
    upload_seconds: int = 62
    listed: int = 1


def measure(kind: int, value: int, unit: int, **extra: Any) -> dict[str, Any]:
    """Give one measure; its real value is `value` x 10^`unit`."""
    return {"value": value, "type": kind, "unit": unit, "algo": 0, "fm": 3, **extra}


def any_exponent(
    rng: random.Random, kind: int, value: int, unit: int, **extra: Any
) -> dict[str, Any]:
    """Give one measure with another exponent now and then; the quantity stays."""
    chance = rng.random()
    if chance < 0.2:  # noqa: PLR2004 (one in five)
        return measure(kind, value * 100, unit - 2, **extra)
    if chance < 0.5 and value % 10 == 0:  # noqa: PLR2004 (some of those that can)
        return measure(kind, value // 10, unit + 1, **extra)
    return measure(kind, value, unit, **extra)


def group_number(person: int, day: date, position: int) -> int:
    """Give the `grpid` of the n-th taking of a person's day; no two share one."""
    days = day.toordinal() - _FIRST_DAY
    return _FIRST_NUMBER + (days * _PEOPLE + person) * _PER_DAY + position


def as_group(taking: Taking, *, number: int, day: date, zone: ZoneInfo) -> dict[str, Any]:
    """Give a group as `getmeas` lists it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    # Arithmetic of aware datetimes is on the wall clock: eight o'clock stays eight o'clock.
    taken_at = int((midnight + taking.at).timestamp())
    uploaded_at = taken_at + taking.upload_seconds
    device = taking.device
    return {
        "grpid": number,
        "attrib": taking.attrib,
        "date": taken_at,
        "created": uploaded_at,
        "modified": uploaded_at,
        "category": taking.category,
        "deviceid": device.id if device else None,
        "hash_deviceid": device.id if device else None,
        "measures": taking.measures,
        "modelid": device.model_id if device else None,
        "model": device.model if device else None,
        "comment": None,
    }
