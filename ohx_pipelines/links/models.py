"""The tables of the link store.

Belongs here: columns, keys, constraints. Not here: queries (`store.py` and its parts), the tables
of EHR connections (`ehr_tables.py`).
No table has a column for a reading; `sync_ledger` counts.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ohx_pipelines.links import budget_tables, inbox_table  # noqa: F401 (their tables are ours)
from ohx_pipelines.links.ehr_tables import EhrRow
from ohx_pipelines.links.table_base import INSTANT, Base

STATES = "'unconfirmed', 'active', 'needs_relink', 'unlinking', 'unlinked'"


class DeploymentRow(Base):
    """One row: what this database was first used with."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id = 1", name="ck_deployment_one_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    identifier_check: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())


class PatientRow(Base):
    """A person of an EHR who signed in."""

    __tablename__ = "patients"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_patients_issuer_subject"),)

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    ehr_connection_id: Mapped[str] = mapped_column(ForeignKey(EhrRow.id))
    fhir_id: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())


class LinkRow(Base):
    """A patient's account at one vendor, with the tokens' data key.

    Once it is unlinked, key and sealed account are gone; the keyed hash stays, so that the same
    patient's same account comes back as the same link. `consented_at`, `shared_at` and `ended_at` stay as they
    are until the owner confirms anew: they are what the EHR is told, `record_version` counts its
    changes, and `record_written` is the version that was copied there last.
    """

    __tablename__ = "provider_links"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="ck_provider_links_state"),
        CheckConstraint(
            "state <> 'active' OR zone IS NOT NULL", name="ck_provider_links_active_zone"
        ),
        CheckConstraint(
            "state = 'unlinked' OR wrapped_key IS NOT NULL", name="ck_provider_links_live_key"
        ),
        # One patient holds one row per vendor account; a vendor account is live in one row only.
        UniqueConstraint(
            "patient_id", "provider", "account_hash", name="uq_provider_links_account"
        ),
        Index(
            "uq_provider_links_live_account",
            "provider",
            "account_hash",
            unique=True,
            postgresql_where=text("state <> 'unlinked'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, Identity(always=True))
    provider: Mapped[str] = mapped_column(String(30))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id"))
    account_hash: Mapped[str] = mapped_column(String(64))
    account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str | None] = mapped_column(String(50))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(100)))
    data_types: Mapped[list[str]] = mapped_column(ARRAY(String(100)))
    zone: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    linked_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    confirmed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    unlink_attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    unlink_tried_at: Mapped[datetime | None] = mapped_column(INSTANT)
    unlink_error: Mapped[str | None] = mapped_column(String(60))
    consented_at: Mapped[datetime | None] = mapped_column(INSTANT)
    shared_at: Mapped[datetime | None] = mapped_column(INSTANT)
    ended_at: Mapped[datetime | None] = mapped_column(INSTANT)
    record_version: Mapped[int] = mapped_column(Integer, server_default="0")
    record_written: Mapped[int] = mapped_column(Integer, server_default="0")
    record_attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    record_tried_at: Mapped[datetime | None] = mapped_column(INSTANT)
    record_error: Mapped[str | None] = mapped_column(String(60))


class TokenRow(Base):
    """A link's tokens, sealed under the link's data key for this version.

    Whoever refreshes them holds the lease until `lease_until`; `fence` counts leases, and only the
    newest may store what it got. `refused_at` is the first refusal of this very pair.
    """

    __tablename__ = "link_tokens"

    link_id: Mapped[str] = mapped_column(
        ForeignKey("provider_links.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer)
    access_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    refresh_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(INSTANT)
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    lease_until: Mapped[datetime | None] = mapped_column(INSTANT)
    fence: Mapped[int] = mapped_column(Integer, server_default="0")
    refused_at: Mapped[datetime | None] = mapped_column(INSTANT)


class BreakerRow(Base):
    """What all processes know of a vendor's or an EHR's trouble.

    `failing_links` are those for which it failed since it last answered anybody.
    """

    __tablename__ = "breakers"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    failing_links: Mapped[list[str]] = mapped_column(ARRAY(String(12)))
    cause: Mapped[str] = mapped_column(String(30))
    open_until: Mapped[datetime | None] = mapped_column(INSTANT)
    updated_at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())


class AuditRow(Base):
    """Who did what to which link, and when. Rows are only ever added (a trigger sees to it)."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
    who: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(40))
    link_id: Mapped[str | None] = mapped_column(String(12), index=True)
    provider: Mapped[str | None] = mapped_column(String(30))
    detail: Mapped[str | None] = mapped_column(String(60))


class AuthorizationRow(Base):
    """A pending authorization: the state's hash, bound to a session, used once."""

    __tablename__ = "oauth_states"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_hash: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patients.id", ondelete="CASCADE"))
    provider: Mapped[str] = mapped_column(String(30))
    key_id: Mapped[str | None] = mapped_column(String(50))
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    verifier_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(INSTANT)
    used_at: Mapped[datetime | None] = mapped_column(INSTANT)


class LedgerRow(Base):
    """How a link's day ended last, and how often it was tried.

    `read_at` is when it was last read whole before it ended well, `read_as` a digest of what it was
    read for (never of what was read).
    """

    __tablename__ = "sync_ledger"

    link_id: Mapped[str] = mapped_column(
        ForeignKey("provider_links.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(30))
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    reasons: Mapped[dict[str, int]] = mapped_column(JSONB)
    failed_stage: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[float] = mapped_column(Float)
    first_at: Mapped[datetime] = mapped_column(INSTANT)
    last_at: Mapped[datetime] = mapped_column(INSTANT)
    last_success_at: Mapped[datetime | None] = mapped_column(INSTANT)
    run_id: Mapped[str] = mapped_column(String(64))
    read_at: Mapped[datetime | None] = mapped_column(INSTANT)
    read_as: Mapped[str | None] = mapped_column(String(64))


class RetractionConfirmationRow(Base):
    """Somebody looked at a day's held retractions: so many of them, and no more, may go."""

    __tablename__ = "retraction_confirmations"

    link_id: Mapped[str] = mapped_column(
        ForeignKey("provider_links.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    most: Mapped[int] = mapped_column(Integer)
    who: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(INSTANT, server_default=func.now())
