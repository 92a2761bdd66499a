"""longer names of what vendors tell of

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("inbox", "kind", type_=sa.String(60), existing_type=sa.String(30))


def downgrade() -> None:
    # The former program could not keep these hints; the nights bring what they tell of.
    op.execute("DELETE FROM inbox WHERE length(kind) > 30")
    op.alter_column("inbox", "kind", type_=sa.String(30), existing_type=sa.String(60))
