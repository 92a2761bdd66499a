"""The product's own CodeSystem: codes for what LOINC has no code for.

Belongs here: reading the resource that ships as `code_system.json`. Not here: which metric uses
which code (`mapping.yaml`).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

LOCAL = "https://open-health-exchange.org/fhir/CodeSystem/home-readings"


def code_system() -> dict[str, Any]:
    """Give the CodeSystem as a FHIR R5 resource, to be put on a server that wants to know it."""
    text = files(__package__).joinpath("code_system.json").read_text(encoding="utf-8")
    resource: dict[str, Any] = json.loads(text)
    return resource


@cache
def local_displays() -> dict[str, str]:
    """Give the display of each code."""
    return {concept["code"]: concept["display"] for concept in code_system()["concept"]}
