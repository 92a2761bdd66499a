"""The invariants of the specification by their keys, each as it stands in its definition.

Belongs here: rules between elements of one object. Not here: where they apply (the snapshots say
it), or the form of single values (`primitives.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from ohx_pipelines.fhir.checks.bundle_rules import BUNDLE_RULES
from ohx_pipelines.fhir.checks.primitives import bounds, is_decimal

_SHORTEST_VITAL_SIGN_TIME = len("2026-11-")

# An element and the whole resource it belongs to -> whether the rule holds.
Rule = Callable[[Any, Any], bool]


def has(element: Any, name: str) -> bool:
    """Tell whether an element is there, by its value or by an extension instead of it."""
    return name in element or f"_{name}" in element


def has_value(element: Any) -> bool:
    """Tell whether `value[x]` is there, in any of its types."""
    return any(name.startswith(("value", "_value")) for name in element)


def _listed(element: Any, name: str) -> list[Any]:
    found = element.get(name) if isinstance(element, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _obs_7(resource: Any, _: Any) -> bool:
    if not has_value(resource):
        return True
    own = _listed(resource.get("code"), "coding")
    return not any(
        coding in own
        for component in _listed(resource, "component")
        for coding in _listed(component.get("code"), "coding")
    )


def _vs_1(effective: Any, _: Any) -> bool:
    # The rule's text excuses a Period, its expression does not: `as dateTime` makes it empty,
    # and empty is not true. Validating servers refuse a vital sign with an effectivePeriod.
    return isinstance(effective, str) and len(effective) >= _SHORTEST_VITAL_SIGN_TIME


def _vs_2(resource: Any, _: Any) -> bool:
    if has(resource, "component") or has(resource, "hasMember"):
        return True
    return _vs_3(resource, _)


def _vs_3(element: Any, _: Any) -> bool:
    return has_value(element) or has(element, "dataAbsentReason")


def _per_1(period: Any, _: Any) -> bool:
    start, end = (bounds(str(period.get(name))) for name in ("start", "end"))
    return start is None or end is None or start[0] <= end[1]


def _ascends(low_name: str, high_name: str) -> Rule:
    """Compare two quantities of one unit as far as their digits tell them apart."""

    def rule(element: Any, _: Any) -> bool:
        low, high = element.get(low_name), element.get(high_name)
        if not isinstance(low, dict) or not isinstance(high, dict):
            return True
        if not is_decimal(low.get("value")) or not is_decimal(high.get("value")):
            return True
        return _is_comparable(low, high) and _edge(low["value"], -1) <= _edge(high["value"], 1)

    return rule


def _is_comparable(low: Any, high: Any) -> bool:
    # Validating servers cannot compare, and refuse, what is not said in the same unit.
    codes = {str(one["code"]) for one in (low, high) if "code" in one}
    return low.get("unit") == high.get("unit") and len(codes) <= 1


def _edge(value: Any, direction: int) -> Decimal:
    """Go to where a number of these digits may really lie: 5.4 from 5.35 to 5.45."""
    number = Decimal(str(value))
    return number + direction * Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)


def _ref_1(reference: Any, resource: Any) -> bool:
    target = reference.get("reference")
    if not isinstance(target, str) or not target.startswith("#"):
        return True
    return target[1:] in [one.get("id") for one in _listed(resource, "contained")]


def _csd_1(resource: Any, _: Any) -> bool:
    codes = list(_concept_codes(resource))
    return len(codes) == len(set(codes))


def _concept_codes(element: Any) -> Iterator[str]:
    for concept in _listed(element, "concept"):
        if isinstance(concept.get("code"), str):
            yield concept["code"]
        yield from _concept_codes(concept)


def _contained(name: str) -> Rule:
    def rule(resource: Any, _: Any) -> bool:
        return not any(name in one for one in _listed(resource, "contained"))

    return rule


def _contained_meta(*names: str) -> Rule:
    def rule(resource: Any, _: Any) -> bool:
        metas = [one.get("meta") for one in _listed(resource, "contained")]
        return not any(name in meta for meta in metas if meta for name in names)

    return rule


def _needs(name: str, other: str) -> Rule:
    return lambda element, _: not has(element, name) or has(element, other)


def _any_of(*names: str) -> Rule:
    return lambda element, _: any(has(element, name) for name in names)


def _not_both(name: str, other: str) -> Rule:
    return lambda element, _: not (has(element, name) and has(element, other))


def _one_of(name: str, other: str) -> Rule:
    return lambda element, _: has(element, name) != has(element, other)


INVARIANTS: dict[str, Rule] = {
    "att-1": _needs("data", "contentType"),
    "cpt-2": _needs("value", "system"),
    "csd-1": _csd_1,
    "csd-4": lambda one, _: one.get("content") != "supplement" or has(one, "supplements"),
    "csd-5": _needs("additionalUse", "use"),
    "dev-1": lambda one, _: sum(n.get("display") is True for n in _listed(one, "name")) <= 1,
    "dom-2": _contained("contained"),
    "dom-4": _contained_meta("versionId", "lastUpdated"),
    "dom-5": _contained_meta("security"),
    "exp-1": _any_of("expression", "reference"),
    "ext-1": lambda one, _: has(one, "extension") != has_value(one),
    "obs-3": _any_of("low", "high", "text"),
    "obs-6": lambda one, _: not (has(one, "dataAbsentReason") and has_value(one)),
    "obs-7": _obs_7,
    "obs-8": _not_both("bodySite", "bodyStructure"),
    "pat-1": _any_of("name", "telecom", "address", "organization"),
    "per-1": _per_1,
    "qty-3": _needs("code", "system"),
    "rat-1": lambda one, _: has(one, "numerator") == has(one, "denominator"),
    "ref-1": _ref_1,
    "ref-2": _any_of("reference", "identifier", "display", "extension"),
    "rng-2": _ascends("low", "high"),
    "sdd-1": _one_of("interval", "offsets"),
    "sqty-1": lambda one, _: not has(one, "comparator"),
    "tim-1": _needs("duration", "durationUnit"),
    "tim-2": _needs("period", "periodUnit"),
    "tim-6": _needs("periodMax", "period"),
    "tim-7": _needs("durationMax", "duration"),
    "tim-8": _needs("countMax", "count"),
    "tim-10": _not_both("timeOfDay", "when"),
    "vs-1": _vs_1,
    "vs-2": _vs_2,
    "vs-3": _vs_3,
    **BUNDLE_RULES,
}
