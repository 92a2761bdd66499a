"""what vendors tell of by themselves

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("link_id", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("received_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.CheckConstraint("first_day <= last_day", name="ck_inbox_days"),
        sa.ForeignKeyConstraint(["link_id"], ["provider_links.id"], ondelete="CASCADE"),
    )
    op.create_index(
        "uq_inbox_waiting",
        "inbox",
        ["link_id", "kind", "first_day", "last_day", "ended"],
        unique=True,
        postgresql_where=sa.text("taken_at IS NULL"),
    )
    op.create_index("ix_inbox_taken_at", "inbox", ["taken_at"])


def downgrade() -> None:
    op.drop_table("inbox")
