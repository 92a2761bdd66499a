"""A vendor's or an EHR's breaker as one link's sync sees it: kept in the store for all processes.

Belongs here: what it notes of trouble. Not here: which errors are trouble (`breaker.py`), or the
table (`links/breakers.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ohx_pipelines.errors import BreakerOpen, EhrDown, EhrError, RateLimited, VendorError
from ohx_pipelines.links.store import LinkStore


@dataclass(frozen=True, kw_only=True)
class LinkBreaker:
    """A vendor's or an EHR's breaker (`name`) as one link's sync sees it."""

    store: LinkStore
    name: str
    link_id: str
    links: int
    seconds: float

    def check(self) -> None:
        """Raise BreakerOpen while it should be left alone."""
        found = self.store.open_breaker(self.name, seconds=self.seconds)
        if found is not None:
            raise BreakerOpen(found.cause)

    def failed(self, error: VendorError | EhrError) -> None:
        """Take note of trouble; a pause that was asked for is kept."""
        asked = None
        if isinstance(error, RateLimited):
            asked = error.wait_seconds
        elif isinstance(error, EhrDown):
            asked = error.retry_after_seconds
        self.store.note_trouble(
            self.name,
            self.link_id,
            error.code,
            links=self.links,
            seconds=max(self.seconds, asked or 0.0),
        )

    def answered(self) -> None:
        """Take note that it answered."""
        self.store.note_answer(self.name)
