"""The tables of EHR connections and of the keys that sign for them.

Belongs here: columns, keys, constraints. Not here: queries (`ehr_connections.py`, `ehr_keys.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from ohx_pipelines.links.table_base import INSTANT, Base

WRITE_MODES = "'put-id', 'conditional-update', 'conditional-create', 'blind'"


class EhrRow(Base):
    """An EHR connection; its credential is sealed under a data key of its own.

    `check_answer` is what `ohx ehr check` found out about the server at `checked_at`; `leave_out`
    are resource types that it is not given.
    """

    __tablename__ = "ehr_connections"
    __table_args__ = (
        CheckConstraint(f"write_mode IN ({WRITE_MODES})", name="ck_ehr_connections_write_mode"),
    )

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    auth: Mapped[str] = mapped_column(String(40))
    username: Mapped[str | None] = mapped_column(String(200))
    client_id: Mapped[str | None] = mapped_column(String(500))
    scope: Mapped[str | None] = mapped_column(String(2000))
    token_url: Mapped[str | None] = mapped_column(String(500))
    key_id: Mapped[str | None] = mapped_column(String(50))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    credential_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    write_mode: Mapped[str] = mapped_column(String(30), server_default="put-id")
    leave_out: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{}")
    checked_at: Mapped[datetime | None] = mapped_column(INSTANT)
    check_answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    timeout_seconds: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())


class EhrKeyRow(Base):
    """A key pair that signs for an EHR connection from `signs_from` on, until a younger one does.

    The private part is sealed under a data key of its own, and gone once it signs no more; the
    public part stays published until `published_until`.
    """

    __tablename__ = "ehr_keys"
    __table_args__ = (
        # Whatever goes wrong above: what the link page publishes holds no private part.
        CheckConstraint(
            "NOT (public_jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])",
            name="ck_ehr_keys_public",
        ),
    )

    kid: Mapped[str] = mapped_column(String(100), primary_key=True)
    ehr_connection_id: Mapped[str] = mapped_column(
        ForeignKey("ehr_connections.id", ondelete="CASCADE"), primary_key=True
    )
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    key_id: Mapped[str | None] = mapped_column(String(50))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    private_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    signs_from: Mapped[datetime] = mapped_column(INSTANT)
    published_until: Mapped[datetime | None] = mapped_column(INSTANT)

    @hybrid_property
    def owner(self) -> str:
        """Give connection and key: under this name the data key is wrapped."""
        return self.ehr_connection_id + ":" + self.kid
