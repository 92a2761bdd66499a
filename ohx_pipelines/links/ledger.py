"""The sync ledger: how each link's day ended last.

Belongs here: outcomes, counts, times. Not here: readings; there is no column for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.links.models import LedgerRow, LinkRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage

# A class name of somebody's library may be longer than the column.
ERROR_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One link's day: the last outcome, and how often the day was tried in all."""

    link_id: str
    day: date
    outcome: Outcome
    counts: Counts
    attempts: int
    run_id: str
    first_at: datetime
    last_at: datetime
    last_success_at: datetime | None
    status: int | None
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the order of noting a day stands: when it was noted last, then link and day."""

    at: datetime
    link_id: str
    day: date


@dataclass(frozen=True, kw_only=True)
class Noted:
    """A day as it was noted last, and its place in the order of noting."""

    place: Place
    result: DayResult


@dataclass(frozen=True, kw_only=True)
class Reading:
    """When days were read, and a digest of what for: what is shared, mapped, and sent where."""

    at: datetime
    digest: str


class Ledger(Part):
    """Outcomes by link and day."""

    def record_days(
        self,
        link_id: str,
        results: Sequence[DayResult],
        *,
        run_id: str,
        reading: Reading | None = None,
    ) -> dict[date, int]:
        """Note how days ended, in one transaction; gives the attempts so far by day.

        With the `reading` of days that ended well `days_read` tells of them.
        """
        now = datetime.now(UTC)
        rows = [
            _row(link_id, result, run_id=run_id, now=now) | _read(result, reading)
            for result in results
        ]
        if not rows:
            return {}
        statement = insert(LedgerRow).values(rows)
        new = statement.excluded
        kept = {"link_id", "day", "first_at"}
        changes: dict[str, Any] = {name: new[name] for name in rows[0] if name not in kept}
        changes["attempts"] = LedgerRow.attempts + 1
        changes["last_success_at"] = func.coalesce(new.last_success_at, LedgerRow.last_success_at)
        upsert = statement.on_conflict_do_update(index_elements=["link_id", "day"], set_=changes)
        with Session(self.engine) as session, session.begin():
            noted = session.execute(upsert.returning(LedgerRow.day, LedgerRow.attempts))
            return dict(noted.all())

    def ledger(
        self, link_id: str, *, first_day: date | None = None, last_day: date | None = None
    ) -> list[LedgerEntry]:
        """Give a link's days in order, within the bounds that are given."""
        query = select(LedgerRow).where(LedgerRow.link_id == link_id).order_by(LedgerRow.day)
        if first_day is not None:
            query = query.where(LedgerRow.day >= first_day)
        if last_day is not None:
            query = query.where(LedgerRow.day <= last_day)
        with Session(self.engine) as session:
            return [_entry(row) for row in session.scalars(query)]

    def noted_after(
        self,
        provider: str,
        after: Place | None,
        *,
        until: datetime,
        first_day: date,
        last_day: date,
        most: int,
    ) -> list[Noted]:
        """Give up to `most` days of the provider's links, in the order in which they were noted.

        Those within the bounds, noted after that place (None for all) and not later than `until`.
        """
        place = tuple_(LedgerRow.last_at, LedgerRow.link_id, LedgerRow.day)
        query = (
            select(LedgerRow)
            .join(LinkRow, LinkRow.id == LedgerRow.link_id)
            .where(LinkRow.provider == provider, LedgerRow.last_at <= until)
            .where(LedgerRow.day.between(first_day, last_day))
            .order_by(LedgerRow.last_at, LedgerRow.link_id, LedgerRow.day)
            .limit(most)
        )
        if after is not None:
            query = query.where(place > (after.at, after.link_id, after.day))
        with Session(self.engine) as session:
            return [_noted(row) for row in session.scalars(query)]

    def days_read(self, link_id: str, digest: str) -> dict[date, datetime]:
        """Give when days were last read whole and ended well, of those read for just this."""
        query = select(LedgerRow.day, LedgerRow.read_at).where(
            LedgerRow.link_id == link_id, LedgerRow.read_as == digest
        )
        with Session(self.engine) as session:
            return {day: at for day, at in session.execute(query) if at is not None}


def _read(result: DayResult, reading: Reading | None) -> dict[str, object]:
    # What did not end well is read again from the start; so is a day of which something went, for
    # what it hid may count from now on.
    is_settled = result.outcome.ok and result.is_settled and not result.counts.retracted
    known = reading if is_settled else None
    return {
        "read_at": known.at if known else None,
        "read_as": known.digest if known else None,
    }


def _row(link_id: str, result: DayResult, *, run_id: str, now: datetime) -> dict[str, object]:
    return {
        "link_id": link_id,
        "day": result.day,
        "outcome": result.outcome.value,
        "counts": asdict(result.counts),
        "reasons": result.reasons,
        "failed_stage": result.failed_stage.value if result.failed_stage else None,
        "status": result.status,
        "error": result.error[:ERROR_LENGTH] if result.error else None,
        "attempts": 1,
        "seconds": result.seconds,
        "first_at": now,
        "last_at": now,
        "last_success_at": now if result.outcome.ok else None,
        "run_id": run_id,
    }


def _noted(row: LedgerRow) -> Noted:
    return Noted(
        place=Place(at=row.last_at, link_id=row.link_id, day=row.day),
        result=DayResult(
            day=row.day,
            outcome=Outcome(row.outcome),
            counts=Counts(**row.counts),
            failed_stage=Stage(row.failed_stage) if row.failed_stage else None,
            status=row.status,
            error=row.error,
            reasons=row.reasons,
            seconds=row.seconds,
            attempts=row.attempts,
        ),
    )


def _entry(row: LedgerRow) -> LedgerEntry:
    return LedgerEntry(
        link_id=row.link_id,
        day=row.day,
        outcome=Outcome(row.outcome),
        counts=Counts(**row.counts),
        attempts=row.attempts,
        run_id=row.run_id,
        first_at=row.first_at,
        last_at=row.last_at,
        last_success_at=row.last_success_at,
        status=row.status,
        error=row.error,
    )
