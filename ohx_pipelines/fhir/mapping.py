"""The mapping table: what each metric becomes in FHIR, read from `mapping.yaml` and checked.

Belongs here: loading the shipped table, and a site's over it. Not here: codes (`mapping.yaml`), the
shape of rows (`table/rows.py`), rules (`table/rules.py`) or building (`observations.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.table.lines import Fault, Told, Tree, wrong_table
from ohx_pipelines.fhir.table.overlay import borrowed_codes, lay_over, with_shipped_ways
from ohx_pipelines.fhir.table.rows import Coding, Mapping, MetricRow, PanelRow
from ohx_pipelines.fhir.table.rules import row_faults, table_faults
from ohx_pipelines.fhir.table.units import UCUM, Unit

__all__ = [
    "UCUM",
    "Coding",
    "Mapping",
    "MetricRow",
    "PanelRow",
    "Unit",
    "load_mapping",
    "parse_mapping",
]

TABLE = "mapping.yaml"
ROWS: dict[str, type[MetricRow | PanelRow]] = {"metrics": MetricRow, "panels": PanelRow}


def load_mapping(overlay: Path | None = None) -> Mapping:
    """Read the table that ships with the product, and the site's file over it.

    Raises ConfigurationError that names file, line, key and reason of every fault.
    """
    shipped, mapping = _shipped()
    return mapping if overlay is None else _laid_over(shipped, mapping, _read(overlay))


@cache
def _shipped() -> tuple[Tree, Mapping]:
    tree = Tree.read(files(__package__).joinpath(TABLE).read_text(encoding="utf-8"), TABLE)
    return tree, _checked(tree)


def parse_mapping(text: str) -> Mapping:
    """Read a table; raises ConfigurationError that names line, key and reason of every fault."""
    return _checked(Tree.read(text, TABLE))


def _read(overlay: Path) -> Tree:
    try:
        text = overlay.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the mapping file {overlay} cannot be read ({type(error).__name__})"
        raise ConfigurationError(message) from None
    return Tree.read(text, overlay.name)


def _laid_over(shipped: Tree, base: Mapping, overlay: Tree) -> Mapping:
    laid, refused = lay_over(shipped, overlay, base)
    return _checked(laid, base, overlay.told([*overlay.keys_twice(), *refused]))


def _checked(tree: Tree, base: Mapping | None = None, told: Sequence[Told] = ()) -> Mapping:
    """Give the tree as a mapping; `base` is what it was laid over, `told` what is wrong already."""
    # First: reading the data puts what a merge key (<<) brings beside what stands there.
    faults = tree.keys_twice()
    data = tree.data()
    faults += _rule_faults(data)
    mapping = None
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        faults += _shape_faults(error)
    else:
        faults += table_faults(mapping)
    if mapping is not None and base is not None:
        faults += borrowed_codes(base, mapping)
        mapping, without_way = with_shipped_ways(base, mapping)
        faults += without_way
    if mapping is None or faults or told:
        raise wrong_table([*told, *tree.told(faults)])
    return mapping


def _rule_faults(data: Any) -> Iterator[Fault]:
    """Apply the rules to each row that can be read, so that all faults are told at once."""
    for section, row_type in ROWS.items():
        rows = data.get(section) if isinstance(data, dict) else None
        for name, raw in rows.items() if isinstance(rows, dict) else ():
            try:
                row = row_type.model_validate(raw)
            except ValidationError:
                continue
            for fault in row_faults(row):
                yield Fault((section, name, *fault.key), fault.reason)


def _shape_faults(error: ValidationError) -> Iterator[Fault]:
    """Tell what does not fit the rows' shape; that a list lacks its faulty items is no news."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    keys = [_key(one["loc"]) for one in told]
    for one, key in zip(told, keys, strict=True):
        inside = any(len(other) > len(key) and other[: len(key)] == key for other in keys)
        if not (one["type"] == "too_short" and inside):
            yield Fault(key, _reason(one["msg"]))


def _key(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return tuple(part for part in location if part != "[key]")


def _reason(message: str) -> str:
    known = {"Extra inputs are not permitted": "no such key", "Field required": "is missing"}
    return known.get(message, message.removeprefix("Value error, "))
