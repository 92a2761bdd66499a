"""What must stand for a notification of an irregular rhythm: one word.

Belongs here: notifications. Not here: ECGs (`strips.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.reader.google.points import once, raw_points, record_of
from sandbox.reader.google.rules import over, reading
from sandbox.reader.readings import Listing, Reading, Word

NOTIFICATION = "irregular-rhythm-notification"
FIBRILLATION, INCONCLUSIVE = "atrial-fibrillation", "inconclusive"
CODES = frozenset({NOTIFICATION})


def rhythm_readings(listing: Listing) -> Iterator[Reading]:
    """Give the reading of each notification, of the civil day that it starts on."""
    if not listing.asked.shares("irregular_rhythm"):
        return
    for point in once(raw_points(listing, "irregular-rhythm-notification")):
        when = over(point, listing)
        if when is not None:
            windows = point["value"].get("alertWindows") or ()
            is_positive = any(one.get("positive") is True for one in windows)
            yield reading(
                listing,
                when,
                point,
                record=record_of(point),
                code=NOTIFICATION,
                amounts={"": Word(FIBRILLATION if is_positive else INCONCLUSIVE)},
            )
