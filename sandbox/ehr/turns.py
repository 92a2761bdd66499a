"""Whose turn it is to write: one request after the other, or several that do not see each other.

Belongs here: what happens between looking and writing, in each mode, and trying again. Not here:
what is looked for (`conditions.py`) and written (`interactions.py`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TypeVar

from sandbox.ehr.asked import Interaction
from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.settings import Settings
from sandbox.ehr.store import Key, Store

_Result = TypeVar("_Result")
Decide = Callable[[], list[Interaction]]
MOST_RETRIES = 20
_RETRY_SECONDS = 0.05


class Turns:
    """Gives the store to one writer at a time; in two modes that is already too late."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @contextmanager
    def take(self, decide: Decide) -> Iterator[list[Interaction]]:
        """Decide what is written to and hold the lock for the writing, which is all or nothing."""
        early = self._looked(decide)
        with self._store.all_or_nothing():
            if early is None:
                yield decide()
                return
            if self._settings.conflicts and _seen(early) != _seen(decide()):
                raise refuse(409, "conflict", "another request changed the resource meanwhile")
            yield early

    def _looked(self, decide: Decide) -> list[Interaction] | None:
        """Decide without the lock and lose some time, where a mode wants it so."""
        if not (self._settings.conflicts or self._settings.racy_conditional):
            return None
        early = decide()
        if not (self._settings.conflicts or any(one.condition for one in early)):
            return None
        time.sleep(self._settings.pause_seconds)
        return early


def retried(work: Callable[[], _Result], retries: int) -> _Result:
    """Do the work, again after a conflict (409), at most so many times more."""
    for _ in range(min(retries, MOST_RETRIES)):
        try:
            return work()
        except Refused as refused:
            if refused.status != HTTPStatus.CONFLICT:
                raise
        # Two that met once would meet again.
        time.sleep(random.uniform(0, _RETRY_SECONDS))  # noqa: S311 (no secret)
    return work()


def _seen(decided: Sequence[Interaction]) -> list[tuple[Key, int] | None]:
    found = (one.found for one in decided)
    return [None if one is None else (one.key, one.number) for one in found]
