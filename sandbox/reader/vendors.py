"""Whose a resource is: for a link of which vendor it was written.

Belongs here: the vendors' names, and where a resource says one. Not here: what a vendor's resources
should say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.reader.readings import BEURER, GOOGLE_HEALTH, OMRON, OMRON_CONNECT, WITHINGS

VENDORS = (WITHINGS, GOOGLE_HEALTH, OMRON, BEURER, OMRON_CONNECT)
# What `meta.source` has before the vendor; a server may put its request behind a number sign.
SOURCE = "/source/"
# Identifier systems of a vendor end in its name and one of these; the vendor's own ends so.
OF_A_VENDOR = ("-record", "-device", "-model")
VENDOR_ITSELF = "/vendor"


def vendor_of(resource: dict[str, Any]) -> str | None:
    """Give the vendor that a resource names; None for none, or one that nobody knows."""
    source = resource.get("meta", {}).get("source", "").partition("#")[0]
    given = source.rpartition(SOURCE)[2] if SOURCE in source else None
    if given in VENDORS:
        return str(given)
    named = {*_by_system(resource), *_by_name(resource)}
    return named.pop() if len(named) == 1 else None


def may_be_of(resource: dict[str, Any], vendor: str) -> bool:
    """Tell whether a resource is the vendor's, or says nothing of whose it is."""
    return vendor_of(resource) in {vendor, None}


def _by_system(resource: dict[str, Any]) -> Iterator[str]:
    for one in resource.get("identifier", []):
        system = one.get("system", "").rpartition("/")[2]
        yield from (
            vendor
            for vendor in VENDORS
            if system in {f"{vendor}{ending}" for ending in OF_A_VENDOR}
        )


def _by_name(part: Any) -> Iterator[str]:
    """Give each vendor that a reference inside names by its identifier."""
    if isinstance(part, dict):
        if str(part.get("system")).endswith(VENDOR_ITSELF) and part.get("value") in VENDORS:
            yield part["value"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _by_name(one)
