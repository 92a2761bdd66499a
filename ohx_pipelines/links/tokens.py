"""A link's tokens as a provider's client sees them: always fresh, stored before they are used.

Belongs here: when to refresh, and that one process does it. Not here: how (`providers/`) or where
they lie (`token_rows.py`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ohx_pipelines.errors import (
    AuthLost,
    BudgetSpent,
    NotConsented,
    NotFound,
    RefusedOnce,
    VendorDown,
    VendorError,
)
from ohx_pipelines.links.records import ENDED
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.token_rows import Lease, Refusal, StoredTokens, TokensSuperseded
from ohx_pipelines.providers.base import Provider, TokenGrant
from ohx_pipelines.settings import SyncSettings
from ohx_pipelines.urgency import hurry

MARGIN = timedelta(seconds=60)
LONGEST_SLEEP_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class RefreshRules:
    """How long a refresh may take before another process tries, and when a refusal is believed.

    `lease_seconds` must exceed what one refresh can take: three time-outs of the vendor and its
    guard. Who comes back later is fenced off, and begins anew.
    """

    lease_seconds: float = 90.0
    refusal_pause_seconds: float = 60.0


def refresh_rules(settings: SyncSettings) -> RefreshRules:
    """Give the rules that the settings describe."""
    return RefreshRules(
        lease_seconds=settings.refresh_lease_seconds,
        refusal_pause_seconds=settings.refusal_pause_seconds,
    )


class LinkTokens:
    """The TokenSource of one link."""

    def __init__(
        self,
        store: LinkStore,
        provider: Provider,
        link_id: str,
        *,
        rules: RefreshRules = RefreshRules(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Read and write the tokens of `link_id`; `now` is the clock."""
        self._store = store
        self._provider = provider
        self._link_id = link_id
        self._rules = rules
        self._now = now

    @property
    def account(self) -> str:
        """The link's id: what its calls are counted by."""
        return self._link_id

    @property
    def scopes(self) -> frozenset[str]:
        """What the stored tokens were given for; raises NotConsented once the link has ended."""
        return self._stored().scopes

    def current(self) -> str:
        """Give a token that is not due within a minute; refreshes first when it is."""
        return self._good(lambda stored: stored.expires_at - MARGIN > self._now())

    def renew(self, refused: str) -> str:
        """Give another token than the refused one; raises AuthLost when there is none to be had."""
        return self._good(lambda stored: stored.access_token != refused)

    def _good(self, is_good: Callable[[StoredTokens], bool]) -> str:
        """Give a good token: the stored one, one of our own refresh, or one of another process's.

        Raises VendorDown when others hold the lease, time and again, and no token comes of it.
        """
        deadline = time.monotonic() + 2 * self._rules.lease_seconds
        while True:
            stored = self._stored()
            if is_good(stored):
                return stored.access_token
            lease = self._store.claim_refresh(
                self._link_id, version=stored.version, seconds=self._rules.lease_seconds
            )
            try:
                token = self._refreshed(stored, lease) if lease is not None else None
            except BudgetSpent as spent:
                # The lease was given back: it is too short to wait for a turn under it.
                _wait_for_turn(spent, deadline)
                continue
            if token is not None:
                return token
            if time.monotonic() > deadline:
                message = "other processes are refreshing this link and do not finish"
                raise VendorDown(message)
            time.sleep(random.uniform(0.05, 0.3))  # noqa: S311 (jitter)

    def _stored(self) -> StoredTokens:
        try:
            stored = self._store.tokens(self._link_id)
            state = stored.state
        except NotFound:
            # Gone with the link's keys, or with the link itself: then this raises NotFound, too.
            state = self._store.link_state(self._link_id)
            if state not in ENDED:
                raise
        if state in ENDED:
            raise NotConsented
        return stored

    def _refreshed(self, stored: StoredTokens, lease: Lease) -> str | None:
        """Refresh, store the new pair, and only then give it; None when somebody overtook us.

        The vendor keeps the old refresh token until the new access token is used: a process that
        dies before the store has lost nothing, one that used it first would have lost the link.
        """
        try:
            grant = self._provider.refresh(stored.refresh_token)
        except AuthLost as error:
            refused = error
        except VendorError:
            self._store.release_refresh(lease)
            raise
        else:
            return self._saved(lease, grant)
        pause = self._rules.refusal_pause_seconds
        match self._store.note_refusal(lease, pause_seconds=pause):
            case Refusal.SUPERSEDED:
                return None
            case Refusal.FIRST:
                raise RefusedOnce(status=refused.status)
            case Refusal.FINAL:
                raise refused

    def _saved(self, lease: Lease, grant: TokenGrant) -> str | None:
        try:
            self._store.save_tokens(lease, grant)
        except (TokensSuperseded, NotFound):
            return None
        return grant.access_token


def _wait_for_turn(spent: BudgetSpent, deadline: float) -> None:
    """Wait a while for the turn of a refresh; raises `spent` for who cannot wait so long."""
    hurried = hurry().most_seconds is not None
    if hurried or time.monotonic() + spent.free_in_seconds > deadline:
        raise spent
    time.sleep(min(spent.free_in_seconds, LONGEST_SLEEP_SECONDS))
