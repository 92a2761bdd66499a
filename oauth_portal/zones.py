"""Time zones to choose from, for whoever knows what no vendor said: grouped as people look for them.

Belongs here: the list, and reading a choice. Not here: what a zone is used for.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ohx_pipelines.links.records import ENDED, LinkStatus

FIELD = "zone"
OTHER = "Other"
# What some browsers still call zones that were renamed.
FORMER_NAMES = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Louisville": "America/Kentucky/Louisville",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
}


@cache
def zone_groups() -> Mapping[str, tuple[str, ...]]:
    """Give the names of zones by region, each country's own; `UTC` stands alone at the end."""
    groups: dict[str, list[str]] = {}
    for name in sorted(_of_countries()):
        groups.setdefault(name.partition("/")[0], []).append(name)
    return {region: tuple(names) for region, names in groups.items()} | {OTHER: ("UTC",)}


def read_zone(name: str) -> ZoneInfo | None:
    """Read a choice; None for what is not among the zones offered, or what they were called once."""
    known = FORMER_NAMES.get(name, name)
    if not any(known in names for names in zone_groups().values()):
        return None
    try:
        return ZoneInfo(known)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def zone_of(links: Iterable[LinkStatus]) -> str | None:
    """Give the zone of a patient's living links, the youngest first; None where none says one."""
    living = [one for one in links if one.state not in ENDED and one.zone]
    youngest = max(living, key=lambda one: one.created_at, default=None)
    return youngest.zone if youngest else None


def _of_countries() -> set[str]:
    """Read the table of countries' zones: of a region's many names those that people look for."""
    lines = _table().splitlines()
    named = {line.split("\t")[2] for line in lines if line and not line.startswith("#")}
    return named & zoneinfo.available_timezones()


def _table() -> str:
    for folder in zoneinfo.TZPATH:
        table = Path(folder) / "zone.tab"
        if table.is_file():
            return table.read_text(encoding="utf-8")
    return resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
