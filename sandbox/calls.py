"""Counting of what was asked of the stand-ins.

Belongs here: counters per call and per account. Not here: limits on them (`withings/limits.py`).
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict


class Calls:
    """How often each call was made, in all and per account; refused calls count too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total: Counter[str] = Counter()
        self._by_login: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, call: str, login: str | None = None) -> None:
        """Count one call."""
        with self._lock:
            self._total[call] += 1
            if login is not None:
                self._by_login[login][call] += 1

    def reset(self) -> None:
        """Start from nothing."""
        with self._lock:
            self._total.clear()
            self._by_login.clear()

    def total(self) -> dict[str, int]:
        """Give calls by name."""
        with self._lock:
            return dict(self._total)

    def by_login(self) -> dict[str, dict[str, int]]:
        """Give calls by account, then name."""
        with self._lock:
            return {login: dict(calls) for login, calls in self._by_login.items()}
