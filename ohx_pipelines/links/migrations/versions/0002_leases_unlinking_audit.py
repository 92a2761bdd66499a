"""leases of refreshes, unlinking, breakers, audit log

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KEY_COLUMNS = ("account_sealed", "key_id", "wrapped_key")


def upgrade() -> None:
    op.add_column("link_tokens", sa.Column("lease_until", INSTANT, nullable=True))
    op.add_column(
        "link_tokens", sa.Column("fence", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("link_tokens", sa.Column("refused_at", INSTANT, nullable=True))
    for name in KEY_COLUMNS:
        op.alter_column("provider_links", name, nullable=True)
    op.create_check_constraint(
        "ck_provider_links_live_key", "provider_links", "state = 'unlinked' OR wrapped_key IS NOT NULL"
    )
    op.add_column(
        "provider_links",
        sa.Column("unlink_attempts", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("provider_links", sa.Column("unlink_tried_at", INSTANT, nullable=True))
    op.add_column("provider_links", sa.Column("unlink_error", sa.String(60), nullable=True))
    op.create_table(
        "breakers",
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("failing_links", postgresql.ARRAY(sa.String(12)), nullable=False),
        sa.Column("cause", sa.String(30), nullable=False),
        sa.Column("open_until", INSTANT, nullable=True),
        sa.Column("updated_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("link_id", sa.String(12), nullable=True),
        sa.Column("provider", sa.String(30), nullable=True),
        sa.Column("detail", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_log_link_id", "audit_log", ["link_id"])
    _only_add()


def downgrade() -> None:
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION audit_log_refuse()")
    op.drop_table("breakers")
    for name in ("unlink_attempts", "unlink_tried_at", "unlink_error"):
        op.drop_column("provider_links", name)
    op.drop_constraint("ck_provider_links_live_key", "provider_links")
    # A link whose key was destroyed cannot go back; it has nothing left to lose.
    op.execute("DELETE FROM provider_links WHERE wrapped_key IS NULL")
    for name in KEY_COLUMNS:
        op.alter_column("provider_links", name, nullable=False)
    for name in ("lease_until", "fence", "refused_at"):
        op.drop_column("link_tokens", name)


def _only_add() -> None:
    op.execute(
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_only_add BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_refuse()"
    )
