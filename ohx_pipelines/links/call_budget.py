"""One budget of calls per vendor for all processes, as a provider's client spends it.

Belongs here: waiting for a turn, and giving up. Not here: whose turn it is (`turns.py`).
A call counts from the moment it is let through; the vendor counts it when it arrives, up to
`ARRIVAL_SECONDS` later. So our window is that much longer than the vendor's: of two calls the later
one never arrives earlier than it was let through, and the first is then out of the vendor's window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ohx_pipelines.errors import BudgetSpent
from ohx_pipelines.links.outlasting import outlasting
from ohx_pipelines.links.part import new_id
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.turns import LONGEST_SLEEP_SECONDS, Asker, Budget
from ohx_pipelines.providers.base import Limit
from ohx_pipelines.urgency import Urgency, hurry

# Of a window of 60 seconds this costs 3.2 % of the calls.
ARRIVAL_SECONDS = 2.0
# Where in the line one stands: shares of the longest wait. What is less urgent gives way until it has
# waited so much longer; without an end to that, a long night would starve every backfill.
_HANDICAP = {Urgency.TODAY: 0.0, Urgency.LOOK_BACK: 0.3, Urgency.BACKFILL: 0.6}


class SharedBudget:
    """The CallBudget of one vendor over all processes that share a database."""

    def __init__(
        self,
        store: LinkStore,
        budget: Budget,
        *,
        longest_wait_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask `store` for turns; wait for one no longer than that."""
        self._store = store
        self._budget = budget
        self._longest_wait_seconds = longest_wait_seconds
        self._sleep = sleep

    def spend(self, *, account: str | None = None) -> None:
        """Wait for the turn of one call; raises BudgetSpent when it would come too late.

        While it waits it holds nothing: it is told how long, sleeps, and asks again.
        """
        name, begun, most = new_id(), time.monotonic(), self._most_seconds()
        while True:
            waited = time.monotonic() - begun
            seconds = self._asked(name, account, waited)
            if seconds <= 0:
                return
            if waited + seconds > most:
                outlasting(self._store.leave_line)(name)
                raise BudgetSpent(free_in_seconds=seconds)
            self._sleep(min(seconds, LONGEST_SLEEP_SECONDS))

    def pause(self, seconds: float) -> None:
        """Keep a pause that the vendor asked for, in every process."""
        outlasting(self._store.pause_calls)(self._budget.name, seconds=seconds)

    def _most_seconds(self) -> float:
        bound = hurry().most_seconds
        return self._longest_wait_seconds if bound is None else bound

    def _asked(self, name: str, account: str | None, waited: float) -> float:
        urgency = hurry().urgency
        asker = Asker(
            id=name,
            account=account,
            waited_seconds=waited,
            urgency=urgency,
            handicap_seconds=_HANDICAP[urgency] * self._longest_wait_seconds,
        )
        # Counted twice when the connection breaks at the wrong moment: one call less, none too many.
        return outlasting(self._store.ask_turn)(self._budget, asker)


def budget_within(name: str, limits: Sequence[Limit]) -> Budget | None:
    """Give the budget that keeps to a vendor's limits; None where there are none.

    Each window is taken `ARRIVAL_SECONDS` longer than the vendor says.
    """
    whole = next((one for one in limits if one.per == "application"), None)
    if whole is None:
        return None
    own = next((one for one in limits if one.per == "account"), whole)
    # An account's limit is told for the same window, in calls.
    calls_per_account = own.calls * whole.seconds // own.seconds
    return Budget(
        name=name,
        calls=whole.calls,
        seconds=whole.seconds + ARRIVAL_SECONDS,
        calls_per_account=max(1, min(calls_per_account, whole.calls)),
    )
