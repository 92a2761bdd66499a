"""how often vendors were called, and who waits to call them

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "call_budgets",
        sa.Column("name", sa.String(30), primary_key=True),
        sa.Column("paced_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paused_until", INSTANT, nullable=True),
    )
    op.create_table(
        "counted_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("budget", sa.String(30), nullable=False),
        sa.Column("account", sa.String(64), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_counted_calls_budget_at", "counted_calls", ["budget", "at"])
    op.create_table(
        "waiting_calls",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("budget", sa.String(30), nullable=False),
        sa.Column("turn", INSTANT, nullable=False),
        sa.Column("comes_at", INSTANT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("waiting_calls")
    op.drop_table("counted_calls")
    op.drop_table("call_budgets")
