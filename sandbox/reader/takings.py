"""Which of the vendor's measure groups are takings of this person, each of them once.

Belongs here: attribution, copies. Not here: what a taking's measures become (`expected_measures.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.reader.readings import Listing, Row
from sandbox.reader.rules import CONFIRMED

REAL_MEASURES = 1  # `category`; 2 are goals
SAME_TAKING_AGAIN = 8


def takings(listing: Listing) -> list[Row]:
    """Give each taking once, of those that are surely this person's; or all that are listed."""
    groups = [one for one in listing.of("measures") if one["category"] == REAL_MEASURES]
    return _once(groups) if listing.surely else groups


def _once(groups: Iterable[Row]) -> list[Row]:
    by_id: dict[Any, list[Row]] = {}
    for group in groups:
        by_id.setdefault(group["grpid"], []).append(group)
    newest = [max(copies, key=_trust) for copies in by_id.values()]
    surely = [group for group in newest if group["attrib"] in CONFIRMED]
    # Last in line, those that may repeat another group.
    surely.sort(key=lambda group: group["attrib"] == SAME_TAKING_AGAIN)
    kept: list[Row] = []
    contents: set[Any] = set()
    for group in surely:
        content = _content(group)
        if group["attrib"] != SAME_TAKING_AGAIN or content not in contents:
            kept.append(group)
        contents.add(content)
    return kept


def _trust(group: Row) -> tuple[bool, int]:
    return group["attrib"] in CONFIRMED, group.get("modified") or 0


def _content(group: Row) -> tuple[int, frozenset[Any]]:
    counted = Counter(
        (one["type"], one.get("position"), Decimal(one["value"]).scaleb(one["unit"]))
        for one in group["measures"]
    )
    return group["date"], frozenset(counted.items())
