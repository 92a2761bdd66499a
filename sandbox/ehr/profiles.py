"""The R5 vital-sign profiles, held to when `meta.profile` declares one.

Belongs here: their obligations as a table, and the checks it drives. Not here: base R5 rules.
Source: the StructureDefinitions vitalsigns, bodyweight, ... of R5 (5.0.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.ehr.outcomes import Issue
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.units import SYSTEM
from sandbox.ehr.wire import Json

_CANONICAL = "http://hl7.org/fhir/StructureDefinition/"
_VERSION = "|5.0.0"
_LOINC = "http://loinc.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_AT_LEAST_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _units(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMON_UNITS = _units("% cm [in_i] kg g [lb_av] Cel [degF] mm[Hg] /min kg/m2 m2")


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """What one profile asks beyond the common part."""

    code: str | None
    units: frozenset[str] = frozenset()
    quantity_required: bool = False
    sides: tuple[str, ...] = ()  # components that must be there, each once


PROFILES: dict[str, Obligation] = {
    "vitalsigns": Obligation(code=None),
    "bodyweight": Obligation(code="29463-7", units=_units("kg g [lb_av]")),
    "bodyheight": Obligation(code="8302-2", units=_units("cm [in_i]")),
    "bmi": Obligation(code="39156-5", units=_units("kg/m2"), quantity_required=True),
    "bodytemp": Obligation(code="8310-5", units=_units("Cel [degF]")),
    "heartrate": Obligation(code="8867-4", units=_units("/min")),
    "oxygensat": Obligation(code="2708-6", units=_units("%")),
    "resprate": Obligation(code="9279-1", units=_units("/min")),
    "bp": Obligation(code="85354-9", units=_units("mm[Hg]"), sides=("8480-6", "8462-4")),
}


def profile_issues(resource: Json) -> list[Issue]:
    """Check a resource against every profile that it declares; an unknown one is an error."""
    issues: list[Issue] = []
    resource_type = resource["resourceType"]
    for number, declared in enumerate(resource.get("meta", {}).get("profile", [])):
        name = declared.removesuffix(_VERSION).removeprefix(_CANONICAL)
        is_ours = declared.startswith(_CANONICAL)
        if is_ours and name in PROFILES and resource_type == "Observation":
            issues.extend(_vital_sign(resource, PROFILES[name]))
        elif not (is_ours and name in RESOURCE_TYPES and name == resource_type):
            text = "the profile has not been checked because it could not be found"
            place = f"{resource_type}.meta.profile[{number}]"
            issues.append(Issue(code="not-found", diagnostics=text, expression=place))
    return issues


def _vital_sign(resource: Json, profile: Obligation) -> Iterator[Issue]:
    yield from _category(resource)
    yield from _effective(resource)
    if profile.code and _count(resource["code"], profile.code) != 1:
        yield _issue("required", "the profile's LOINC coding stands exactly once", "code")
    yield from _value(resource, profile)
    yield from _components(resource, profile)


def _category(resource: Json) -> Iterator[Issue]:
    found = [
        coding
        for category in resource.get("category", [])
        for coding in category.get("coding", [])
        if coding.get("system") == _CATEGORY and coding.get("code") == "vital-signs"
    ]
    if len(found) != 1:
        yield _issue("required", "exactly one category is vital-signs", "category")


def _effective(resource: Json) -> Iterator[Issue]:
    if "effectivePeriod" in resource:
        return
    if "effectiveDateTime" not in resource:
        text = "effective[x]: minimum required = 1, as dateTime or Period"
        yield _issue("required", text, "effectiveDateTime")
    elif not _AT_LEAST_A_DAY.match(resource["effectiveDateTime"]):
        text = "vs-1: a dateTime is precise to at least the day"
        yield _issue("invariant", text, "effectiveDateTime")


def _value(resource: Json, profile: Obligation) -> Iterator[Issue]:
    if profile.sides:
        if any(name.startswith("value") for name in resource):
            yield _issue("structure", "a blood pressure has no value of its own", "valueQuantity")
        return
    if profile.quantity_required and "valueQuantity" not in resource:
        yield _issue("required", "valueQuantity: minimum required = 1", "valueQuantity")
    if not _has_value(resource) and not resource.keys() & {"component", "hasMember"}:
        yield _issue("invariant", "vs-2: a value or a dataAbsentReason is needed", "value")
    units = profile.units or None
    if "valueQuantity" in resource and units:
        yield from _quantity(resource["valueQuantity"], units, "valueQuantity")
    # The slicing of heartrate is open: a series conforms, in the same unit.
    origin = resource.get("valueSampledData", {}).get("origin")
    if origin is not None and units:
        yield from _quantity(origin, units, "valueSampledData.origin")


def _components(resource: Json, profile: Obligation) -> Iterator[Issue]:
    components = resource.get("component", [])
    for side in profile.sides:
        if sum(_count(part["code"], side) for part in components) != 1:
            text = f"the component {side} stands exactly once"
            yield _issue("required", text, "component")
    for number, part in enumerate(components):
        place = f"component[{number}]"
        if not _has_value(part):
            yield _issue("invariant", "vs-3: a value or a dataAbsentReason is needed", place)
        is_side = any(_count(part["code"], side) for side in profile.sides)
        if is_side and _has_value(part) and not part.keys() & {"valueQuantity", "dataAbsentReason"}:
            yield _issue("structure", "the value is a Quantity", place)
        if "valueQuantity" in part:
            inside = f"{place}.valueQuantity"
            if is_side:
                yield from _quantity(part["valueQuantity"], profile.units, inside)
            else:
                yield from _unit(part["valueQuantity"], _COMMON_UNITS, inside)


def _quantity(quantity: Json, units: frozenset[str], place: str) -> Iterator[Issue]:
    for name in ("value", "unit", "system", "code"):
        if name not in quantity:
            yield _issue("required", f"{name}: minimum required = 1", f"{place}.{name}")
    yield from _unit(quantity, units, place)


def _unit(quantity: Json, units: frozenset[str], place: str) -> Iterator[Issue]:
    if quantity.get("system", SYSTEM) != SYSTEM:
        yield _issue("code-invalid", "the system is UCUM", f"{place}.system")
    if quantity.get("code") is not None and quantity["code"] not in units:
        yield _issue("code-invalid", "the unit is not one of the profile's", f"{place}.code")


def _has_value(part: Json) -> bool:
    return "dataAbsentReason" in part or any(name.startswith("value") for name in part)


def _count(concept: Json, code: str) -> int:
    codings = concept.get("coding", [])
    return sum(one.get("system") == _LOINC and one.get("code") == code for one in codings)


def _issue(code: str, diagnostics: str, element: str) -> Issue:
    return Issue(code=code, diagnostics=diagnostics, expression=f"Observation.{element}")
