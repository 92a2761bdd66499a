"""A site's own rules: the greatest value that it takes of a code, whatever FHIR allows.

Belongs here: what makes one reading unwelcome though it is valid. Not here: validity
(`validation.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sandbox.ehr.outcomes import Issue
from sandbox.ehr.wire import Json

LOINC = "http://loinc.org"


def limit_issues(resource: Json, limits: Mapping[str, float]) -> list[Issue]:
    """Give an issue for each value of an Observation, or of its components, above its limit."""
    if not limits or resource["resourceType"] != "Observation":
        return []
    parts = {"Observation": resource} | {
        f"Observation.component[{number}]": part
        for number, part in enumerate(resource.get("component", []))
    }
    return [issue for place, part in parts.items() for issue in _issues(part, place, limits)]


def _issues(part: Json, place: str, limits: Mapping[str, float]) -> Iterator[Issue]:
    codes = {
        one.get("code") for one in part["code"].get("coding", []) if one.get("system") == LOINC
    }
    value = part.get("valueQuantity", {}).get("value")
    if value is not None and any(
        Decimal(value) > Decimal(str(most)) for code, most in limits.items() if code in codes
    ):
        text = "the value is above the limit of this site"
        yield Issue(
            code="business-rule", diagnostics=text, expression=f"{place}.valueQuantity.value"
        )
