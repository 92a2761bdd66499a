"""What the resources around the readings are known by: a link, a vendor, nobody in particular.

Belongs here: business identifiers and references that several builders share. Not here: ids of
resources (`fhir/identifiers.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.identifiers import SYSTEM

VENDOR_SYSTEM = f"{SYSTEM}vendor"
CONSENT_SYSTEM = f"{SYSTEM}consent"
ASSOCIATION_SYSTEM = f"{SYSTEM}device-association"
SOFTWARE_SYSTEM = f"{SYSTEM}software"
# The software's own word for itself, among identifiers and in `meta.source`.
SOFTWARE = "ohx-pipelines"


def link_of(context: LinkContext) -> str:
    """Give the link's id; raises ConfigurationError without one: the record would be everybody's."""
    if not context.link:
        message = "a link's record needs the link's id"
        raise ConfigurationError(message)
    return context.link


def shared(context: LinkContext) -> LinkContext:
    """Give the context without its link, for what several links refer to."""
    return replace(context, link="")


def by_identifier(system: str, value: str, **more: str) -> dict[str, Any]:
    """Give a reference that needs nothing to be there: it names an identifier, no resource."""
    return {**more, "identifier": {"system": system, "value": value}}


def coded(system: str, code: str, display: str) -> dict[str, Any]:
    """Give a CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}
