"""Held retractions: which days wait for somebody's word, and the word that was given.

Belongs here: counts by link and day, confirmations and when they are used up. Not here: what is held
(`fhir/retractions.py`), or what would be retracted: there is no column for it.
A confirmation holds for as many as were looked at: a day of which more would go is held again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.audit import Deed, note
from ohx_pipelines.links.models import LedgerRow, LinkRow, RetractionConfirmationRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import ENDED

_ENDED = [state.value for state in ENDED]


@dataclass(frozen=True, kw_only=True)
class HeldRetraction:
    """A link's day of which Observations would be retracted, and how many.

    `seen_at` is when its last sync ended, in `run_id`; `last_success_at` when its last one without a
    failure did, None if there was none. `confirmed` is the most that somebody has allowed, if so.
    """

    link_id: str
    provider: str
    day: date
    count: int
    run_id: str
    seen_at: datetime
    last_success_at: datetime | None
    confirmed: int | None


class Retractions(Part):
    """What waits for a word, and the words given."""

    def held_retractions(self, link_id: str | None = None) -> list[HeldRetraction]:
        """Give the days that are held, in order, of one link when it is named.

        Of a link that ends or has ended nothing is given: nothing is retracted for it any more.
        """
        held, allowed = LedgerRow.counts["retraction_held"].as_integer(), RetractionConfirmationRow
        query = (
            select(LedgerRow, LinkRow.provider, allowed.most)
            .join(LinkRow, LinkRow.id == LedgerRow.link_id)
            .outerjoin(
                allowed,
                (allowed.link_id == LedgerRow.link_id) & (allowed.day == LedgerRow.day),
            )
            .where(held > 0, LinkRow.state.not_in(_ENDED))
            .order_by(LinkRow.number, LedgerRow.day)
        )
        if link_id is not None:
            query = query.where(LedgerRow.link_id == link_id)
        with Session(self.engine) as session:
            return [_held(*found) for found in session.execute(query)]

    def confirm_retractions(self, link_id: str, counts: Mapping[date, int], *, who: str) -> None:
        """Allow as many retractions of each day as are named; raises NotFound.

        An earlier word about a day is replaced. The log tells the days and how many in all.
        """
        if not counts:
            return
        now = datetime.now(UTC)
        rows = [
            {"link_id": link_id, "day": day, "most": most, "who": who, "at": now}
            for day, most in counts.items()
        ]
        statement = insert(RetractionConfirmationRow).values(rows)
        changes = {name: statement.excluded[name] for name in ("most", "who", "at")}
        with Session(self.engine) as session, session.begin():
            link = session.get(LinkRow, link_id)
            if link is None:
                message = f"there is no link {link_id}"
                raise NotFound(message)
            session.execute(
                statement.on_conflict_do_update(index_elements=["link_id", "day"], set_=changes)
            )
            said = f"{min(counts)} to {max(counts)}: {sum(counts.values())}"
            note(session, who, Deed.RETRACTION_ALLOWED, link, detail=said)

    def confirmed_retractions(self, link_id: str) -> dict[date, int]:
        """Give how many retractions of a link's days are allowed, by day.

        What was allowed before the patient last said yes to sharing is not allowed any more.
        """
        allowed = RetractionConfirmationRow
        query = (
            select(allowed.day, allowed.most)
            .join(LinkRow, LinkRow.id == allowed.link_id)
            .where(allowed.link_id == link_id, allowed.at >= LinkRow.confirmed_at)
        )
        with Session(self.engine) as session:
            return dict(session.execute(query).all())

    def retraction_done(self, link_id: str, day: date) -> None:
        """Take back what was allowed for a day: it has ended with nothing held."""
        allowed = RetractionConfirmationRow
        with Session(self.engine) as session, session.begin():
            session.execute(delete(allowed).where(allowed.link_id == link_id, allowed.day == day))


def _held(row: LedgerRow, provider: str, confirmed: int | None) -> HeldRetraction:
    return HeldRetraction(
        link_id=row.link_id,
        provider=provider,
        day=row.day,
        count=row.counts["retraction_held"],
        run_id=row.run_id,
        seen_at=row.last_at,
        last_success_at=row.last_success_at,
        confirmed=confirmed,
    )
