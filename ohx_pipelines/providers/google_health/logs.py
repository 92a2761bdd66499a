"""Google's logs of food and drink: nothing is carried of them, they are counted.

Belongs here: counting, where a deployment asks for it. Not here: what is carried (the other readers).
"""

from __future__ import annotations

from collections.abc import Sequence

from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import object_of, rows_of, start_moment
from ohx_pipelines.providers.google_health.readings import Reading


def read_logs(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Count the points of a log; tells whether every one says when it was.

    Raises Malformed when an answer has no list of them.
    """
    is_clear = True
    for row in rows_of(pages, listing):
        value = object_of(row, listing.member)
        start = start_moment(value, reading.zone) if value is not None else None
        if start is None:
            reading.into.ignore(reading.into.window.first_day, "unreadable_row")
            is_clear = False
        elif reading.is_inside(start.day):
            reading.into.ignore(start.day, f"unmapped_type_{listing.name}")
    return is_clear
