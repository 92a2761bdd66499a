"""Bundles that an EHR answers with: their entries, matches and further pages.

Belongs here: reading them, and refusing what is none. Not here: HTTP (`client.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ohx_pipelines.errors import EhrMalformed

BUNDLE = "Bundle"


def resource_in(answer: Any, resource_type: str) -> dict[str, Any]:
    """Give an answer that is a resource of this type; raises EhrMalformed for any other.

    A maintenance page or an OperationOutcome read as an empty search would look like "nothing
    there".
    """
    if not isinstance(answer, dict) or answer.get("resourceType") != resource_type:
        message = f"the EHR did not answer with a {resource_type}"
        raise EhrMalformed(message)
    return answer


def entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """Give a Bundle's entries; raises EhrMalformed."""
    found = bundle.get("entry", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        message = "the EHR did not answer with a Bundle"
        raise EhrMalformed(message)
    return found


def resources(page: dict[str, Any], types: Collection[str]) -> list[dict[str, Any]]:
    """Give a page's resources of these types: a search can bring an OperationOutcome beside them."""
    found = [entry.get("resource") for entry in entries(page)]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") in types]


def next_link(page: dict[str, Any]) -> str | None:
    """Give the address of the next page."""
    links = [one for one in page.get("link", []) if one.get("relation") == "next"]
    return str(links[0]["url"]) if links else None
