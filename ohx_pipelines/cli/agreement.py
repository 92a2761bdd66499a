"""Two stores, one truth: the ledger's last outcome of each link-day against Dagster's colour of it.

Belongs here: comparing them and having the link-days that disagree synced again. Not here: writing
either store: a sync through Dagster writes both.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.dagster_health import (
    PartitionGrid,
    backfill_ended,
    backfill_progress,
    partition_grid,
)
from ohx_pipelines.links.overview import LinkSince, NotedDay
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Outcome

LinkDay = tuple[date, str]

# A sync that ended between the two questions is no disagreement: both are asked again.
SECOND_LOOK_SECONDS = 2.0
POLL_SECONDS = 1.0
_GREEN = {outcome.value for outcome in Outcome if outcome.ok}
# Nothing is published for these any more: their days say what was, in both stores.
_ENDED = {LinkState.UNLINKING, LinkState.UNLINKED}


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A comparison of one provider's link-days.

    `ledger_alone` are those that the ledger calls done and Dagster does not, `dagster_alone` those
    that are green in Dagster while the ledger has a failure or nothing. `compared` counts the
    link-days that either store knows; `syncing` ones are not among them. Only those of active links
    are `repairable`: for another one nothing can be fetched.
    """

    provider: str
    compared: int
    links: int
    syncing: frozenset[LinkDay]
    outside_window: int
    without_partition: int
    ended_links: int
    ledger_alone: frozenset[LinkDay]
    dagster_alone: frozenset[LinkDay]
    repairable: frozenset[LinkDay]
    noted: Mapping[LinkDay, NotedDay]

    @property
    def disagreeing(self) -> frozenset[LinkDay]:
        """Every link-day on which the stores differ."""
        return self.ledger_alone | self.dagster_alone

    def outcome(self, link_day: LinkDay) -> str | None:
        """Give the ledger's word for a link-day, None when it has none."""
        noted = self.noted.get(link_day)
        return noted.outcome if noted else None


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What a repair did: asked for, synced again, agreeing now (some of it as failures)."""

    backfill: str
    asked: int
    synced_again: int
    agreeing: int
    failures: Mapping[str, int]
    disagreeing: tuple[LinkDay, ...]
    ended: bool


def compare(api: DagsterApi, store: LinkStore, provider: str) -> Agreement:
    """Compare, and what disagrees a second time: only what does so twice is told."""
    first = _compare_once(api, store, provider)
    if not first.disagreeing:
        return first
    time.sleep(SECOND_LOOK_SECONDS)
    second = _compare_once(api, store, provider)
    return replace(
        second,
        ledger_alone=first.ledger_alone & second.ledger_alone,
        dagster_alone=first.dagster_alone & second.dagster_alone,
        repairable=first.repairable & second.repairable,
    )


def judge(
    provider: str,
    grid: PartitionGrid,
    links: list[LinkSince],
    noted: Mapping[LinkDay, NotedDay],
    outside_window: int,
) -> Agreement:
    """Compare what both stores say, once."""
    ours = [one for one in links if one.provider == provider]
    live = {one.id for one in ours if one.state not in _ENDED} & set(grid.links)
    active = {one.id for one in ours if one.state is LinkState.ACTIVE}
    window = set(grid.days)
    kept = {day for day in noted if day[1] in live and day[0] in window}
    green = {day for day in grid.green if day[1] in live} - grid.syncing
    done = {day for day in kept if noted[day].outcome in _GREEN} - grid.syncing
    disagreeing = done ^ green
    return Agreement(
        provider=provider,
        compared=len((kept | green) - grid.syncing),
        links=len(live),
        syncing=frozenset(day for day in grid.syncing if day[1] in live),
        outside_window=outside_window,
        without_partition=sum(one.state not in _ENDED and one.id not in grid.links for one in ours),
        ended_links=sum(one.state in _ENDED for one in ours),
        ledger_alone=frozenset(done - green),
        dagster_alone=frozenset(green - done),
        repairable=frozenset(day for day in disagreeing if day[1] in active),
        noted=noted,
    )


def repair(
    api: DagsterApi,
    store: LinkStore,
    before: Agreement,
    *,
    told: Callable[[str], None],
    wait_seconds: float,
) -> Repair:
    """Have the link-days that disagree synced again, wait for it, and compare again."""
    wanted = sorted(before.repairable)
    backfill = launch(api, before)
    told(f"Backfill {backfill}: {len(wanted)} link-days. Watch it at {api.backfill_page(backfill)}")
    ended = _wait(api, backfill, told=told, seconds=wait_seconds)
    after = compare(api, store, before.provider)
    return _outcome_of(backfill, before, after, ended=ended)


def launch(api: DagsterApi, agreement: Agreement) -> str:
    """Launch one backfill over exactly the link-days that disagree and can be synced."""
    keys = [f"{day.isoformat()}|{link}" for day, link in sorted(agreement.repairable)]
    return api.launch_backfill(agreement.provider, keys, title="ohx doctor --repair")


def _outcome_of(backfill: str, before: Agreement, after: Agreement, *, ended: bool) -> Repair:
    wanted = before.repairable
    still = wanted & after.disagreeing
    synced = [day for day in wanted if _run_of(before, day) != _run_of(after, day)]
    agreeing = [day for day in synced if day not in still | after.syncing]
    outcomes = Counter(after.outcome(day) or "" for day in agreeing)
    return Repair(
        backfill=backfill,
        asked=len(wanted),
        synced_again=len(synced),
        agreeing=len(agreeing),
        failures={word: n for word, n in outcomes.items() if word not in _GREEN},
        disagreeing=tuple(sorted(still)),
        ended=ended,
    )


def _wait(api: DagsterApi, backfill: str, *, told: Callable[[str], None], seconds: float) -> bool:
    """Wait until the backfill has ended and say how far it is; False when time is up."""
    start = said = time.monotonic()
    while not backfill_ended(api, backfill):
        now = time.monotonic()
        if now - start > seconds:
            return False
        if now - said >= 10 * POLL_SECONDS:
            said = now
            told(f"… {now - start:.0f} s, {backfill_progress(api, backfill)}")
        time.sleep(POLL_SECONDS)
    return True


def _run_of(agreement: Agreement, link_day: LinkDay) -> str | None:
    noted = agreement.noted.get(link_day)
    return noted.run_id if noted else None


def _compare_once(api: DagsterApi, store: LinkStore, provider: str) -> Agreement:
    grid = partition_grid(api, provider)
    bounds = {"first_day": grid.days[0], "last_day": grid.days[-1]}
    return judge(
        provider,
        grid,
        store.links_since(),
        store.noted_days(provider, **bounds),
        store.days_outside(provider, **bounds),
    )
