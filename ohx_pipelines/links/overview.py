"""What a look over the whole deployment asks of the store, all at once and without changing a row.

Belongs here: read-only questions over every link and day. Not here: what the answers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ohx_pipelines.links.audit import Deed
from ohx_pipelines.links.models import AuditRow, LedgerRow, LinkRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import LinkState


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """The server's version as it names itself, and its clock."""

    version: str
    now: datetime


@dataclass(frozen=True, kw_only=True)
class LinkSince:
    """A link's state and since when: linked, confirmed, or asked to be unlinked."""

    id: str
    provider: str
    state: LinkState
    since: datetime


@dataclass(frozen=True, kw_only=True)
class NotedDay:
    """How a link's day ended last, and in which run; `outcome` is the ledger's word."""

    outcome: str
    run_id: str


class Overview(Part):
    """Questions over the whole store."""

    def server(self) -> DatabaseServer:
        """Ask the server for its version and its clock."""
        with Session(self.engine) as session:
            version = session.scalar(select(func.current_setting("server_version")))
            now = session.scalars(select(func.clock_timestamp())).one()
        return DatabaseServer(version=str(version).split(" ", 1)[0], now=now)

    def links_since(self) -> list[LinkSince]:
        """Give every link with its state and since when, in the order in which they were made."""
        asked = (
            select(func.max(AuditRow.at))
            .where(AuditRow.link_id == LinkRow.id, AuditRow.what == Deed.UNLINK_ASKED.value)
            .scalar_subquery()
        )
        query = select(LinkRow, asked).order_by(LinkRow.number)
        with Session(self.engine) as session:
            return [
                LinkSince(
                    id=row.id,
                    provider=row.provider,
                    state=LinkState(row.state),
                    since=_since(row, asked_at),
                )
                for row, asked_at in session.execute(query)
            ]

    def noted_days(
        self, provider: str, *, first_day: date, last_day: date
    ) -> dict[tuple[date, str], NotedDay]:
        """Give the ledger of all the provider's links within the bounds, by day and link id."""
        query = (
            select(LedgerRow.day, LedgerRow.link_id, LedgerRow.outcome, LedgerRow.run_id)
            .join(LinkRow, LinkRow.id == LedgerRow.link_id)
            .where(LinkRow.provider == provider, LedgerRow.day.between(first_day, last_day))
        )
        with Session(self.engine) as session:
            return {
                (day, link_id): NotedDay(outcome=outcome, run_id=run_id)
                for day, link_id, outcome, run_id in session.execute(query)
            }

    def days_outside(self, provider: str, *, first_day: date, last_day: date) -> int:
        """Count the ledger's days of the provider's links outside the bounds."""
        query = (
            select(func.count())
            .select_from(LedgerRow)
            .join(LinkRow, LinkRow.id == LedgerRow.link_id)
            .where(LinkRow.provider == provider, ~LedgerRow.day.between(first_day, last_day))
        )
        with Session(self.engine) as session:
            return session.scalars(query).one()


def _since(row: LinkRow, unlink_asked_at: datetime | None) -> datetime:
    if row.state == LinkState.UNLINKING.value and unlink_asked_at is not None:
        return unlink_asked_at
    return max(row.linked_at, row.confirmed_at or row.linked_at)
