"""Whose turn it is to call a vendor, told to every process that asks.

Belongs here: the shared count, the order of those who wait, a pause that the vendor asked for. Not
here: the waiting itself (`call_budget.py`): nobody holds a connection or a lock while it lasts.
pyrate-limiter's algorithms decide; its PostgresBucket would bring a second driver, a table per vendor
and per account that no migration makes, and no order among those who wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyrate_limiter import GCRA, Rate, SlidingWindowLog
from sqlalchemy import ColumnElement, Select, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.links.budget_tables import CallBudgetRow, CountedCallRow, WaitingCallRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.urgency import Urgency

# Told to come later than this, one asks once more before: those in front may have left.
LONGEST_SLEEP_SECONDS = 5.0
# A turn is kept for who should be here any moment, and for who is late; not for ever.
_SOON = timedelta(milliseconds=100)
_LATE = timedelta(seconds=2)
_FORGOTTEN = timedelta(seconds=60)
# A vendor's word on a pause is believed for so long; then it is asked again.
_LONGEST_PAUSE_SECONDS = 900.0
# How much of the limit may be called at one go before calls are spread evenly, by urgency.
_AT_ONE_GO = {Urgency.TODAY: 2, Urgency.LOOK_BACK: 8, Urgency.BACKFILL: 8}

_window = SlidingWindowLog()
_evenly = GCRA()


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A vendor's budget: so many calls in any `seconds`, of them so many for one account."""

    name: str
    calls: int
    seconds: float
    calls_per_account: int

    @property
    def milliseconds(self) -> int:
        """The length of the window."""
        return round(self.seconds * 1000)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks for the turn of one call: since when, how urgently, and for which account.

    `handicap_seconds` is how much later than the most urgent it stands in the line.
    """

    id: str
    account: str | None = None
    waited_seconds: float = 0.0
    urgency: Urgency = Urgency.TODAY
    handicap_seconds: float = 0.0


class Turns(Part):
    """Turns to call vendors, by budget."""

    def ask_turn(self, budget: Budget, asker: Asker) -> float:
        """Give 0 when the call may be made, which is then counted; else after how many seconds.

        Who is told to wait is remembered until it asks again, and gives way meanwhile only to
        those that stand before it.
        """
        with Session(self.engine) as session, session.begin():
            row = _locked(session, budget.name)
            # The database's clock is everybody's; it is read once the lock is ours.
            now = session.execute(select(func.clock_timestamp())).scalar_one()
            line = _Line(session, budget, asker, row, now)
            seconds = line.seconds_to_wait()
            if seconds > 0:
                line.join(min(seconds, LONGEST_SLEEP_SECONDS))
            else:
                line.go()
        return seconds

    def leave_line(self, asker_id: str) -> None:
        """Forget somebody who waits no longer."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(WaitingCallRow).where(WaitingCallRow.id == asker_id))

    def pause_calls(self, name: str, *, seconds: float) -> None:
        """Let nobody call for so long; a longer pause that was noted before stays."""
        until = func.clock_timestamp() + timedelta(seconds=min(seconds, _LONGEST_PAUSE_SECONDS))
        with Session(self.engine) as session, session.begin():
            _locked(session, name)
            # greatest() passes over NULL.
            longer = func.greatest(CallBudgetRow.paused_until, until)
            session.execute(
                update(CallBudgetRow)
                .where(CallBudgetRow.name == name)
                .values(paused_until=longer)
                .execution_options(synchronize_session=False)
            )


def _locked(session: Session, name: str) -> CallBudgetRow:
    locked = select(CallBudgetRow).where(CallBudgetRow.name == name).with_for_update()
    row = session.scalars(locked).one_or_none()
    if row is not None:
        return row
    session.execute(insert(CallBudgetRow).values(name=name).on_conflict_do_nothing())
    return session.scalars(locked).one()


