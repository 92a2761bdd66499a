"""Unlinking in the store: a link is asked to end, the vendor is told, then its keys are destroyed.

Belongs here: the states on that way, when it is tried again, and what is gone at the end. Not here:
the call to the vendor (`ohx_pipelines/unlinking.py`).
The keyed hash of the account and the ledger stay: the same account comes back as the same link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, create_engine, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.audit import Deed, note
from ohx_pipelines.links.erasing import erase
from ohx_pipelines.links.growing_pause import has_paused
from ohx_pipelines.links.models import LinkRow, TokenRow
from ohx_pipelines.links.part import ACCOUNT, Part
from ohx_pipelines.links.record_versions import withdraw
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.token_rows import REFRESH

# The lease of an unlinking is never given back: nobody refreshes these tokens any more.
FOR_GOOD = timedelta(days=36_500)
VENDOR_NOT_TOLD = "vendor_not_told"


@dataclass(frozen=True, kw_only=True)
class PendingUnlink:
    """A link that is being unlinked: what the vendor is told, and how often it was tried.

    `version` is that of its tokens, None when it has none.
    """

    link_id: str
    provider: str
    vendor_user: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    version: int | None
    attempts: int
    error: str | None


class Unlinking(Part):
    """The way of a link to its end."""

    def begin_unlink(self, link_id: str, *, who: str) -> LinkState:
        """Put a living link in `unlinking`, and give the state it is in now.

        A refresh on its way can no longer store what it gets. Raises NotFound.
        """
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            if row.state in {LinkState.UNLINKING.value, LinkState.UNLINKED.value}:
                return LinkState(row.state)
            row.state = LinkState.UNLINKING.value
            # Whoever asks also tries at once; the others wait for the first pause.
            # The log's own time, to the microsecond: the EHR is told what the log says.
            asked_at = session.scalar(select(func.now())) or datetime.now(UTC)
            row.unlink_attempts, row.unlink_tried_at, row.unlink_error = 0, asked_at, None
            withdraw(row, at=asked_at)
            session.execute(
                update(TokenRow)
                .where(TokenRow.link_id == link_id)
                .values(fence=TokenRow.fence + 1, lease_until=func.now() + FOR_GOOD)
            )
            note(session, who, Deed.UNLINK_ASKED, row)
        return LinkState.UNLINKING

    def due_unlinks(self, provider: str, *, most: int) -> list[str]:
        """Give up to `most` links to try again, those first that have waited longest."""
        query = (
            select(LinkRow.id)
            .where(
                LinkRow.provider == provider,
                LinkRow.state == LinkState.UNLINKING.value,
                has_paused(LinkRow.unlink_tried_at, LinkRow.unlink_attempts),
            )
            .order_by(LinkRow.unlink_tried_at.asc().nulls_first(), LinkRow.number)
            .limit(most)
        )
        with Session(self.engine) as session:
            return list(session.scalars(query))

    def pending_unlink(self, link_id: str) -> PendingUnlink | None:
        """Give what an unlinking link's vendor is to be told; None in any other state.

        Raises NotFound, and VaultError when it cannot be opened.
        """
        # In one statement: a re-link between two would mix the old link with the new tokens.
        query = (
            select(LinkRow, TokenRow)
            .outerjoin(TokenRow, TokenRow.link_id == LinkRow.id)
            .where(LinkRow.id == link_id)
        )
        with Session(self.engine) as session:
            found = session.execute(query).first()
            if found is None:
                raise _not_found(link_id)
            link, tokens = found
            if link.state != LinkState.UNLINKING.value:
                return None
            return self._pending(link, tokens)

    def note_revoked(self, link_id: str, *, who: str) -> None:
        """Note that the vendor has ended the permission."""
        with Session(self.engine) as session, session.begin():
            note(session, who, Deed.REVOKED, _locked(session, link_id))

    def note_revoke_failed(self, link_id: str, code: str, *, who: str) -> None:
        """Note how telling the vendor failed; the pause before the next try grows."""
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            if row.state != LinkState.UNLINKING.value:
                return
            row.unlink_attempts += 1
            row.unlink_tried_at, row.unlink_error = datetime.now(UTC), code
            note(session, who, Deed.REVOKE_FAILED, row, detail=code)

    def destroy_keys(self, link_id: str, *, version: int | None, who: str) -> bool:
        """Destroy tokens, data key and sealed account of an unlinking link, all or nothing.

        `version` is that of the tokens which the vendor was told about; nothing is done, and False
        given, when the link was linked again since.
        """
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            stored = session.scalar(select(TokenRow.version).where(TokenRow.link_id == link_id))
            if row.state != LinkState.UNLINKING.value or stored != version:
                return False
            erase(session, row)
            note(session, who, Deed.KEYS_DESTROYED, row)
        return True

    def destroy_keys_untold(self, link_id: str, *, who: str) -> bool:
        """Destroy the same although the vendor was not told; the log says so.

        Nothing is done, and False given, unless the link is `unlinking`. Raises NotFound.
        """
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            if row.state != LinkState.UNLINKING.value:
                return False
            erase(session, row)
            note(session, who, Deed.KEYS_DESTROYED, row, detail=VENDOR_NOT_TOLD)
        return True

    def is_erased(self, link_id: str) -> bool:
        """Look, over a connection of its own, whether no token and no data key is left."""
        living = select(LinkRow.id).where(LinkRow.id == link_id, _has_secrets())
        tokens = select(TokenRow.link_id).where(TokenRow.link_id == link_id)
        # A pooled connection could still stand in a transaction that saw another moment.
        fresh = create_engine(self.engine.url, poolclass=NullPool, hide_parameters=True)
        try:
            with Session(fresh) as session:
                return session.scalar(living) is None and session.scalar(tokens) is None
        finally:
            fresh.dispose()

    def link_state(self, link_id: str) -> LinkState:
        """Give the state alone, which needs no key; raises NotFound."""
        with Session(self.engine) as session:
            state = session.scalar(select(LinkRow.state).where(LinkRow.id == link_id))
        if state is None:
            raise _not_found(link_id)
        return LinkState(state)

    def ended_links(self, provider: str, link_ids: Iterable[str]) -> list[str]:
        """Give those of the ids, in their order, whose link is unlinked or does not exist."""
        query = select(LinkRow.id).where(
            LinkRow.provider == provider, LinkRow.state != LinkState.UNLINKED.value
        )
        with Session(self.engine) as session:
            living = set(session.scalars(query))
        return [link_id for link_id in link_ids if link_id not in living]

    def _pending(self, link: LinkRow, tokens: TokenRow | None) -> PendingUnlink:
        data_key = self.open_key(link.key_id, link.wrapped_key, owner=link.id)
        user = self.vault.open(
            data_key, link.account_sealed or b"", owner=link.id, name=ACCOUNT, version=1
        )
        refresh_token = tokens_version = None
        if tokens is not None:
            tokens_version = tokens.version
            refresh_token = self.vault.open(
                data_key, tokens.refresh_sealed, owner=link.id, name=REFRESH, version=tokens_version
            )
        return PendingUnlink(
            link_id=link.id,
            provider=link.provider,
            vendor_user=user,
            refresh_token=refresh_token,
            version=tokens_version,
            attempts=link.unlink_attempts,
            error=link.unlink_error,
        )


def _locked(session: Session, link_id: str) -> LinkRow:
    row = session.get(LinkRow, link_id, with_for_update=True)
    if row is None:
        raise _not_found(link_id)
    return row


def _not_found(link_id: str) -> NotFound:
    return NotFound(f"there is no link {link_id}")


def _has_secrets() -> ColumnElement[bool]:
    return LinkRow.wrapped_key.is_not(None) | LinkRow.account_sealed.is_not(None)
