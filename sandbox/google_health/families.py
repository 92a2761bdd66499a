"""Families of data sources, by which a call can narrow what it is shown.

Belongs here: their names and who belongs to each. Not here: which calls take one (`data_calls.py`).
"""

from __future__ import annotations

from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.callers import ME
from sandbox.google_health.errors import invalid
from sandbox.google_health.points import FITBIT, MANUAL, Source
from sandbox.people import Person

FAMILY = "dataSourceFamily"
ALL_SOURCES, WEARABLES, GOOGLE, SELF = (
    "all-sources",
    "google-wearables",
    "google-sources",
    "self-sources",
)


def read_family(name: str | None, person: Person) -> str:
    """Give the family that is asked for by its full name; raises Refused for any other name."""
    if not name:
        return ALL_SOURCES
    users = (ME, health_user_id(person))
    known = {
        f"users/{user}/dataSourceFamilies/{family}": family
        for user in users
        for family in (ALL_SOURCES, WEARABLES, GOOGLE, SELF)
    }
    if name not in known:
        raise invalid(f"Invalid {FAMILY}: {name}", "INVALID_DATA_POINT_DATA_SOURCE_FAMILY")
    return known[name]


def from_family(source: Source | None, family: str) -> bool:
    """Say whether a source belongs to a family; nothing here was written by the application."""
    if family == WEARABLES:
        is_worn = source is not None and source.device is not None and source.method != MANUAL
        return is_worn and source is not None and source.platform == FITBIT
    # Health Connect counts as Google's own.
    return family != SELF