class _Line:
    """One look at a budget while its row is locked."""

    def __init__(
        self, session: Session, budget: Budget, asker: Asker, row: CallBudgetRow, now: datetime
    ) -> None:
        self._session = session
        self._budget = budget
        self._asker = asker
        self._row = row
        self._now = now
        self._now_ms = int(now.timestamp() * 1000)
        behind = asker.handicap_seconds - asker.waited_seconds
        self._turn = now + timedelta(seconds=behind)
        # Who has given way long enough: else what is urgent, if it never ends, is always ahead.
        urgency = Urgency.TODAY if behind < 0 else asker.urgency
        share = max(1, budget.calls // _AT_ONE_GO[urgency])
        self._pace = [Rate(budget.calls, budget.milliseconds, burst=share)]

    def seconds_to_wait(self) -> float:
        """Give 0, or how long it takes until all who stand before have called as well."""
        self._forget()
        paused = self._row.paused_until
        if paused is not None and paused > self._now:
            return (paused - self._now).total_seconds()
        everybody, expected = self._before()
        if self._milliseconds(expected + 1) == 0:
            return 0.0
        return max(1, self._milliseconds(everybody + 1)) / 1000

    def go(self) -> None:
        """Count the call."""
        (paced,), _ = _evenly.step(self._pace, self._state, self._now_ms, 1)
        # Who was let through before its even time has used up the time of others.
        self._row.paced_until = int(paced)
        self._session.add(
            CountedCallRow(
                budget=self._budget.name, account=self._asker.account, at=_instant(self._now_ms)
            )
        )
        self._session.execute(delete(WaitingCallRow).where(WaitingCallRow.id == self._asker.id))

    def join(self, seconds: float) -> None:
        """Note when it asks again."""
        told = {"turn": self._turn, "comes_at": self._now + timedelta(seconds=seconds)}
        self._session.execute(
            insert(WaitingCallRow)
            .values(id=self._asker.id, budget=self._budget.name, **told)
            .on_conflict_do_update(index_elements=[WaitingCallRow.id], set_=told)
        )

    @property
    def _state(self) -> tuple[float, ...]:
        return (self._row.paced_until,)

    def _forget(self) -> None:
        """Delete what no longer counts."""
        past = _instant(self._now_ms - self._budget.milliseconds)
        name = self._budget.name
        self._session.execute(
            delete(CountedCallRow).where(CountedCallRow.budget == name, CountedCallRow.at < past)
        )
        self._session.execute(
            delete(WaitingCallRow).where(
                WaitingCallRow.budget == name, WaitingCallRow.comes_at < self._now - _FORGOTTEN
            )
        )

    def _before(self) -> tuple[int, int]:
        """Count those who stand before: all, and those who ask just now or any moment."""
        row = WaitingCallRow
        soon = func.count().filter(row.comes_at <= self._now + _SOON)
        counts = select(func.count(), soon).where(
            row.budget == self._budget.name,
            row.id != self._asker.id,
            row.comes_at > self._now - _LATE,
            tuple_(row.turn, row.id) < (self._turn, self._asker.id),
        )
        everybody, expected = self._session.execute(counts).one()
        return everybody, expected

    def _milliseconds(self, places: int) -> int:
        """Give after how many milliseconds so many calls may have been made, one's own the last."""
        budget = self._budget
        waits = [
            self._until_room(budget.calls, places, CountedCallRow.budget == budget.name),
            self._until_paced(places),
        ]
        if self._asker.account is not None:
            own = [
                CountedCallRow.budget == budget.name,
                CountedCallRow.account == self._asker.account,
            ]
            waits.append(self._until_room(budget.calls_per_account, 1, *own))
        return max(waits)

    def _until_room(self, calls: int, places: int, *which: ColumnElement[bool]) -> int:
        """Give the time until there is room in a window for so many."""
        rate = Rate(calls, self._budget.milliseconds)
        places = min(places, calls)

        def at(offset: int) -> int | None:
            found = self._session.scalar(_newest_first(which).offset(offset))
            return None if found is None else _milliseconds_of(found)

        # What is older than the window was deleted.
        counted = self._session.execute(
            select(func.count()).select_from(CountedCallRow).where(*which)
        ).scalar_one()
        decision = _window.decide([rate], [counted], places, self._now_ms, at)
        return 0 if decision.allowed else max(1, decision.retry_after_ms or 0)

    def _until_paced(self, places: int) -> int:
        """Give the time until that many evenly spread calls are due."""
        (rate,) = self._pace
        among = min(places, rate.burst)
        _, decision = _evenly.step(self._pace, self._state, self._now_ms, among)
        due = 0 if decision.allowed else max(1, decision.retry_after_ms or 0)
        return due + (places - among) * rate.interval // rate.limit


def _newest_first(which: Sequence[ColumnElement[bool]]) -> Select[datetime]:
    return select(CountedCallRow.at).where(*which).order_by(CountedCallRow.at.desc()).limit(1)


def _milliseconds_of(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
