"""The shape of the mapping table: its rows, and the look-ups that builders need.

Belongs here: which keys a row has and which values they may take. Not here: codes
(`mapping.yaml`), rules between keys (`table/rules.py`), units (`units.py`), loading (`mapping.py`).
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.table.code_system import LOCAL
from ohx_pipelines.fhir.table.units import Unit
from ohx_pipelines.fhir.table.vital_signs import PROFILES
from ohx_pipelines.metrics import Metric

# The words that the table uses for code systems; any other system is given as its URI.
SYSTEMS = {
    "loinc": "http://loinc.org",
    "mdc": "urn:iso:std:iso:11073:10101",
    "local": LOCAL,
}

# R5's observation-category, whole.
Category = Literal[
    "vital-signs",
    "exam",
    "activity",
    "laboratory",
    "procedure",
    "social-history",
    "survey",
    "therapy",
    "imaging",
]
Shape = Literal["quantity", "series", "coded", "boolean"]
Effective = Literal["point", "day", "session"]


def _system(value: object) -> object:
    return SYSTEMS.get(value, value) if isinstance(value, str) else value


def _profile(value: object) -> object:
    return PROFILES + value if isinstance(value, str) and ":" not in value else value


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Coding(_Row):
    """One code of a CodeableConcept."""

    system: Annotated[str, BeforeValidator(_system), Field(pattern=r"^[a-z]+:\S+$")]
    code: str = Field(pattern=r"^\S+( \S+)*$")
    display: str = Field(min_length=1)


class _ObservationRow(_Row):
    """What a metric's and a panel's Observation have in common.

    `effective` is a point in time, the user's local day, or a session (a night, a workout, a
    strip); `open_day` says what becomes of a day's total while the day has not ended.
    """

    enabled: bool = True
    category: Category
    profile: Annotated[str | None, BeforeValidator(_profile)] = None
    coding: tuple[Coding, ...] = Field(min_length=1)
    effective: Effective = "point"
    method: str | None = Field(None, min_length=1)
    derived_from: Metric | None = None
    status: Literal["final", "preliminary"] = "final"
    open_day: Literal["preliminary", "omit"] = "preliminary"


class MetricRow(_ObservationRow):
    """What one metric becomes.

    A `quantity` is a number or a range; `values` gives the code of each word that a `coded` value
    may be; a series is thinned to `resolution_seconds`.
    """

    shape: Shape = "quantity"
    unit: Unit | None = None
    values: dict[str, Coding] = Field(default_factory=dict)
    resolution_seconds: int | None = Field(None, ge=1, strict=True)

    def in_unit(self, value: Decimal, unit: str) -> Decimal:
        """Give the value in this row's unit, never finer than it came.

        Raises ConfigurationError for a unit that the table cannot convert: never a guess.
        """
        if self.unit is None:
            message = f"the mapping has no unit to convert {unit!r} to"
            raise ConfigurationError(message)
        return self.unit.convert(value, unit)


class PanelRow(_ObservationRow):
    """Values of one taking that become one Observation with components.

    The Observation's own value is that of `value`; `components` are always there, with a
    dataAbsentReason where the taking lacks them; `joins` are components only when they are in the
    same taking; Observations of `members` are named by `hasMember`.
    """

    value: Metric | None = None
    components: tuple[Metric, ...] = ()
    joins: tuple[Metric, ...] = ()
    members: Metric | None = None


class Mapping(_Row):
    """The whole table."""

    version: int
    metrics: dict[Metric, MetricRow]
    panels: dict[str, PanelRow]

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        missing = [metric.value for metric in Metric if metric not in self.metrics]
        if missing:
            message = f"metrics without a row: {', '.join(missing)}"
            raise ValueError(message)
        return self

    @cached_property
    def panel_of(self) -> dict[Metric, str]:
        """Which panel a metric is the value or a component of, joining metrics left out."""
        return {
            metric: name
            for name, row in self.panels.items()
            for metric in (row.value, *row.components)
            if metric is not None
        }

    @cached_property
    def digest(self) -> str:
        """Hex digest of everything that it says: two tables of one digest write the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def is_enabled(self, metric: Metric) -> bool:
        """Say whether the metric is published: its own row and its panel's are enabled."""
        panel = self.panel_of.get(metric)
        return self.metrics[metric].enabled and (panel is None or self.panels[panel].enabled)
