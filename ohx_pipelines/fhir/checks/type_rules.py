"""What validating servers ask of a data type beyond its invariants.

Belongs here: rules that the specification states in words only. Not here: the invariants
(`invariants.py`), or the form of single values (`primitives.py`).
"""

from __future__ import annotations

import re
from typing import Any

from ohx_pipelines.fhir.checks.bindings import is_complete, is_known
from ohx_pipelines.fhir.checks.invariants import Rule
from ohx_pipelines.fhir.checks.sampled_data import is_readable

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.*", re.DOTALL)


def _is_known(coding: Any, _: Any) -> bool:
    return is_known(coding)


def _is_complete(concept: Any, _: Any) -> bool:
    return is_complete(concept)


def _is_absolute(name: str) -> Rule:
    def rule(element: Any, _: Any) -> bool:
        address = element.get(name)
        return not isinstance(address, str) or _ABSOLUTE.fullmatch(address) is not None

    return rule


def _is_one_word(reference: Any, _: Any) -> bool:
    target = reference.get("reference")
    return not isinstance(target, str) or target.split() == [target]


def _has_distinct_labels(meta: Any, _: Any) -> bool:
    labels = meta.get("security")
    listed = [one for one in labels if isinstance(one, dict)] if isinstance(labels, list) else []
    keys = [(str(one.get("system")), str(one.get("code"))) for one in listed]
    return len(keys) == len(set(keys))


TYPE_RULES: dict[str, tuple[tuple[str, Rule], ...]] = {
    "CodeableConcept": (("missing-code", _is_complete),),
    "Coding": (("unknown-code", _is_known),),
    "CodeSystem": (("absolute-address", _is_absolute("url")),),
    "Identifier": (("absolute-address", _is_absolute("system")),),
    "Meta": (("duplicate-label", _has_distinct_labels),),
    "Quantity": (("absolute-address", _is_absolute("system")), ("unknown-code", _is_known)),
    "Reference": (("reference", _is_one_word),),
    "SampledData": (("sampled-data", is_readable),),
}
