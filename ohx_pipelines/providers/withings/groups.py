"""Measure groups as Withings sends them, read without trusting any field.

Belongs here: one group's shape, and which of two copies of a taking counts. Not here: what becomes
of its measures (`measures.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ohx_pipelines.errors import Malformed
from ohx_pipelines.measurements import RecordingMethod
from ohx_pipelines.providers.withings.codes import AMBIGUOUS, ATTRIBUTION
from ohx_pipelines.providers.withings.rows import (
    LARGEST_EXPONENT,
    instant,
    is_integer,
    row_device,
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measure of a group; `value` is None when it cannot be read."""

    type: int | None
    value: Decimal | None = field(repr=False)
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """One taking. `taken_at` is None when its date cannot be read, `named` False without an id."""

    id: str
    named: bool
    taken_at: datetime | None
    attribution: object
    device: str | None
    model: object
    model_id: object
    modified: int
    readings: tuple[Reading, ...]

    @property
    def is_clear(self) -> bool:
        """Whether the group says which taking it is and what was measured."""
        return self.named and bool(self.kinds) and None not in self.kinds

    @property
    def kinds(self) -> frozenset[int | None]:
        """The vendor's types that were measured; None stands for those that cannot be read."""
        return frozenset(reading.type for reading in self.readings)

    @property
    def method(self) -> RecordingMethod | None:
        """Who says so; None when the group is to be held back."""
        return ATTRIBUTION.get(self.attribution) if isinstance(self.attribution, int) else None

    @property
    def hold_reason(self) -> str:
        """Why the group is held back, in a word."""
        if self.attribution == AMBIGUOUS:
            return "ambiguous_user"
        number = self.attribution if isinstance(self.attribution, int) else "missing"
        return f"attribution_{number}"


def groups_of(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give a page's groups; raises Malformed when there is no list of them."""
    rows = page.get("measuregrps")
    if not isinstance(rows, list):
        message = "Withings' answer has no list of measure groups"
        raise Malformed(message)
    return [row if isinstance(row, dict) else {} for row in rows]


def read_group(row: Mapping[str, Any], *, position: int) -> Group:
    """Read one group; what cannot be read is None and is judged later.

    `position` names a group without id inside this answer, so that it is still counted.
    """
    measures = row.get("measures")
    rows = measures if isinstance(measures, list) else [None]
    modified = row.get("modified")
    model_id = row.get("modelid", row.get("model_id"))
    name = _name(row.get("grpid"))
    return Group(
        id=name or f"unreadable-{position}",
        named=name is not None,
        taken_at=instant(row.get("date")),
        attribution=row.get("attrib"),
        device=row_device(row),
        model=row.get("model"),
        model_id=model_id,
        modified=modified if isinstance(modified, int) else 0,
        readings=tuple(_reading(measure) for measure in rows),
    )


def without_copies(groups: Iterable[Group]) -> list[Group]:
    """Keep one group per id, in order of id: a confirmed copy before one held back, then the newest.

    A taking that was ambiguous can come back under its id with another attribution.
    """
    best: dict[str, Group] = {}
    for group in groups:
        held = best.get(group.id)
        if held is None or _rank(group) > _rank(held):
            best[group.id] = group
    return sorted(best.values(), key=lambda group: (len(group.id), group.id))


def _rank(group: Group) -> tuple[bool, int]:
    return (group.method is not None, group.modified)


def _name(value: object) -> str | None:
    return str(value) if value and (is_integer(value) or isinstance(value, str)) else None


def _reading(measure: object) -> Reading:
    if not isinstance(measure, dict):
        return Reading(type=None, value=None)
    kind, position = measure.get("type"), measure.get("position")
    return Reading(
        position=position if is_integer(position) else None,
        type=kind if is_integer(kind) else None,
        value=_decimal(measure.get("value"), measure.get("unit")),
    )


def _decimal(value: object, exponent: object) -> Decimal | None:
    """Give value * 10^exponent exactly; None when the two are no integers of a sane size."""
    if not (is_integer(value) and is_integer(exponent)) or abs(exponent) > LARGEST_EXPONENT:
        return None
    return Decimal(value).scaleb(exponent)
