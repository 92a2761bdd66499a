"""Required bindings: the code that stands there is one of the value set.

Belongs here: codes, codings, concepts and quantities against a list of codes. Not here: which
element is bound to which set (the snapshots say it).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ohx_pipelines.fhir.checks.definitions import code_systems, value_set
from ohx_pipelines.fhir.checks.units import UCUM, is_unit

_ALL_UNITS = "http://hl7.org/fhir/ValueSet/ucum-units"
Codes = dict[str, frozenset[str]]


def binding(address: str | None, kind: str) -> Callable[[Any], bool] | None:
    """Give the test of a bound element, None where the set has no closed list of codes."""
    if address is not None and address.partition("|")[0] == _ALL_UNITS:
        return lambda value: isinstance(value, str) and is_unit(value)
    codes = value_set(address) if address is not None else None
    if codes is None:
        return None
    if kind == "CodeableConcept":
        return lambda value: _has_one(value, codes)
    if kind == "Coding":
        return lambda value: _is_one(value, codes)
    if kind == "Quantity":
        # A quantity without a code is bound to nothing; qty-3 and the profiles ask for one.
        return lambda value: "code" not in value or _is_one(value, codes)
    every = frozenset().union(*codes.values())
    return lambda value: isinstance(value, str) and value in every


def is_known(coding: dict[str, Any]) -> bool:
    """Tell whether UCUM or HL7's own systems know the code; of others we know nothing."""
    system, code = coding.get("system"), coding.get("code")
    if not isinstance(system, str) or not isinstance(code, str):
        return True
    if system == UCUM:
        return is_unit(code)
    codes = code_systems().get(system)
    return codes is None or code in codes


def is_complete(concept: dict[str, Any]) -> bool:
    """Tell whether each coding of a known system has a code."""
    codings = concept.get("coding")
    return not isinstance(codings, list) or not any(
        isinstance(one, dict) and "code" not in one and str(one.get("system")) in code_systems()
        for one in codings
    )


def _has_one(value: dict[str, Any], codes: Codes) -> bool:
    codings = value.get("coding")
    return isinstance(codings, list) and any(_is_one(coding, codes) for coding in codings)


def _is_one(value: Any, codes: Codes) -> bool:
    if not isinstance(value, dict):
        return False
    system, code = value.get("system"), value.get("code")
    return isinstance(system, str) and isinstance(code, str) and code in codes.get(system, ())
