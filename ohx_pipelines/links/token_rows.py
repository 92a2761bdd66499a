"""Tokens in the store: sealed, versioned, replaced only where nobody else did.

Belongs here: their rows. Not here: when to refresh (`tokens.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound, OhxError
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
    """A link's tokens, opened; secrets stay out of `repr`."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    version: int


class TokenRows(Part):
    """Tokens by link."""

    def tokens(self, link_id: str) -> StoredTokens:
        """Give a link's tokens; raises NotFound when it has none."""
        with Session(self.engine) as session:
            row, data_key = self._row_and_key(session, link_id)
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
            )

    def save_tokens(self, link_id: str, grant: TokenGrant, *, version: int) -> int:
        """Store a new pair over that version and give the new one.

        Raises TokensSuperseded when the row holds another version by now.
        """
        with Session(self.engine) as session, session.begin():
            link = session.get(LinkRow, link_id, with_for_update=True)
            _, data_key = self._row_and_key(session, link_id)
            fresh = new_token_row(self.vault, data_key, link_id, grant, version=version + 1)
            changed = session.execute(
                update(TokenRow)
                .where(TokenRow.link_id == link_id, TokenRow.version == version)
                .values(
                    version=fresh.version,
                    access_sealed=fresh.access_sealed,
                    refresh_sealed=fresh.refresh_sealed,
                    expires_at=fresh.expires_at,
                    updated_at=datetime.now(UTC),
                )
                .returning(TokenRow.version)
            ).first()
            if changed is None:
                message = f"newer tokens are stored for link {link_id}"
                raise TokensSuperseded(message)
            if link is not None and link.state == LinkState.NEEDS_RELINK.value:
                # Another process was refused the refresh token that brought us this pair.
                link.state = LinkState.ACTIVE.value
            return version + 1

    def _row_and_key(self, session: Session, link_id: str) -> tuple[TokenRow, bytes]:
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
        return row, self.open_key(link.key_id, link.wrapped_key, owner=link_id)


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
    )
