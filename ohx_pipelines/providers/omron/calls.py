"""OMRON's one data call as data: its form fields, for the first page and for those that follow.

Belongs here: parameters. Not here: sending (`client.py`), what says that more follows (`pages.py`), or
which calls are made (`fetching.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.omron.listings import Listing

MEASUREMENT_PATH = "/api/measurement"
# OMRON's clock and the patient's need not be on the same date.
A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a listing: all rows whose local date is `since` or later; OMRON knows no end.

    `key` is that of a further page, where the answer before named one.
    """

    listing: Listing
    since: date
    limit: int
    key: str | None = field(default=None, repr=False)

    @property
    def fields(self) -> dict[str, str]:
        """The form that is posted; oldest first, or a page could not be gone on from by date."""
        fields = {
            "type": self.listing.name,
            "since": self.since.isoformat(),
            "limit": str(self.limit),
            "sortOrder": "asc",
        }
        # Documented for blood pressure; the others' names follow it.
        return fields | ({f"{self.listing.name}PaginationKey": self.key} if self.key else {})

    def at(self, key: str) -> Call:
        """Give the call of the page with this key; all else must be as it was."""
        return replace(self, key=key)

    def from_day(self, day: date) -> Call:
        """Give the call that goes on from a local date."""
        return replace(self, since=day, key=None)


def call_for(listing: Listing, window: Window, *, limit: int) -> Call:
    """Give the call that reads a listing for a window, and for all days after it."""
    return Call(listing=listing, since=window.first_day - A_DAY, limit=limit)
