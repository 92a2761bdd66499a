"""One data point as the vendor keeps it: when, whose, from where, and what.

Belongs here: the shape that all of this cloud shares. Not here: its JSON (`wire.py`), or which points
there are (`store.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

FITBIT, HEALTH_CONNECT = "FITBIT", "HEALTH_CONNECT"
MANUAL, PASSIVE, ACTIVE, DERIVED = "MANUAL", "PASSIVELY_MEASURED", "ACTIVELY_MEASURED", "DERIVED"
WATCH, BAND, PHONE, SCALE, CHEST_STRAP = "WATCH", "FITNESS_BAND", "PHONE", "SCALE", "CHEST_STRAP"
Value = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Who tells a point, in the words of the wire; what is empty is not told there."""

    platform: str
    method: str
    device: str | None = None
    form: str | None = None
    maker: str | None = None
    package: str | None = None


# An ECG's `dataSource` is empty on the wire.
NO_SOURCE = Source(platform="", method="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One data point; `value` holds the member's fields besides times, zeros omitted."""

    type: str
    id: str
    start: int  # epoch milliseconds; a sample's physical time
    end: int
    offset: int  # seconds east of UTC
    end_offset: int
    day: date  # the civil date by which it is filtered: a night's by its end
    value: Value = field(repr=False)
    source: Source | None
    created: float  # epoch seconds; before, the vendor does not have it
    updated: float
    has_offset: bool = True  # an old ECG tells none


def civil(milliseconds: int, offset: int) -> datetime:
    """Give what a clock of an offset shows, without zone."""
    shown = datetime.fromtimestamp(milliseconds // 1_000 + offset, UTC).replace(tzinfo=None)
    return shown + timedelta(milliseconds=milliseconds % 1_000)


def rank(source: Source | None) -> int:
    """Give how far a source is from the vendor's own devices; the lowest counts."""
    if source is None or source.platform not in {FITBIT, ""}:
        return 3
    if source.form == PHONE:
        return 2
    return 0 if source.device else 1


def without_zeros(value: Value) -> Value:
    """Leave out what proto3 leaves out: numbers that are zero."""
    return {name: one for name, one in value.items() if one not in (0, "0") or one is False}
