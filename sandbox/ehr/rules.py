"""Rules of R5 that neither the JSON Schema nor the models check.

Belongs here: invariants of resources and data types, required codes, dates. Not here: structure
(`schema.py`) and profiles (`profiles.py`). Each message starts with the invariant's own name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.ehr.codes import CODE_SYSTEMS, REQUIRED_CODES, REQUIRED_CONCEPTS
from sandbox.ehr.dates import read_span
from sandbox.ehr.elements import Element, walk
from sandbox.ehr.outcomes import Issue
from sandbox.ehr.units import SYSTEM, is_ucum
from sandbox.ehr.wire import Json

_DATE_NAMES = {"start", "end", "issued", "recorded", "lastUpdated", "date", "birthDate", "time"}
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\Z")
_SAMPLE = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?\Z")


def rule_issues(resource: Json) -> list[Issue]:
    """Give everything that breaks a rule, element by element."""
    root = resource["resourceType"]
    issues = [
        issue
        for element in walk(resource, root)
        for check in _ON_ELEMENTS
        for issue in check(element)
    ]
    for check_resource in _ON_RESOURCES.get(root, ()):
        issues.extend(check_resource(resource))
    return issues


def _ele_1(element: Element) -> Iterator[Issue]:
    value = element.value
    # A null stands only in an array whose extensions stand beside it; nothing here writes those.
    if value is None or value in ({}, []) or (isinstance(value, str) and not value.strip()):
        yield _issue("invariant", "ele-1: an element has a value or children", element.place)


def _date(element: Element) -> Iterator[Issue]:
    value, name = element.value, element.name
    if not isinstance(value, str) or not (name in _DATE_NAMES or name.endswith("DateTime")):
        return
    if _LOCAL_TIME.match(value):
        yield _issue("value", "a dateTime with a time needs an offset", element.place)
        return
    try:
        read_span(value)
    except ValueError:
        yield _issue("value", "no such date", element.place)


def _required_code(element: Element) -> Iterator[Issue]:
    if not isinstance(element.value, str):
        return
    endings = {element.path, ".".join(element.path.split(".")[-2:]), element.name}
    tables = [REQUIRED_CODES[path] for path in endings & REQUIRED_CODES.keys()]
    if any(element.value not in allowed for allowed in tables):
        yield _issue("code-invalid", "unknown code: the binding is required", element.place)


def _required_concept(element: Element) -> Iterator[Issue]:
    binding = REQUIRED_CONCEPTS.get(element.path)
    if binding and isinstance(element.value, dict):
        system, allowed = binding
        codings = element.value.get("coding", [])
        if not any(one.get("system") == system and one.get("code") in allowed for one in codings):
            text = "no coding of the required value set"
            yield _issue("code-invalid", text, element.place)


def _known_system(element: Element) -> Iterator[Issue]:
    if isinstance(element.value, dict) and element.name in {"coding", "tag", "security"}:
        allowed = CODE_SYSTEMS.get(element.value.get("system", ""))
        if allowed and element.value.get("code") not in allowed:
            yield _issue("code-invalid", "unknown code of a known system", f"{element.place}.code")


def _qty_3(element: Element) -> Iterator[Issue]:
    value = element.value
    if not isinstance(value, dict) or not _is_quantity(element):
        return
    if "code" in value and "system" not in value:
        yield _issue("invariant", "qty-3: a code for the unit needs a system", element.place)
    if value.get("system") == SYSTEM and "code" in value and not is_ucum(value["code"]):
        yield _issue("code-invalid", "the code is no UCUM unit", f"{element.place}.code")


def _is_quantity(element: Element) -> bool:
    return element.name.endswith("Quantity") or element.name in {"origin", "low", "high"}


def _per_1(element: Element) -> Iterator[Issue]:
    value = element.value
    if not isinstance(value, dict) or not {"start", "end"} <= value.keys():
        return
    try:
        start, end = read_span(value["start"]), read_span(value["end"])
    except (TypeError, ValueError):
        return  # `_date` says what is wrong
    if start.start > end.start:
        yield _issue("invariant", "per-1: the start is not later than the end", element.place)


def _sampled_data(element: Element) -> Iterator[Issue]:
    value = element.value
    if not isinstance(value, dict) or not element.name.endswith("SampledData"):
        return
    if ("interval" in value) == ("offsets" in value):
        yield _issue("invariant", "sdd-1: either interval or offsets, not both", element.place)
    for name in ("intervalUnit", "dimensions"):
        if name not in value:
            yield _issue("required", "a required element is missing", f"{element.place}.{name}")
    if "intervalUnit" in value and not is_ucum(value["intervalUnit"]):
        text = "unknown code: the binding is required"
        yield _issue("code-invalid", text, f"{element.place}.intervalUnit")
    # Stricter than HAPI, which looks at none of the samples.
    samples = value.get("data", "E").split(" ")
    if not all(one in {"E", "L", "U"} or _SAMPLE.match(one) for one in samples):
        yield _issue("value", "a sample is a decimal, E, L or U", f"{element.place}.data")


def _observation(resource: Json) -> Iterator[Issue]:
    place = "Observation"
    if "subject" not in resource:
        yield _issue("required", "a required element is missing", f"{place}.subject")
    yield from _obs_6(resource, place)
    codes = _codings(resource.get("code", {}))
    for number, part in enumerate(resource.get("component", [])):
        here = f"{place}.component[{number}]"
        yield from _obs_6(part, here)
        if codes & _codings(part.get("code", {})) and _value_names(resource):
            text = "obs-7: a component has the Observation's own code, so no value may stand beside"
            yield _issue("invariant", text, here)


def _obs_6(part: Json, place: str) -> Iterator[Issue]:
    if "dataAbsentReason" in part and _value_names(part):
        text = "obs-6: dataAbsentReason only stands where there is no value"
        yield _issue("invariant", text, place)


def _value_names(part: Json) -> list[str]:
    return [name for name in part if name.startswith("value")]


def _codings(concept: Json) -> set[tuple[Any, Any]]:
    return {(one.get("system"), one.get("code")) for one in concept.get("coding", [])}


def _issue(code: str, diagnostics: str, expression: str) -> Issue:
    return Issue(code=code, diagnostics=diagnostics, expression=expression)


_ON_ELEMENTS: tuple[Callable[[Element], Iterator[Issue]], ...] = (
    _ele_1, _date, _required_code, _required_concept, _known_system, _qty_3, _per_1, _sampled_data,
)  # fmt: skip
_ON_RESOURCES: dict[str, tuple[Callable[[Json], Iterator[Issue]], ...]] = {
    "Observation": (_observation,)
}
