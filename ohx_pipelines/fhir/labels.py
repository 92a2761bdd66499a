"""The `meta` of what we write: who it is from, whose link it is of, how sure, whether it is a test.

Belongs here: source, tags and security labels. Not here: profiles (the mapping) or what servers add.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.identifiers import LINK_SYSTEM

TEST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}


def meta(
    context: LinkContext,
    *,
    profile: str | None = None,
    security: Iterable[dict[str, str]] = (),
    tags: Iterable[dict[str, str]] = (),
) -> dict[str, Any]:
    """Give the `meta` of a resource that is written for the context's link."""
    labels = [*security, *([TEST] if context.test_data else [])]
    of_link = [{"system": LINK_SYSTEM, "code": context.link}] if context.link else []
    found = {
        "profile": [profile] if profile else [],
        "source": context.source,
        "security": labels,
        "tag": [*of_link, *tags],
    }
    return {name: part for name, part in found.items() if part}
