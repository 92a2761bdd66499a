"""Structure: the official R5 JSON Schema and, as a second opinion, the `fhir.resources` models.

Belongs here: what those two can see, worded without values. Not here: rules that neither knows
(`rules.py`, `profiles.py`).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs
from fhir.resources import get_fhir_model_class
from pydantic import ValidationError

from sandbox.ehr.outcomes import Issue
from sandbox.ehr.wire import Json, Number

RESOURCE_TYPES = (
    "AuditEvent",
    "Consent",
    "Device",
    "DeviceAssociation",
    "DeviceDefinition",
    "Observation",
    "Patient",
    "Provenance",
)
_ELEMENT_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}\Z")
_SCHEMA_SAYS = {
    "Type": ("structure", "the JSON type is wrong here"),
    "Pattern": ("value", "the text does not have the form that its data type needs"),
    "AdditionalProperties": ("structure", "unknown element"),
    "Required": ("required", "a required element is missing"),
    "Constant": ("structure", "resourceType is wrong here"),
}
_MODEL_SAYS = {
    "extra_forbidden": ("structure", "unknown element"),
    "missing": ("required", "a required element is missing"),
}


def structure_issues(resource: Json, resource_type: str) -> list[Issue]:
    """Check against the schema, then against the model when the schema has no objection."""
    issues = schema_issues(resource, resource_type)
    return issues or list(_model_issues(resource, resource_type))


def schema_issues(resource: Json, resource_type: str) -> list[Issue]:
    """Check against the definition of that one type.

    Trying all 158 alternatives of the schema's root costs thirty times as much.
    """
    return [
        issue
        for error in _validator(resource_type).iter_errors(_with_plain_decimals(resource))
        for issue in _schema_issue(error, resource_type)
    ]


def _with_plain_decimals(value: Any) -> Any:
    """Give a copy that the Rust validator takes: it knows no subclass of Decimal."""
    if isinstance(value, dict):
        return {name: _with_plain_decimals(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_plain_decimals(part) for part in value]
    return Decimal(value) if isinstance(value, Number) else value


@cache
def _definitions() -> Any:
    packed = resources.files("sandbox.ehr").joinpath("fhir.schema.json.gz").read_bytes()
    text = gzip.decompress(packed).decode("utf-8")
    # R5 was published with a brace too many in its decimal pattern; no regex engine takes it.
    return json.loads(text.replace("{1,9}})?", "{1,9})?"))["definitions"]


@cache
def _validator(resource_type: str) -> Any:
    return jsonschema_rs.validator_for(
        {
            "$schema": "http://json-schema.org/draft-06/schema#",
            "$ref": f"#/definitions/{resource_type}",
            "definitions": _definitions(),
        }
    )


def _schema_issue(error: Any, resource_type: str) -> Iterable[Issue]:
    kind = type(error.kind).__name__.rpartition("_")[2]
    code, diagnostics = _SCHEMA_SAYS.get(kind, ("structure", "the schema does not allow this"))
    place = expression(resource_type, error.instance_path)
    if kind == "AdditionalProperties":
        for name in error.kind.unexpected:
            yield Issue(code=code, diagnostics=diagnostics, expression=_child(place, name))
        return
    if kind == "Required":
        place = _child(place, str(error.kind.property).strip('"'))
    yield Issue(code=code, diagnostics=diagnostics, expression=place)


def _model_issues(resource: Json, resource_type: str) -> Iterable[Issue]:
    try:
        get_fhir_model_class(resource_type).model_validate(resource)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False, include_input=False):
            kind = found["type"].rpartition(".")[2]
            code, diagnostics = _MODEL_SAYS.get(
                kind, ("value", "the value does not have the form that its data type needs")
            )
            place = expression(resource_type, found["loc"])
            yield Issue(code=code, diagnostics=diagnostics, expression=place)


def expression(root: str, path: Iterable[str | int]) -> str:
    """Write a path as FHIRPath does: `Observation.component[1].code`."""
    place = root
    for part in path:
        place = f"{place}[{part}]" if isinstance(part, int) else _child(place, part)
    return place


def _child(place: str, name: str) -> str:
    # A sender may have put anything where a name belongs, a value too.
    return f"{place}.{name}" if _ELEMENT_NAME.match(name) else place
