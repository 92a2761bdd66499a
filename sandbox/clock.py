"""The sandbox's clock: real time plus an offset that tests move.

Belongs here: what time it is in the sandbox. Not here: what depends on it (lifetimes, the rate
window, which readings exist yet).
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch; moves forward only."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        """Follow `real`; tests hand in a clock that stands still."""
        self._real = real
        self.offset_seconds = 0.0

    def now(self) -> float:
        """Give the sandbox's time."""
        return self._real() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        """Move forward; raises ValueError for a step back, which no vendor's clock takes."""
        if seconds < 0:
            raise ValueError("the clock moves forward only")
        self.offset_seconds += seconds
