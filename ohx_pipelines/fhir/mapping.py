"""The mapping table: what each metric becomes in FHIR, read from `mapping.yaml` and checked.

Belongs here: the table's shape, loading, look-ups. Not here: codes (`mapping.yaml`) or building
resources (`observations.py`).
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.measurements import Metric

TABLE = "mapping.yaml"
UCUM = "http://unitsofmeasure.org"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Coding(_Row):
    """One code of a CodeableConcept."""

    system: str
    code: str
    display: str


class Unit(_Row):
    """A UCUM unit; `powers` maps other units to the power of ten that converts them to it."""

    code: str
    text: str
    powers: dict[str, int] = Field(default_factory=dict, alias="from")


class MetricRow(_Row):
    """What one metric becomes."""

    category: Literal["vital-signs", "exam", "activity", "laboratory", "procedure"]
    profile: str | None = None
    coding: tuple[Coding, ...] = Field(min_length=1)
    unit: Unit

    def in_unit(self, value: Decimal, unit: str) -> Decimal:
        """Give the value in this row's unit, digit for digit.

        Raises ConfigurationError for a unit that the table cannot convert: never a guess.
        """
        if unit == self.unit.code:
            return value
        if unit not in self.unit.powers:
            message = f"the mapping has no way from {unit!r} to {self.unit.code!r}"
            raise ConfigurationError(message)
        return value.scaleb(self.unit.powers[unit])


class PanelRow(_Row):
    """Values of one taking that become one Observation with components."""

    category: Literal["vital-signs"]
    profile: str | None = None
    coding: tuple[Coding, ...] = Field(min_length=1)
    components: tuple[Metric, ...] = Field(min_length=1)
    joins: tuple[Metric, ...] = ()


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
        """Which panel a metric is a component of, joining metrics left out."""
        return {metric: name for name, row in self.panels.items() for metric in row.components}


def load_mapping() -> Mapping:
    """Read the table that ships with the product; raises ConfigurationError when it is wrong."""
    text = files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    return parse_mapping(text)


def parse_mapping(text: str) -> Mapping:
    """Read a table; raises ConfigurationError that names key and reason of every fault."""
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        lines = [f"line {mark.line + 1}: not valid YAML" if mark else "not valid YAML"]
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'table'}: {e['msg']}" for e in error.errors()]
    raise ConfigurationError("\n  ".join([f"{TABLE} is wrong:", *lines]))
