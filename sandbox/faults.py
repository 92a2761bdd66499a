"""Faults that tests order: what goes wrong at the vendor, for whom, in which call, how often.

Belongs here: the orders and whether one applies. Not here: how a fault shows on the wire
(`withings/trouble.py`) or the EHR's own faults.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(kw_only=True)
class Fault:
    """One order; None for login, call or count means anybody, any call, until cleared."""

    kind: str
    login: str | None = None
    call: str | None = None
    count: int | None = None
    status: int | None = None
    seconds: float | None = None

    def applies(self, login: str | None, call: str) -> bool:
        """Say whether this call is meant, and whether the order is not used up."""
        meant = self.login in {None, login} and self.call in {None, call}
        return meant and self.count != 0


class Faults:
    """The orders that stand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Take an order."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._faults.clear()

    def take(self, login: str | None, call: str) -> list[Fault]:
        """Give the faults of one call, oldest first, and count each down."""
        with self._lock:
            found = [fault for fault in self._faults if fault.applies(login, call)]
            for fault in found:
                if fault.count is not None:
                    fault.count -= 1
            return found
