"""Truth rows: what one reading in an export file means, kept apart from how an app writes it.

Belongs here: the row, its JSON, telling readings of one minute apart. Not here: which readings
somebody has (`routine.py`), or an app's columns (`sections.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

BEURER = "beurer"
OMRON_CONNECT = "omron_connect"
APPS = (BEURER, OMRON_CONNECT)


class Kind(StrEnum):
    """What a row is a reading of."""

    WEIGHT = "weight"
    PRESSURE = "pressure"
    GLUCOSE = "glucose"
    TEMPERATURE = "temperature"
    OXYGEN = "oxygen"


@dataclass(frozen=True, kw_only=True)
class TruthRow:
    """One reading: a wall clock's minute without zone, and values by plain names.

    `weight` and `bones` are kilograms (`weight_lb`, `weight_st`: pounds, stones), `body_fat`,
    `water`, `muscles` and `spo2` per cent, `sys`, `dia` and `map` mmHg, `pulse` per minute, `bmr`
    kcal, `metabolic_age` years, `temperature` Celsius, glucose as named.
    `zeros` are values that the app writes as 0 because they were not measured. `flags` are those
    raised: `irregular`, `movement`, `afib`, and `error` for one that means nothing. With an `end`
    it is a session, whose values are its mean, least and most. `noise` is written as the app's old
    rows are: a float's every digit.
    """

    kind: Kind
    moment: datetime
    zone: str
    values: Mapping[str, Decimal]
    manual: bool = True
    device: str | None = None
    flags: frozenset[str] = frozenset()
    end: datetime | None = None
    zeros: frozenset[str] = frozenset()
    noise: bool = False
    occurrence: int = 0

    @property
    def record(self) -> str:
        """The name that identifies the readings of this kind and minute."""
        return f"{self.kind}-{self.moment:%Y-%m-%dT%H:%M}"

    def as_json(self) -> dict[str, Any]:
        """Give the row with texts for moments and numbers."""
        return {
            "kind": self.kind.value,
            "record": self.record,
            "occurrence": self.occurrence,
            "moment": self.moment.isoformat(timespec="minutes"),
            "end": self.end and self.end.isoformat(timespec="minutes"),
            "zone": self.zone,
            "values": {name: str(value) for name, value in self.values.items()},
            "flags": sorted(self.flags),
            "manual": self.manual,
            "device": self.device,
        }


def numbered(rows: Iterable[TruthRow]) -> list[TruthRow]:
    """Count the rows of one kind and minute up by their values; equal ones are one reading."""
    of_minute: dict[tuple[Kind, datetime], list[TruthRow]] = defaultdict(list)
    for row in rows:
        together = of_minute[row.kind, row.moment]
        if all(row.values != other.values for other in together):
            together.append(row)
    return [
        replace(row, occurrence=position)
        for together in of_minute.values()
        for position, row in enumerate(sorted(together, key=_by_values))
    ]


def _by_values(row: TruthRow) -> list[tuple[str, Decimal]]:
    return sorted(row.values.items())
