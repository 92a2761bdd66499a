"""What was added to, changed in and taken from the accounts since they were made up.

Belongs here: remembering it. Not here: what is done to a point (`store.py`), by whose order.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import date

from sandbox.google_health.points import Point

Key = tuple[str, str]  # login, type


class Changes:
    """Every account's changes, by type."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._added: dict[Key, list[Point]] = {}
        self._replaced: dict[Key, dict[str, Point | None]] = {}

    def add(self, login: str, point: Point) -> None:
        """Remember one more point."""
        with self._lock:
            self._added.setdefault((login, point.type), []).append(point)

    def replace(self, login: str, type_: str, point_id: str, point: Point | None) -> None:
        """Put another point in the place of one; None takes it away."""
        with self._lock:
            self._replaced.setdefault((login, type_), {})[point_id] = point

    def count(self, login: str, type_: str) -> int:
        """Give how many points were added."""
        with self._lock:
            return len(self._added.get((login, type_), ()))

    def applied(
        self, login: str, type_: str, points: Iterable[Point], *, days: tuple[date, date]
    ) -> Iterator[Point]:
        """Give the points of days as they are now, and what was added to these days."""
        with self._lock:
            added = list(self._added.get((login, type_), ()))
            replaced = dict(self._replaced.get((login, type_), {}))
        own = (one for one in added if days[0] <= one.day <= days[1])
        for group in (points, own):
            for one in group:
                now = replaced.get(one.id, one)
                if now is not None:
                    yield now
