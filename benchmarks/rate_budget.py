"""How much of a vendor's limit is used, and that it is never exceeded: `python -m benchmarks.rate_budget`.

Belongs here: sixteen processes that read a thousand link-days as a backfill, and one that reads today
beside them, against the sandbox and its limit of 120 calls a minute. Not here: publishing, Dagster.
Takes two minutes, with `--minutes 5` five. Exits with 1 when a call was refused or more than a
twentieth of the limit was given away.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import Any

import requests

from benchmarks.at_sandbox import (
    TIMEOUT_SECONDS,
    LinkedAccount,
    link_accounts,
    own_database,
    running_sandbox,
    settings_at,
)
from ohx_pipelines.errors import VendorError, word_for
from ohx_pipelines.links.call_budget import SharedBudget, budget_within
from ohx_pipelines.links.store import LinkStore, open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import Asked, CallBudget
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.providers.withings.limits import limits
from ohx_pipelines.urgency import Urgency, using

PROCESSES = 16
LINKS = 8
DAYS = 125
LONGEST_WAIT_SECONDS = 300.0
BETWEEN_TODAYS_SECONDS = 10.0
LEAST_USED_PERCENT = 95.0

Job = tuple[LinkedAccount, date]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all processes share: two addresses, a common start, a way back, and when it is over."""

    url: str
    addresses: dict[str, Any]
    begin: Any
    told: Any
    until: float


class Over(Exception):
    """The time is over: no call more."""


class Watched:
    """A CallBudget that notes how long calls waited and how often the vendor refused one."""

    def __init__(self, budget: CallBudget, until: float) -> None:
        self._budget = budget
        self._until = until
        self.waits: list[float] = []
        self.refused = 0

    def spend(self, *, account: str | None = None) -> None:
        """Wait for the turn, and note for how long."""
        asked = time.monotonic()
        self._budget.spend(account=account)
        if time.monotonic() > self._until:
            raise Over
        self.waits.append(time.monotonic() - asked)

    def pause(self, seconds: float) -> None:
        """Note that the vendor refused a call."""
        self.refused += 1
        self._budget.pause(seconds)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rate_budget")
    parser.add_argument("--minutes", type=float, default=2.0)
    minutes = parser.parse_args().minutes
    with own_database() as url, running_sandbox(people=LINKS) as addresses:
        figures = _measured(url, addresses, minutes)
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.exit(figures["refused"] > 0 or figures["used_percent"] < LEAST_USED_PERCENT)


def _measured(url: str, addresses: dict[str, Any], minutes: float) -> dict[str, Any]:
    fork = multiprocessing.get_context("fork")
    started = time.monotonic()
    scene = Scene(
        url=url,
        addresses=addresses,
        begin=fork.Barrier(PROCESSES + 1),
        told=fork.Queue(),
        until=started + minutes * 60,
    )
    provider, _, store = _provider(scene)
    accounts = link_accounts(provider, addresses)
    # No child shares its connection.
    store.close()
    workers = [fork.Process(target=_backfill, args=(scene, one)) for one in _shares(accounts)]
    workers.append(fork.Process(target=_today, args=(scene, accounts)))
    for worker in workers:
        worker.start()
    time.sleep(scene.until - time.monotonic())
    calls = _calls(addresses)
    minutes = (time.monotonic() - started) / 60
    seen = [scene.told.get(timeout=LONGEST_WAIT_SECONDS) for _ in workers]
    for worker in workers:
        worker.join()
    return _figures(calls, minutes, seen)


def _figures(calls: int, minutes: float, seen: Sequence[dict[str, Any]]) -> dict[str, Any]:
    backfill = [wait for one in seen if one["work"] == "backfill" for wait in one["waits"]]
    today = [wait for one in seen if one["work"] == "today" for wait in one["waits"]]
    return {
        "minutes": round(minutes, 2),
        "processes": PROCESSES,
        "link_days": LINKS * DAYS,
        "calls": calls,
        "refused": sum(one["refused"] for one in seen),
        "failed": sum((one["failed"] for one in seen), Counter()),
        "used_percent": round(100 * calls / (120 * minutes), 1),
        "backfill_wait_seconds": _spread(backfill),
        "today_calls": len(today),
        "today_wait_seconds": _spread(today),
    }


def _spread(waits: Sequence[float]) -> dict[str, float]:
    ordered = sorted(waits)
    return {
        "median": round(statistics.median(ordered), 2),
        "of_95_percent": round(ordered[int(len(ordered) * 0.95)], 2),
        "longest": round(ordered[-1], 2),
    }


def _calls(addresses: dict[str, Any]) -> int:
    answer = requests.get(f"{addresses['control']}/calls", timeout=TIMEOUT_SECONDS).json()
    return sum(answer["withings"].values())


def _shares(accounts: Iterable[LinkedAccount]) -> list[list[Job]]:
    """Deal the link-days to the processes; all of them are older than the look-back."""
    last = datetime.now(UTC).date() - timedelta(days=10)
    days = [last - timedelta(days=ago) for ago in range(DAYS)]
    jobs = [(account, day) for account in accounts for day in days]
    return [jobs[n::PROCESSES] for n in range(PROCESSES)]


def _backfill(scene: Scene, jobs: list[Job]) -> None:
    provider, watched, _ = _provider(scene)
    scene.begin.wait()
    failed: Counter[str] = Counter()
    with suppress(Over), using(Urgency.BACKFILL):
        for account, day in jobs:
            failed.update(_read(provider, account, day))
    scene.told.put(_seen("backfill", watched, failed))


def _today(scene: Scene, accounts: list[LinkedAccount]) -> None:
    provider, watched, _ = _provider(scene)
    scene.begin.wait()
    failed: Counter[str] = Counter()
    with suppress(Over), using(Urgency.TODAY):
        for account in cycle(accounts):
            time.sleep(BETWEEN_TODAYS_SECONDS)
            failed.update(_read(provider, account, datetime.now(account.zone).date()))
    scene.told.put(_seen("today", watched, failed))


def _seen(work: str, watched: Watched, failed: Counter[str]) -> dict[str, Any]:
    return {"work": work, "waits": watched.waits, "refused": watched.refused, "failed": failed}


def _provider(scene: Scene) -> tuple[WithingsProvider, Watched, LinkStore]:
    settings = settings_at(scene.addresses)
    budget = budget_within("withings", limits(settings))
    if budget is None:
        raise AssertionError
    store = open_store(scene.url, Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40)
    store.leave_line("nobody")  # so that it is connected
    watched = Watched(
        SharedBudget(store, budget, longest_wait_seconds=LONGEST_WAIT_SECONDS), scene.until
    )
    return WithingsProvider(settings, budget=watched), watched, store


def _read(provider: WithingsProvider, account: LinkedAccount, day: date) -> list[str]:
    """Read a day of everything; gives words for what failed."""
    shared = provider.facts.shareable
    asked = Asked(shared=shared, wanted=provider.facts.metrics_of(shared))
    window = Window(first_day=day, last_day=day, zone=account.zone)
    try:
        failures = provider.fetch(window, account, asked=asked).failures
    except VendorError as error:
        return [word_for(error)]
    return [f"{one.listing} {word_for(one.error)}" for one in failures]


if __name__ == "__main__":
    main()
