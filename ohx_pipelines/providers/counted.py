"""One call to a vendor, counted before it is made, and its wish for a pause passed on.

Belongs here: what every vendor's client does around a call. Not here: the count (a CallBudget is
handed in).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ohx_pipelines.errors import RateLimited
from ohx_pipelines.providers.base import CallBudget

# For a vendor that wants a pause and does not say how long.
PAUSE_SECONDS = 10.0


def _never(_: RateLimited) -> bool:
    return False


@contextmanager
def counted(
    budget: CallBudget,
    *,
    account: str | None = None,
    unless: Callable[[RateLimited], bool] = _never,
) -> Iterator[None]:
    """Wait for the turn of the one call made within; a pause that comes of it is everybody's.

    `unless` tells the pauses that are about this very call alone. Raises BudgetSpent, and makes no
    call, when the turn would come too late.
    """
    budget.spend(account=account)
    try:
        yield
    except RateLimited as error:
        if not unless(error):
            budget.pause(PAUSE_SECONDS if error.wait_seconds is None else error.wait_seconds)
        raise
