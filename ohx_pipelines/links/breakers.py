"""Circuit breakers: what every process knows of others' trouble, so that all stop hammering.

Belongs here: one row per vendor or EHR. Not here: what counts as trouble (`sync.py`).
A breaker opens when so many different links failed one after the other; one link alone never opens
it. While it is open nobody asks; after its time one process asks. An answer closes it; another
failure starts the count anew, since it may be that one link's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.links.models import BreakerRow
from ohx_pipelines.links.part import Part

FORGOTTEN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class OpenBreaker:
    """A breaker that is open: the outcome that opened it, and until when nobody asks."""

    cause: str
    until: datetime


class Breakers(Part):
    """Breakers by name: a provider, or an EHR connection."""

    def open_breaker(self, name: str, *, seconds: float) -> OpenBreaker | None:
        """Give the breaker when it is open; None lets the caller ask.

        When its time has passed one caller gets None, to try; for the others it stays open until
        that caller tells how it went, or for `seconds` more when it never does.
        """
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            row = session.get(BreakerRow, name)
            if row is None or row.open_until is None:
                return None
            if row.open_until > now:
                return OpenBreaker(cause=row.cause, until=row.open_until)
            cause, later = row.cause, now + timedelta(seconds=seconds)
            won = session.execute(
                update(BreakerRow)
                .where(BreakerRow.name == name, BreakerRow.open_until == row.open_until)
                .values(open_until=later, failing_links=[], updated_at=now)
                .returning(BreakerRow.name)
            ).first()
        return None if won else OpenBreaker(cause=cause, until=later)

    def note_trouble(
        self, name: str, link_id: str, cause: str, *, links: int, seconds: float
    ) -> None:
        """Note that it failed for a link; the `links`-th one in a row opens the breaker."""
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            session.execute(
                insert(BreakerRow)
                .values(name=name, failing_links=[], cause=cause)
                .on_conflict_do_nothing()
            )
            row = session.scalars(
                select(BreakerRow).where(BreakerRow.name == name).with_for_update()
            ).one()
            # What failed long ago is not in a row with what fails now.
            recent = row.failing_links if row.updated_at > now - FORGOTTEN_AFTER else []
            others = [one for one in recent if one != link_id]
            # Only their number counts: no more of them are kept than it takes.
            row.failing_links = [*others, link_id][-links:]
            row.cause, row.updated_at = cause, now
            is_open = len(row.failing_links) >= links
            row.open_until = now + timedelta(seconds=seconds) if is_open else None

    def note_answer(self, name: str) -> None:
        """Note that it answered: the breaker closes."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(BreakerRow).where(BreakerRow.name == name))
