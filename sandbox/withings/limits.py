"""How often the vendor lets itself be called.

Belongs here: the rate window of the application and the guard against identical token calls.
Not here: single-use codes and tokens (`tokens.py`).
"""

from __future__ import annotations

import math
import threading
from collections import deque

from sandbox.clock import Clock
from sandbox.withings.envelope import too_many

CALLS_PER_MINUTE = 120
WINDOW_SECONDS = 60.0
GUARD_SECONDS = 10.0


class RateLimit:
    """So many calls in any minute, for the whole application."""

    def __init__(self, clock: Clock) -> None:
        """Start with the public plan's limit."""
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: deque[float] = deque()
        self.limit = CALLS_PER_MINUTE

    def check(self) -> None:
        """Count a call; raises Refused (601) above the limit."""
        now = self._clock.now()
        with self._lock:
            while self._calls and self._calls[0] <= now - WINDOW_SECONDS:
                self._calls.popleft()
            if len(self._calls) < self.limit:
                self._calls.append(now)
                return
            free_at = (self._calls[0] if self._calls else now) + WINDOW_SECONDS
        raise too_many("Too Many Request", max(1, math.ceil(free_at - now)))


class DuplicateGuard:
    """Two identical token calls within ten seconds: the second is refused."""

    def __init__(self, clock: Clock) -> None:
        """Start switched on, as the vendor is."""
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[frozenset[tuple[str, str]], float] = {}
        self.enabled = True

    def check(self, arguments: dict[str, str]) -> None:
        """Remember a call; raises Refused (601) for the same arguments too soon after."""
        key, now = frozenset(arguments.items()), self._clock.now()
        with self._lock:
            recent = {k: at for k, at in self._seen.items() if at > now - GUARD_SECONDS}
            seen_at = recent.get(key)
            self._seen = recent if seen_at is not None else recent | {key: now}
        if seen_at is not None and self.enabled:
            wait = max(1, math.ceil(seen_at + GUARD_SECONDS - now))
            raise too_many("Same arguments in less than 10 seconds", wait)
