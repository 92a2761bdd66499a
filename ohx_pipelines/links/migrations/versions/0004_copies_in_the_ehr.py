"""copies of links in the EHR, names of data types, confirmed retractions

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WRITE_MODES = "'put-id', 'conditional-update', 'conditional-create'"
MODE_CHECK = "ck_ehr_connections_write_mode"
# The former program kept the sentences that patients read.
NAMES = {
    "weight, height and body composition": "body",
    "blood pressure and pulse": "blood_pressure",
    "pulse wave velocity": "pulse_wave_velocity",
}
COUNTERS = ("record_version", "record_written", "record_attempts")
ADDED = (*COUNTERS, "record_tried_at", "record_error", "consented_at", "shared_at", "ended_at")


def upgrade() -> None:
    for name in COUNTERS:
        op.add_column(
            "provider_links", sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        )
    op.add_column("provider_links", sa.Column("record_tried_at", INSTANT, nullable=True))
    op.add_column("provider_links", sa.Column("record_error", sa.String(60), nullable=True))
    op.add_column("provider_links", sa.Column("consented_at", INSTANT, nullable=True))
    op.add_column("provider_links", sa.Column("shared_at", INSTANT, nullable=True))
    op.add_column("provider_links", sa.Column("ended_at", INSTANT, nullable=True))
    _rename(NAMES)
    _existing_links()
    _ehr_connections()
    op.create_table(
        "retraction_confirmations",
        sa.Column("link_id", sa.String(12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["provider_links.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link_id", "day"),
    )


def downgrade() -> None:
    op.drop_table("retraction_confirmations")
    op.drop_constraint(MODE_CHECK, "ehr_connections")
    # The former program knows no blind writing; of its modes this one asks least of a server.
    op.execute("UPDATE ehr_connections SET write_mode = 'put-id' WHERE write_mode = 'blind'")
    op.create_check_constraint(MODE_CHECK, "ehr_connections", f"write_mode IN ({WRITE_MODES})")
    op.drop_column("ehr_connections", "leave_out")
    _rename({name: sentence for sentence, name in NAMES.items()})
    for name in ADDED:
        op.drop_column("provider_links", name)


def _rename(names: dict[str, str]) -> None:
    statement = sa.text(
        "UPDATE provider_links SET data_types = array_replace(data_types, :former, :name)"
    )
    for former, name in names.items():
        op.execute(statement.bindparams(former=former, name=name))


def _existing_links() -> None:
    """Make the copies of links that were confirmed due; of what ended before there is none."""
    op.execute("UPDATE provider_links SET consented_at = confirmed_at, shared_at = confirmed_at")
    op.execute(
        "UPDATE provider_links SET ended_at = coalesce((SELECT max(at) FROM audit_log "
        "WHERE link_id = provider_links.id AND what = 'unlink_asked'), now()) "
        "WHERE state IN ('unlinking', 'unlinked') AND consented_at IS NOT NULL"
    )
    op.execute(
        "UPDATE provider_links SET record_version = 1 "
        "WHERE state IN ('active', 'needs_relink', 'unlinking') AND consented_at IS NOT NULL"
    )


def _ehr_connections() -> None:
    op.add_column(
        "ehr_connections",
        sa.Column(
            "leave_out", postgresql.ARRAY(sa.String(40)), server_default="{}", nullable=False
        ),
    )
    op.drop_constraint(MODE_CHECK, "ehr_connections")
    op.create_check_constraint(
        MODE_CHECK, "ehr_connections", f"write_mode IN ({WRITE_MODES}, 'blind')"
    )
