"""How long the parsing of one file may take.

Belongs here: the time since a file's parsing began, and its end. Not here: other bounds
(`text.py`), or how long publishing takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ohx_pipelines.providers.files.base import Bounds, FileRefused, Refusal


class Stopwatch:
    """Starts when it is made."""

    def __init__(self, bounds: Bounds, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = clock() + bounds.most_seconds

    def check(self, row: int) -> None:
        """Raise FileRefused, near this row, once the file has had its time; ask for every row."""
        if self._clock() >= self._until:
            raise FileRefused(Refusal.TOO_SLOW, row=row)
