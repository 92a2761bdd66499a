"""kinds of auth, signing keys and write mode of EHR connections

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WRITE_MODES = "'put-id', 'conditional-update', 'conditional-create'"
ADDED = ("client_id", "scope", "token_url", "write_mode", "checked_at", "check_answer")


def upgrade() -> None:
    op.alter_column("ehr_connections", "auth", type_=sa.String(40), existing_type=sa.String(20))
    op.add_column("ehr_connections", sa.Column("client_id", sa.String(500), nullable=True))
    op.add_column("ehr_connections", sa.Column("scope", sa.String(2000), nullable=True))
    op.add_column("ehr_connections", sa.Column("token_url", sa.String(500), nullable=True))
    op.add_column(
        "ehr_connections",
        sa.Column("write_mode", sa.String(30), server_default="put-id", nullable=False),
    )
    op.add_column("ehr_connections", sa.Column("checked_at", INSTANT, nullable=True))
    op.add_column("ehr_connections", sa.Column("check_answer", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        "ck_ehr_connections_write_mode", "ehr_connections", f"write_mode IN ({WRITE_MODES})"
    )
    _keys()


def downgrade() -> None:
    op.drop_table("ehr_keys")
    op.drop_constraint("ck_ehr_connections_write_mode", "ehr_connections")
    for name in ADDED:
        op.drop_column("ehr_connections", name)
    # The former program knows none of the kinds with longer names; the next start sets it again.
    op.execute("UPDATE ehr_connections SET auth = 'none' WHERE auth NOT IN ('bearer', 'basic')")
    op.alter_column("ehr_connections", "auth", type_=sa.String(20), existing_type=sa.String(40))


def _keys() -> None:
    op.create_table(
        "ehr_keys",
        sa.Column("kid", sa.String(100), nullable=False),
        sa.Column("ehr_connection_id", sa.String(12), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(), nullable=False),
        sa.Column("key_id", sa.String(50), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("signs_from", INSTANT, nullable=False),
        sa.Column("published_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["ehr_connection_id"], ["ehr_connections.id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kid", "ehr_connection_id"),
        sa.CheckConstraint(
            "NOT (public_jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])",
            name="ck_ehr_keys_public",
        ),
    )
