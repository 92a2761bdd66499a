"""What tests changed of the made-up rows: another in the place of one, none, or one more.

Belongs here: remembering. Not here: what is made up (`collection.py`), or which change is ordered.
"""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]
ACTIVITY, WORKOUT, NIGHT, ECG = "activity", "workout", "night", "ecg"
KINDS = (ACTIVITY, WORKOUT, NIGHT, ECG)
# Far from the numbers that days have.
_FIRST_ADDED = 8_000_000_000


def key_of(kind: str, row: Row) -> Any:
    """Give what names a row: of a day its date and source, of others their number."""
    if kind == ACTIVITY:
        return row["date"], row["modelid"]
    if kind == ECG:
        return row["ecg"]["signalid"] if "ecg" in row else row["timestamp"]
    return row["id"]


class Changes:
    """The changes of one account's rows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replaced: dict[tuple[str, Any], Row | None] = {}
        self._added: defaultdict[str, list[Row]] = defaultdict(list)
        self._numbers = itertools.count(_FIRST_ADDED)
        # Segments by night, entries by second: they stand beside their row.
        self.segments: dict[int, list[Row]] = {}
        self.entries: dict[int, Row] = {}

    def new_number(self) -> int:
        """Give a number that no row has."""
        with self._lock:
            return next(self._numbers)

    def replace(self, kind: str, key: Any, row: Row | None) -> None:
        """Put a row in the place of one; None takes it away."""
        with self._lock:
            self._replaced[kind, key] = row

    def add(self, kind: str, row: Row) -> None:
        """List one more row."""
        with self._lock:
            self._added[kind].append(row)

    def applied(self, kind: str, made_up: Iterable[Row]) -> Iterator[Row]:
        """Give rows as they are now, and those that were added."""
        with self._lock:
            added, replaced = list(self._added[kind]), dict(self._replaced)
        for row in itertools.chain(made_up, added):
            shown = replaced.get((kind, key_of(kind, row)), row)
            if shown is not None:
                yield shown

    def changed(self, kind: str) -> list[Row]:
        """Give the replaced rows of a kind as they are now."""
        with self._lock:
            found = [row for (of, _), row in self._replaced.items() if of == kind]
        return [row for row in found if row is not None]
