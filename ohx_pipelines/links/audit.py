"""The audit log: who did what to which link, and when; rows are only ever added.

Belongs here: its rows and the words for what is done. Not here: doing it. `who` is `patient <id>`,
`operator <user name of the machine>` or `system`: ids of ours, never a person's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.models import AuditRow, LinkRow
from ohx_pipelines.links.part import Part

SYSTEM = "system"
WHO_LENGTH = 80
DETAIL_LENGTH = 60


class Deed(StrEnum):
    """What can be done to a link."""

    LINKED = "linked"
    LINKED_AGAIN = "linked_again"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    SHARED = "shared"
    NOT_SHARED = "no_longer_shared"
    PERMISSION_LOST = "permission_lost"
    RETRACTION_ALLOWED = "retraction_allowed"
    UNLINK_ASKED = "unlink_asked"
    REVOKED = "revoked_at_vendor"
    REVOKE_FAILED = "revoke_failed"
    KEYS_DESTROYED = "keys_destroyed"
    ERASE_ASKED = "erase_asked"
    ERASE_MARKED = "erase_marked"
    ERASED = "erased"
    RECORD_COPIED = "record_copied"
    RECORD_FAILED = "record_failed"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One line of the log."""

    at: datetime
    who: str
    what: str
    link_id: str | None
    provider: str | None
    detail: str | None


def note(
    session: Session, who: str, deed: Deed, link: LinkRow, *, detail: str | None = None
) -> None:
    """Add a line in the caller's transaction: what is done and its line stand or fall together."""
    session.add(
        AuditRow(
            who=who[:WHO_LENGTH],
            what=deed.value,
            link_id=link.id,
            provider=link.provider,
            detail=detail[:DETAIL_LENGTH] if detail else None,
        )
    )


class AuditLog(Part):
    """The log: read, and added to for what is done outside the store."""

    def note_deed(self, link_id: str, deed: Deed, *, who: str, detail: str) -> None:
        """Add a line about what was done to a link elsewhere; raises NotFound."""
        with Session(self.engine) as session, session.begin():
            link = session.get(LinkRow, link_id)
            if link is None:
                message = f"there is no link {link_id}"
                raise NotFound(message)
            note(session, who, deed, link, detail=detail)

    def audit(self, *, link_id: str | None = None, most: int = 1000) -> list[AuditEntry]:
        """Give the newest `most` lines, oldest first; of one link when it is named."""
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(most)
        if link_id is not None:
            query = query.where(AuditRow.link_id == link_id)
        with Session(self.engine) as session:
            rows = list(session.scalars(query))[::-1]
        return [
            AuditEntry(
                at=row.at,
                who=row.who,
                what=row.what,
                link_id=row.link_id,
                provider=row.provider,
                detail=row.detail,
            )
            for row in rows
        ]
