"""The official JSON Schema: JSON types, unknown elements, the form of texts.

Belongs here: asking the schema and wording its answer without values. Not here: rules that the
schema cannot state (`walk.py`, `invariants.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from ohx_pipelines.fhir.checks.definitions import schema
from ohx_pipelines.fhir.checks.problem import Problem

_DEEPEST = 100
# The schema's own word for a broken rule -> ours.
_RULES = {
    "AdditionalProperties": "unknown-element",
    "Constant": "type",
    "Enum": "binding",
    "Pattern": "format",
    "Required": "required",
    "Type": "type",
}


def schema_problems(resource: Any, resource_type: str) -> Iterator[Problem]:
    """Check against the definition of that one type.

    Trying every type, as the schema's root does, costs thirty times as much.
    """
    if _is_endless(resource):
        yield Problem("not-json", resource_type)
        return
    try:
        for error in _validator(resource_type).iter_errors(resource):
            yield from _worded(error, resource_type)
    except ValueError:
        # No JSON at all: half a surrogate pair, a set, a number as a name.
        yield Problem("not-json", resource_type)


def _is_endless(resource: Any) -> bool:
    # The validator is native code: nesting without end would cost the process, not a ValueError.
    level = [resource]
    for _ in range(_DEEPEST):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        if not level:
            return False
    return True


@cache
def _validator(resource_type: str) -> Any:
    return jsonschema_rs.validator_for({**schema(), "$ref": f"#/definitions/{resource_type}"})


def _worded(error: Any, resource_type: str) -> Iterator[Problem]:
    kind = type(error.kind).__name__.rpartition("_")[2]
    rule = _RULES.get(kind, "schema")
    place = expression(resource_type, error.instance_path)
    if kind == "Required":
        place = f"{place}.{str(error.kind.property).strip(chr(34))}"
    # An unknown name is said without the name: whatever came from outside may stand there.
    yield Problem(rule, place)


def expression(root: str, path: Iterable[str | int]) -> str:
    """Write a path as FHIR does: `Observation.component[1].code`."""
    place = root
    for part in path:
        place = f"{place}[{part}]" if isinstance(part, int) else f"{place}.{part}"
    return place
