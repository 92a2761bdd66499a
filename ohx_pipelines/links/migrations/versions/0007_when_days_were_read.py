"""when a link's day was last read whole, and for what

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_ledger", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sync_ledger", sa.Column("read_as", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("sync_ledger", "read_as")
    op.drop_column("sync_ledger", "read_at")
