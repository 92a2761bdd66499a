"""Numbers and times as Google writes them in JSON.

Belongs here: int64 as text, durations, timestamps. Not here: what a field means (the other modules).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.reader.readings import number

MS_PER_SECOND = 1_000
_WHOLE = re.compile(r"-?\d+")
_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)s")


def whole(given: Any) -> Decimal | None:
    """Give an int64, which is a text on the wire; None for what is none."""
    if isinstance(given, str):
        return Decimal(given) if _WHOLE.fullmatch(given) else None
    found = number(given)
    return found if found is not None and found == found.to_integral_value() else None


def seconds(given: Any) -> Decimal | None:
    """Give the seconds of a duration, `"934s"`; None for what is none."""
    found = _DURATION.fullmatch(given) if isinstance(given, str) else None
    return Decimal(found[1]) if found else None


def instant_of_ms(epoch_ms: int) -> datetime:
    """Give the instant of so many milliseconds, exactly."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms)


def instant_of_text(text: str) -> datetime:
    """Give the instant of a timestamp; what is finer than milliseconds is cut."""
    found = datetime.fromisoformat(text).astimezone(UTC)
    return found.replace(microsecond=found.microsecond // MS_PER_SECOND * MS_PER_SECOND)


def milliseconds(length: timedelta) -> int:
    """Give the whole milliseconds of a length of time."""
    return length // timedelta(milliseconds=1)
