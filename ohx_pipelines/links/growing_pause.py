"""How long is waited before what failed is tried again: longer each time, up to an hour.

Belongs here: that pause, as the database reckons it. Not here: what is tried.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 3600
# More doublings would only run over; the longest pause is reached with the seventh try.
MOST_DOUBLINGS = 6


def has_paused(
    tried_at: InstrumentedAttribute[datetime | None], attempts: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Give the condition that the pause after so many failed tries is over (or none was made)."""
    doublings = func.least(func.greatest(attempts - 1, 0), MOST_DOUBLINGS)
    seconds = func.least(FIRST_PAUSE_SECONDS * func.power(2, doublings), LONGEST_PAUSE_SECONDS)
    pause = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return tried_at.is_(None) | (tried_at + pause <= func.now())
