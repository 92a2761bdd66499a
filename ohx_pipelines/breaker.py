"""Leaving alone what just failed for others: what a sync asks of a breaker, and what it tells it.

Belongs here: which errors mean trouble, which an answer. Not here: where breakers are kept
(`links/breakers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ohx_pipelines.errors import (
    AuthLost,
    BudgetSpent,
    EhrConflict,
    EhrDown,
    EhrError,
    EhrRejected,
    RateLimited,
    VendorDown,
    VendorError,
    VendorRejected,
)


class Breaker(Protocol):
    """What this and other processes know of a vendor's or an EHR's trouble."""

    def check(self) -> None:
        """Raise BreakerOpen while it should be left alone."""
        ...

    def failed(self, error: VendorError | EhrError) -> None:
        """Take note that it was in trouble or wants a pause."""
        ...

    def answered(self) -> None:
        """Take note that it answered, whatever it said."""
        ...


@contextmanager
def heard(breaker: Breaker) -> Iterator[None]:
    """Ask, unless it should be left alone, and tell the breaker how it went."""
    breaker.check()
    try:
        yield
    except BudgetSpent:
        # We have said nothing to the vendor, and it nothing to us.
        raise
    except (RateLimited, VendorDown, EhrDown) as error:
        breaker.failed(error)
        raise
    except (AuthLost, VendorRejected, EhrConflict, EhrRejected):
        breaker.answered()
        raise
    breaker.answered()
