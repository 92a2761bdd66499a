"""How often the vendor lets itself be called for one person.

Belongs here: the rate window of each account. Not here: which calls count (`door.py`).
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque

from sandbox.clock import Clock
from sandbox.google_health.errors import too_many
from sandbox.google_health.settings import Settings

WINDOW_SECONDS = 60.0
LIMIT = "RequestsPerMinutePerUser"


class UserRates:
    """So many calls in any minute for each person; those above do not count."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        """Start without any call."""
        self._clock = clock
        self._settings = settings
        self._lock = threading.Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def check(self, login: str) -> None:
        """Count a call; raises Refused (429) above the limit."""
        now = self._clock.now()
        with self._lock:
            calls = self._calls[login]
            while calls and calls[0] <= now - WINDOW_SECONDS:
                calls.popleft()
            if len(calls) < self._settings.rate_limit:
                calls.append(now)
                return
            free_at = (calls[0] if calls else now) + WINDOW_SECONDS
        wait = max(1, math.ceil(free_at - now))
        raise too_many(LIMIT, wait if self._settings.retry_after else None)
