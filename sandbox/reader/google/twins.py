"""Twins: one taking that reached the vendor on two roads counts once.

Belongs here: which of several points of an instant, with a value or without an id, counts. Not here: streams that the
vendor has merged itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from sandbox.reader.google.points import point_id
from sandbox.reader.google.wire_values import whole
from sandbox.reader.readings import Row, number

# What other makers' apps write into the phone's store of health data.
OF_OTHERS = frozenset({"HEALTH_CONNECT", "HEALTH_KIT"})


# Fields that are compared to a gram and to a millimeter; all others to a hundredth.
TO_THE_UNIT = frozenset({"weightGrams", "heightMillimeters"})


def without_twins(points: Iterable[Row], field: str) -> list[Row]:
    """Give of points with the same instant and value in `field` the most trusted, in their order.

    Values that differ by less than a conversion on the way may do are the same.
    """
    listed = list(points)
    best: dict[tuple[int, Decimal | None], Row] = {}
    for point in listed:
        key = (point["start"], _about(point["value"].get(field), field))
        if key not in best or _rank(point) < _rank(best[key]):
            best[key] = point
    kept = {id(one) for one in best.values()}
    return [one for one in listed if id(one) in kept]


def by_trust(points: Iterable[Row]) -> list[Row]:
    """Give points with the most trusted first, else in their order: of one name the first counts."""
    return sorted(points, key=lambda one: _rank(one)[0])


def _about(given: object, field: str) -> Decimal | None:
    found = whole(given) if isinstance(given, str) else number(given)
    step = Decimal(1) if field in TO_THE_UNIT else Decimal("0.01")
    return None if found is None else found.quantize(step, ROUND_HALF_UP)


def _rank(point: Row) -> tuple[int, str]:
    source = point.get("source") or {}
    if source.get("platform") in OF_OTHERS:
        return 2, point_id(point)
    return (0 if source.get("device") else 1), point_id(point)
