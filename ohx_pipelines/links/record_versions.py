"""What the EHR is told of a link has changed: given, changed, withdrawn; in the caller's transaction.

Belongs here: the version that is raised, and from when on something holds. Not here: copying it to
the EHR (`ohx_pipelines/link_record.py`) or the copies that are due (`link_records.py`).
"""

from __future__ import annotations

from datetime import datetime

from ohx_pipelines.links.models import LinkRow


def consent(row: LinkRow, *, at: datetime) -> None:
    """Note that the owner agreed to share; what was withdrawn before is open again."""
    row.consented_at, row.shared_at, row.ended_at = at, at, None
    changed(row)


def shared(row: LinkRow, *, at: datetime) -> None:
    """Note that the owner chose anew what is shared."""
    row.shared_at = at
    changed(row)


def changed(row: LinkRow) -> None:
    """Note that the EHR's copy is no longer what the link says: it is due at once."""
    row.record_version += 1
    row.record_attempts, row.record_tried_at, row.record_error = 0, None, None


def withdraw(row: LinkRow, *, at: datetime) -> None:
    """Note that the owner wants no more, from the moment of asking; a second wish moves no time.

    Who never agreed has nothing to withdraw.
    """
    if row.consented_at is None or row.ended_at is not None:
        return
    row.ended_at = at
    changed(row)
    # Whoever asks also tries at once; the others wait for the first pause.
    row.record_tried_at = at
