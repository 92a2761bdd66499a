"""Faults that tests order: what goes wrong at a stand-in, for whom, in which call, how often.

Belongs here: the orders and whether one applies. Not here: how a fault shows on the wire
(`withings/trouble.py`, `identity/trouble.py`) or the EHR's own orders (`ehr/faults.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass

FIRST, FURTHER = "first", "further"
PAGES = (FIRST, FURTHER)


@dataclass(kw_only=True)
class Fault:
    """One order; None for login, call, page or count means anybody, any call, until cleared.

    `only` names the calls that this kind of fault can happen to; None means all. `page` is FIRST or
    FURTHER for a fault that only that part of a listing meets.
    """

    kind: str
    login: str | None = None
    call: str | None = None
    only: frozenset[str] | None = None
    page: str | None = None
    count: int | None = None
    status: int | None = None
    seconds: float | None = None
    text: str | None = None

    def applies(self, login: str | None, names: Collection[str], page: str | None = None) -> bool:
        """Say whether a call of these names is meant, and whether the order is not used up."""
        is_meant = self.login in {None, login} and (self.call is None or self.call in names)
        is_meant = is_meant and self.page in {None, page}
        is_possible = self.only is None or not self.only.isdisjoint(names)
        return is_meant and is_possible and self.count != 0


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

    def take(self, login: str | None, *names: str, page: str | None = None) -> list[Fault]:
        """Give the faults of one call, oldest first, and count each down.

        A call can have two names: `requesttoken` is `exchange` or `refresh` too.
        """
        with self._lock:
            found = [fault for fault in self._faults if fault.applies(login, names, page)]
            for fault in found:
                if fault.count is not None:
                    fault.count -= 1
            return found
