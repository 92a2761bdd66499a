"""What it takes to erase a link's secrets, in the caller's transaction.

Belongs here: that, and what becomes of the row. Not here: when it is done, or who is told.
"""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ohx_pipelines.links.audit import Deed, note
from ohx_pipelines.links.models import LinkRow, TokenRow
from ohx_pipelines.links.records import LinkState


def erase(session: Session, row: LinkRow) -> None:
    """Destroy the link's tokens, data key and sealed account; it is `unlinked` then."""
    session.execute(delete(TokenRow).where(TokenRow.link_id == row.id))
    row.account_sealed = row.key_id = row.wrapped_key = None
    row.state, row.unlink_error = LinkState.UNLINKED.value, None


def let_go(session: Session, row: LinkRow, *, who: str) -> None:
    """Let an unconfirmed link go: with its row, unless it was confirmed once and has a history."""
    if row.zone is None:
        session.delete(row)
        return
    erase(session, row)
    note(session, who, Deed.KEYS_DESTROYED, row)
