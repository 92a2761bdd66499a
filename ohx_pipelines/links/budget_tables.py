"""The tables by which processes share how often a vendor may be called.

Belongs here: columns, keys, indices. Not here: queries (`turns.py`). Old rows are deleted by whoever asks
next: these tables hold what happened within a minute or two.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ohx_pipelines.links.table_base import INSTANT, Base


class CallBudgetRow(Base):
    """A vendor's budget; its row is locked for the few milliseconds in which a turn is given.

    `paced_until` is where evenly spread calls stand (microseconds since 1970), `paused_until` how
    long the vendor wants to be left alone.
    """

    __tablename__ = "call_budgets"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    paced_until: Mapped[int] = mapped_column(BigInteger, server_default="0")
    paused_until: Mapped[datetime | None] = mapped_column(INSTANT)


class CountedCallRow(Base):
    """A call that was let through, for the link `account` where it was one link's."""

    __tablename__ = "counted_calls"
    __table_args__ = (Index("ix_counted_calls_budget_at", "budget", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    budget: Mapped[str] = mapped_column(String(30))
    account: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(INSTANT)


class WaitingCallRow(Base):
    """Somebody who was told to ask again at `comes_at`; the earlier `turn` goes first."""

    __tablename__ = "waiting_calls"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    budget: Mapped[str] = mapped_column(String(30))
    turn: Mapped[datetime] = mapped_column(INSTANT)
    comes_at: Mapped[datetime] = mapped_column(INSTANT)
