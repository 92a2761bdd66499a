"""The vendor's one stream of what several sources tell.

Belongs here: whose point counts. Not here: sums (`rollups.py`), and which points there are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from sandbox.google_health.kinds import DAILY, KIND_OF, SAMPLE
from sandbox.google_health.points import Point, rank


def merged(type_: str, points: Iterable[Point]) -> list[Point]:
    """Give points without source, newest first: of what two tell, that of the vendor's own device.

    Of an instant, or a day, one sample counts; of spans that overlap, those of one source.
    """
    ordered = sorted(points, key=lambda one: (rank(one.source), one.start, one.id))
    kind = KIND_OF[type_]
    if kind == SAMPLE:
        kept = _first_of_each(ordered, lambda one: one.start)
    elif kind == DAILY:
        kept = _first_of_each(ordered, lambda one: one.day)
    else:
        kept = _without_overlaps(ordered)
    return newest_first(replace(one, source=None) for one in kept)


def newest_first(points: Iterable[Point]) -> list[Point]:
    """Give points in the order of the vendor's answers."""
    return sorted(points, key=lambda one: (one.start, one.id), reverse=True)


def _first_of_each(points: Sequence[Point], key: Callable[[Point], Hashable]) -> list[Point]:
    found: dict[Hashable, Point] = {}
    for one in points:
        found.setdefault(key(one), one)
    return list(found.values())


def _without_overlaps(points: Sequence[Point]) -> list[Point]:
    if len({one.source for one in points}) == 1:
        return list(points)
    kept: list[Point] = []
    for one in points:
        if not any(_overlap(one, other) for other in kept):
            kept.append(one)
    return kept


def _overlap(one: Point, other: Point) -> bool:
    return one.source != other.source and one.start < other.end and other.start < one.end
