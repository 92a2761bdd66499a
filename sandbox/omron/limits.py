"""How often the vendor lets itself be called.

Belongs here: the rate window of the application. Not here: which calls count (`app.py`).
"""

from __future__ import annotations

import math
import threading
from collections import deque

from sandbox.clock import Clock
from sandbox.omron.errors import too_many
from sandbox.omron.settings import Settings

WINDOW_SECONDS = 60.0


class RateLimit:
    """So many calls in any minute, for the whole application; those above do not count."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        """Start without any call."""
        self._clock = clock
        self._settings = settings
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()

    def check(self) -> None:
        """Count a call; raises Refused (429) above the limit."""
        now = self._clock.now()
        with self._lock:
            while self._calls and self._calls[0] <= now - WINDOW_SECONDS:
                self._calls.popleft()
            if len(self._calls) < self._settings.rate_limit:
                self._calls.append(now)
                return
            free_at = (self._calls[0] if self._calls else now) + WINDOW_SECONDS
        wait = max(1, math.ceil(free_at - now))
        raise too_many(wait if self._settings.retry_after else None)
