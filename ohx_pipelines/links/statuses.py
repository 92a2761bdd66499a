"""How links stand: what lists and pages show of them.

Belongs here: reading links with the last words of the ledger and the log. Not here: changing them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ohx_pipelines.links.audit import Deed
from ohx_pipelines.links.models import AuditRow, LedgerRow, LinkRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState


class LinkStatuses(Part):
    """Statuses of all links, or of some."""

    def statuses(
        self,
        *,
        provider: str | None = None,
        patient_id: str | None = None,
        link_id: str | None = None,
    ) -> list[LinkStatus]:
        """Give what lists and pages show of links, with the last success of the ledger."""
        query = _status_query()
        if provider is not None:
            query = query.where(LinkRow.provider == provider)
        if patient_id is not None:
            query = query.where(LinkRow.patient_id == patient_id)
        if link_id is not None:
            query = query.where(LinkRow.id == link_id)
        with Session(self.engine) as session:
            return [_status(*row) for row in session.execute(query)]


def _status_query() -> Select[LinkRow, datetime | None, date | None, str | None, datetime | None]:
    of_link = LedgerRow.link_id == LinkRow.id
    last = (
        select(LedgerRow.outcome).where(of_link).order_by(LedgerRow.last_at.desc()).limit(1)
    ).scalar_subquery()
    success_at = select(func.max(LedgerRow.last_success_at)).where(of_link).scalar_subquery()
    success_day = (
        select(func.max(LedgerRow.day))
        .where(of_link, LedgerRow.last_success_at.is_not(None))
        .scalar_subquery()
    )
    asked_at = (
        select(func.max(AuditRow.at))
        .where(AuditRow.link_id == LinkRow.id, AuditRow.what == Deed.UNLINK_ASKED.value)
        .scalar_subquery()
    )
    return select(LinkRow, success_at, success_day, last, asked_at).order_by(LinkRow.number)


def _status(
    row: LinkRow,
    success_at: datetime | None,
    success_day: date | None,
    outcome: str | None,
    unlink_asked_at: datetime | None,
) -> LinkStatus:
    return LinkStatus(
        id=row.id,
        provider=row.provider,
        state=LinkState(row.state),
        zone=row.zone,
        created_at=row.created_at,
        last_success_at=success_at,
        last_success_day=success_day,
        last_outcome=outcome,
        unlink_asked_at=unlink_asked_at,
        data_types=tuple(row.data_types),
        scopes=frozenset(row.scopes),
        record=_record_state(row),
        record_error=row.record_error,
    )


def _record_state(row: LinkRow) -> RecordState:
    if row.record_version == 0:
        return RecordState.NONE
    return RecordState.WRITTEN if row.record_written == row.record_version else RecordState.DUE
