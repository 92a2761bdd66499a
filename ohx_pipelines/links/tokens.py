"""A link's tokens as a provider's client sees them: always fresh, stored before they are used.

Belongs here: when to refresh. Not here: how (`providers/`) or where they lie (`token_rows.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ohx_pipelines.errors import AuthLost
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.token_rows import StoredTokens, TokensSuperseded
from ohx_pipelines.providers.base import Provider

MARGIN = timedelta(seconds=60)


class LinkTokens:
    """The TokenSource of one link."""

    def __init__(
        self,
        store: LinkStore,
        provider: Provider,
        link_id: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Read and write the tokens of `link_id`; `now` is the clock."""
        self._store = store
        self._provider = provider
        self._link_id = link_id
        self._now = now

    def current(self) -> str:
        """Give a token that is not due within a minute; refreshes first when it is."""
        stored = self._store.tokens(self._link_id)
        if stored.expires_at - MARGIN > self._now():
            return stored.access_token
        return self._refreshed(stored)

    def renew(self, refused: str) -> str:
        """Give another token than the refused one; raises AuthLost when there is none to be had."""
        stored = self._store.tokens(self._link_id)
        if stored.access_token != refused:
            return stored.access_token
        return self._refreshed(stored)

    def _refreshed(self, stored: StoredTokens) -> str:
        """Refresh, store the new pair, and only then give it.

        The vendor keeps the old refresh token until the new access token is used: a process that
        dies before the store has lost nothing, one that used it first would have lost the link.
        """
        try:
            grant = self._provider.refresh(stored.refresh_token)
        except AuthLost:
            if self._store.mark_lost(self._link_id, version=stored.version):
                raise
            return self._store.tokens(self._link_id).access_token
        try:
            self._store.save_tokens(self._link_id, grant, version=stored.version)
        except TokensSuperseded:
            return self._store.tokens(self._link_id).access_token
        return grant.access_token
