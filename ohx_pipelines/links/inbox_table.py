"""The table of the inbox: that something changed for a link, by kind and days.

Belongs here: its columns, keys, indices. Not here: queries (`inbox.py`). There is no column for
anything that was measured.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    String,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ohx_pipelines.links.table_base import INSTANT, Base


class InboxRow(Base):
    """A vendor's hint; of equal ones that wait, one row, with the time of the latest.

    `ended` tells that the vendor says the permission has ended; `taken_at` when somebody saw to it.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="ck_inbox_days"),
        Index(
            "uq_inbox_waiting",
            "link_id",
            "kind",
            "first_day",
            "last_day",
            "ended",
            unique=True,
            postgresql_where=text("taken_at IS NULL"),
        ),
        Index("ix_inbox_taken_at", "taken_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    link_id: Mapped[str] = mapped_column(ForeignKey("provider_links.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(60))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    ended: Mapped[bool] = mapped_column(Boolean)
    received_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    taken_at: Mapped[datetime | None] = mapped_column(INSTANT)
