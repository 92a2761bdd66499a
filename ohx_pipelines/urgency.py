"""How urgent a call to a vendor is, known wherever it is made without being handed down.

Belongs here: the degrees, and which a window of days has. Not here: who goes first
(`links/turns.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum


class Urgency(IntEnum):
    """What goes first, when not all calls can be made at once: the smaller number."""

    TODAY = 0
    LOOK_BACK = 1
    BACKFILL = 2


@dataclass(frozen=True, kw_only=True)
class Hurry:
    """How urgent calls are and, where that is bounded, for how long one may wait for its turn."""

    urgency: Urgency = Urgency.TODAY
    most_seconds: float | None = None


# Whoever says nothing is a person at a page or at a command line.
_AT_A_PAGE = Hurry()
_hurry: ContextVar[Hurry] = ContextVar("hurry", default=_AT_A_PAGE)


def hurry() -> Hurry:
    """Give how urgent the calls are that are made here and now."""
    return _hurry.get()


@contextmanager
def using(urgency: Urgency) -> Iterator[None]:
    """Make what is called within so urgent; a bound on waiting stays."""
    with _being(replace(hurry(), urgency=urgency)):
        yield


@contextmanager
def at_once(*, most_seconds: float) -> Iterator[None]:
    """Let what is called within go first, and wait for no turn longer than that."""
    with _being(Hurry(urgency=Urgency.TODAY, most_seconds=most_seconds)):
        yield


@contextmanager
def _being(wanted: Hurry) -> Iterator[None]:
    former = _hurry.set(wanted)
    try:
        yield
    finally:
        _hurry.reset(former)


def urgency_of(first: date, last: date, *, today: date, look_back_days: int) -> Urgency:
    """Give the urgency of a window of days.

    One that begins before the look-back is a backfill, up to whichever day it goes: what is urgent
    of it, the night or a notification asks for as well.
    """
    if first < today - timedelta(days=look_back_days):
        return Urgency.BACKFILL
    return Urgency.TODAY if last >= today else Urgency.LOOK_BACK
