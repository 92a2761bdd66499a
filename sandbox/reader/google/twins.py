"""Twins: one taking that reached the vendor on two roads counts once.

Belongs here: which of several points of an instant and a value counts. Not here: streams that the
vendor has merged itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.reader.google.points import point_id
from sandbox.reader.readings import Row

# What other makers' apps write into the phone's store of health data.
OF_OTHERS = frozenset({"HEALTH_CONNECT", "HEALTH_KIT"})


def without_twins(points: Iterable[Row], field: str) -> list[Row]:
    """Give of points with the same instant and value in `field` the most trusted, in their order."""
    listed = list(points)
    best: dict[tuple[int, Any], Row] = {}
    for point in listed:
        key = (point["start"], point["value"].get(field))
        if key not in best or _rank(point) < _rank(best[key]):
            best[key] = point
    kept = {id(one) for one in best.values()}
    return [one for one in listed if id(one) in kept]


def _rank(point: Row) -> tuple[int, str]:
    source = point.get("source") or {}
    if source.get("platform") in OF_OTHERS:
        return 2, point_id(point)
    return (0 if source.get("device") else 1), point_id(point)
