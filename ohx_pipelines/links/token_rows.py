"""Tokens in the store: sealed, versioned, replaced only where nobody else did.

Belongs here: their rows. Not here: when to refresh (`tokens.py`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound, OhxError
from ohx_pipelines.links.audit import SYSTEM, Deed, note
from ohx_pipelines.links.models import LinkRow, TokenRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.base import TokenGrant

ACCESS, REFRESH = "access-token", "refresh-token"


class TokensSuperseded(OhxError):
    """Somebody else stored newer tokens; read them."""

    code = "tokens_superseded"


@dataclass(frozen=True, kw_only=True)
class StoredTokens:
    """A link's tokens, opened; secrets stay out of `repr`. `scopes` are what they were given for."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    version: int
    scopes: frozenset[str]
    state: LinkState


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to refresh the tokens of that version, while `fence` is the newest."""

    link_id: str
    version: int
    fence: int


class Refusal(Enum):
    """What a refused refresh means."""

    FIRST = "first"  # asked once: the same answer after a pause would settle it
    FINAL = "final"  # asked twice, with the same tokens: only the patient can mend it
    SUPERSEDED = "superseded"  # newer tokens are there: the refusal was of old ones


class TokenRows(Part):
    """Tokens by link."""

    def tokens(self, link_id: str) -> StoredTokens:
        """Give a link's tokens; raises NotFound when it has none."""
        with Session(self.engine) as session:
            row, link, data_key = self._row_and_key(session, link_id)
            sealed = {ACCESS: row.access_sealed, REFRESH: row.refresh_sealed}
            opened = {
                name: self.vault.open(
                    data_key, value, owner=link_id, name=name, version=row.version
                )
                for name, value in sealed.items()
            }
            return StoredTokens(
                access_token=opened[ACCESS],
                refresh_token=opened[REFRESH],
                expires_at=row.expires_at,
                version=row.version,
                scopes=frozenset(link.scopes),
                state=LinkState(link.state),
            )

    def claim_refresh(self, link_id: str, *, version: int, seconds: float) -> Lease | None:
        """Take the lease on the tokens of that version for so long; None when it is not free.

        One statement, committed at once: nothing is held while the vendor is asked. Who dies with
        the lease frees it by its end; who comes back later than that finds a newer fence.
        """
        now = func.clock_timestamp()
        free = or_(TokenRow.lease_until.is_(None), TokenRow.lease_until < now)
        with Session(self.engine) as session, session.begin():
            fence = session.scalar(
                update(TokenRow)
                .where(TokenRow.link_id == link_id, TokenRow.version == version, free)
                .values(
                    lease_until=now + timedelta(seconds=seconds),
                    fence=TokenRow.fence + 1,
                )
                .returning(TokenRow.fence)
            )
        return None if fence is None else Lease(link_id=link_id, version=version, fence=fence)

    def release_refresh(self, lease: Lease) -> None:
        """Give the lease back, if it is still ours: the vendor could not be asked."""
        with Session(self.engine) as session, session.begin():
            session.execute(update(TokenRow).where(*_holds(lease)).values(lease_until=None))

    def save_tokens(self, lease: Lease, grant: TokenGrant) -> int:
        """Store a new pair over the leased version and give the new one.

        Raises TokensSuperseded when somebody else took the lease or stored a pair meanwhile.
        """
        link_id, version = lease.link_id, lease.version + 1
        with Session(self.engine) as session, session.begin():
            link = session.get(LinkRow, link_id, with_for_update=True)
            _, _, data_key = self._row_and_key(session, link_id)
            fresh = new_token_row(self.vault, data_key, link_id, grant, version=version)
            changed = session.execute(
                update(TokenRow)
                .where(*_holds(lease))
                .values(
                    version=version,
                    access_sealed=fresh.access_sealed,
                    refresh_sealed=fresh.refresh_sealed,
                    expires_at=fresh.expires_at,
                    updated_at=datetime.now(UTC),
                    lease_until=None,
                    refused_at=None,
                )
                .returning(TokenRow.version)
            ).first()
            if changed is None or link is None:
                message = f"newer tokens are stored for link {link_id}"
                raise TokensSuperseded(message)
            if grant.scopes:
                link.scopes = sorted(grant.scopes)
            if link.state == LinkState.NEEDS_RELINK.value:
                # Another process was refused the refresh token that brought us this pair.
                link.state = LinkState.ACTIVE.value
            return version

    def note_refusal(self, lease: Lease, *, pause_seconds: float) -> Refusal:
        """Note that the vendor refused the leased tokens, and give the lease back.

        The first refusal is only noted. A second one of the very same tokens, no sooner than the
        pause after it, puts an active link in `needs_relink`; an unconfirmed one lapses by itself.
        """
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            link = session.get(LinkRow, lease.link_id, with_for_update=True)
            row = session.scalar(select(TokenRow).where(*_holds(lease)).with_for_update())
            if row is None or link is None:
                return Refusal.SUPERSEDED
            row.lease_until = None
            if row.refused_at is None:
                row.refused_at = now
                return Refusal.FIRST
            if row.refused_at + timedelta(seconds=pause_seconds) > now:
                return Refusal.FIRST
            if link.state == LinkState.ACTIVE.value:
                link.state = LinkState.NEEDS_RELINK.value
                note(session, SYSTEM, Deed.PERMISSION_LOST, link)
            return Refusal.FINAL

    def _row_and_key(self, session: Session, link_id: str) -> tuple[TokenRow, LinkRow, bytes]:
        # In one statement: a re-link between two would give old tokens and their successor's key.
        found = session.execute(
            select(TokenRow, LinkRow)
            .join(LinkRow, LinkRow.id == TokenRow.link_id)
            .where(TokenRow.link_id == link_id)
        ).first()
        if found is None:
            message = f"link {link_id} has no tokens"
            raise NotFound(message)
        row, link = found
        return row, link, self.open_key(link.key_id, link.wrapped_key, owner=link_id)


def _holds(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        TokenRow.link_id == lease.link_id,
        TokenRow.version == lease.version,
        TokenRow.fence == lease.fence,
    )


def new_token_row(
    vault: Vault, data_key: bytes, link_id: str, grant: TokenGrant, *, version: int
) -> TokenRow:
    """Give a row that holds the grant sealed for that link and version."""
    sealed = {
        name: vault.seal(data_key, token, owner=link_id, name=name, version=version)
        for name, token in ((ACCESS, grant.access_token), (REFRESH, grant.refresh_token))
    }
    return TokenRow(
        link_id=link_id,
        version=version,
        access_sealed=sealed[ACCESS],
        refresh_sealed=sealed[REFRESH],
        expires_at=grant.expires_at,
        lease_until=None,
        # Never one that was given out before: an unlinked link comes back with version 1 again.
        fence=secrets.randbelow(2**30),
        refused_at=None,
    )
