"""The inbox: vendors' hints that something changed, bound to links, until somebody sees to them.

Belongs here: keeping, collapsing and handing out hints. Not here: receiving them
(`oauth_portal/webhooks.py`), or what is done about them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Delete,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from ohx_pipelines.links.inbox_table import InboxRow
from ohx_pipelines.links.models import LinkRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import ENDED, LinkState

# When somebody was told of something new is nobody's business for longer, also where nobody saw to it:
# the nights have read those days since.
KEPT_FOR = timedelta(days=7)
FORGET_EVERY_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a vendor says of a user: days (both included) that changed, in a kind of readings.

    `ended` tells that it says the permission has ended.
    """

    kind: str
    first_day: date
    last_day: date
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class Hint:
    """What waits in the inbox: a link's days of which a vendor says that they changed."""

    id: int
    provider: str
    link_id: str
    kind: str
    first_day: date
    last_day: date
    ended: bool
    received_at: datetime


class Inbox(Part):
    """Hints by link."""

    _forgets_at = 0.0

    def zone_of_account(self, provider: str, vendor_user: str) -> ZoneInfo | None:
        """Give in which zone the days of a vendor's user are counted, None without an active link."""
        query = select(LinkRow.zone).where(*self._active(provider, vendor_user))
        with Session(self.engine) as session:
            zone = session.scalar(query)
        return ZoneInfo(zone) if zone else None

    def receive_hint(
        self, provider: str, vendor_user: str, said: Said, *, data_types: Collection[str] = ()
    ) -> None:
        """Keep what was said for the active link of a vendor's user.

        With `data_types` only where one of them is shared. What says no more than waits already
        only renews its time. For a user who has no link the same is asked of the database. Once an
        hour what came long ago is forgotten.
        """
        self._forget()
        found = self._active(provider, vendor_user)
        if data_types:
            found.append(LinkRow.data_types.overlap(sorted(data_types)))
        with Session(self.engine) as session, session.begin():
            session.execute(
                update(InboxRow)
                .where(InboxRow.link_id == LinkRow.id, *found, _covers(said))
                .values(received_at=func.now())
                .execution_options(synchronize_session=False)
            )
            session.execute(_added(said, found))

    def waiting_hints(self, provider: str, *, most: int) -> list[Hint]:
        """Give up to `most` hints that nobody took, oldest first; those of ended links fall away."""
        query = (
            select(InboxRow)
            .join(LinkRow, LinkRow.id == InboxRow.link_id)
            .where(
                InboxRow.provider == provider,
                InboxRow.taken_at.is_(None),
                LinkRow.state == LinkState.ACTIVE.value,
            )
            .order_by(InboxRow.id)
            .limit(most)
        )
        with Session(self.engine) as session:
            return [_hint(row) for row in session.scalars(query)]

    def take_hints(self, hints: Iterable[Hint]) -> int:
        """Note that somebody sees to these, and give of how many that was still to be said.

        A hint that came again since it was read stays: what it tells of may be newer than what was
        asked of the vendor. What came long ago is forgotten, and so is what waits for links that
        have ended.
        """
        read = [
            and_(InboxRow.id == one.id, InboxRow.received_at == one.received_at) for one in hints
        ]
        with Session(self.engine) as session, session.begin():
            session.execute(_forgettable())
            if not read:
                return 0
            taken = session.execute(
                update(InboxRow)
                .where(InboxRow.taken_at.is_(None), or_(*read))
                .values(taken_at=func.now())
                .returning(InboxRow.id)
                .execution_options(synchronize_session=False)
            )
            return len(taken.all())

    def _forget(self) -> None:
        """Forget what can be forgotten, at most once an hour in this process, whoever is named."""
        if monotonic() < self._forgets_at:
            return
        self._forgets_at = monotonic() + FORGET_EVERY_SECONDS
        # In a transaction of its own: a delivery holds no row that another one waits for.
        with Session(self.engine) as session, session.begin():
            session.execute(_forgettable())

    def _active(self, provider: str, vendor_user: str) -> list[ColumnElement[bool]]:
        return [
            LinkRow.provider == provider,
            LinkRow.account_hash == self.vault.keyed_hash("account", provider, vendor_user),
            LinkRow.state == LinkState.ACTIVE.value,
        ]


def _added(said: Said, found: Iterable[ColumnElement[bool]]) -> Insert:
    columns = ["kind", "first_day", "last_day", "ended"]
    covered = exists().where(InboxRow.link_id == LinkRow.id, _covers(said))
    new = select(
        LinkRow.id, LinkRow.provider, *(literal(getattr(said, name)) for name in columns)
    ).where(*found, ~covered)
    return (
        insert(InboxRow)
        .from_select(["link_id", "provider", *columns], new)
        # Two equal ones at once: neither saw the other's row.
        .on_conflict_do_update(
            index_elements=["link_id", *columns],
            index_where=InboxRow.taken_at.is_(None),
            set_={"received_at": func.now()},
        )
    )


def _covers(said: Said) -> ColumnElement[bool]:
    return and_(
        InboxRow.taken_at.is_(None),
        InboxRow.kind == said.kind,
        InboxRow.ended.is_(said.ended),
        InboxRow.first_day <= said.first_day,
        InboxRow.last_day >= said.last_day,
    )


def _forgettable() -> Delete:
    over = select(LinkRow.id).where(LinkRow.state.in_([state.value for state in ENDED]))
    week_ago = func.now() - KEPT_FOR
    long_ago = or_(InboxRow.received_at < week_ago, InboxRow.taken_at < week_ago)
    # What somebody is working on stays for the next time: nobody waits in a ring.
    free = select(InboxRow.id).where(long_ago | InboxRow.link_id.in_(over))
    return (
        delete(InboxRow)
        .where(InboxRow.id.in_(free.with_for_update(skip_locked=True)))
        .execution_options(synchronize_session=False)
    )


def _hint(row: InboxRow) -> Hint:
    return Hint(
        id=row.id,
        provider=row.provider,
        link_id=row.link_id,
        kind=row.kind,
        first_day=row.first_day,
        last_day=row.last_day,
        ended=row.ended,
        received_at=row.received_at,
    )
