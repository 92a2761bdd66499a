"""A demo that runs: its week of readings carried across, and how far that has come.

Belongs here: backfills of the demo, waiting for them, asking what differs. Not here: starting the
processes (`demo.py`, `demo_outside.py`), or what is shown at the end (`demo_report.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from ohx_pipelines.cli.backfill import partition_keys
from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.demo_files import APPS, FILES, uploaders
from ohx_pipelines.cli.demo_report import ledger_counts
from ohx_pipelines.cli.stack import Databases, announce, dagster_address
from ohx_pipelines.cli.supervisor import Supervisor
from ohx_pipelines.errors import OhxError
from ohx_pipelines.links.records import LinkStatus, RecordState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Counts
from ohx_pipelines.settings import Settings

# Who links what, by their place among the sandbox's people; some have two.
ACCOUNTS = {"withings": (0, 1, 2, 3), "google_health": (2, 3, 4), "omron": (0, 1, 4)}
DAYS = 7
WAIT_SECONDS = 180.0
# How quick somebody else's server is, is not ours to say.
FOREIGN_WAIT_SECONDS = 900.0
# Local days end last at UTC-12.
LAST_ZONE = timedelta(hours=12)


@dataclass
class RunningDemo:
    """The demo's processes and what was linked."""

    supervisor: Supervisor
    settings: Settings
    databases: Databases
    sandbox: Mapping[str, Any]
    people: list[dict[str, str]]
    store: LinkStore
    # Whether the EHR may hold what is not of this demo.
    shared: bool
    links: dict[str, list[str]] = field(default_factory=dict)
    # Links that files made, by app.
    file_links: dict[str, list[str]] = field(default_factory=dict)
    # Asked once: a demo that runs across noon UTC must not compare two different weeks.
    week: tuple[date, date] = field(default_factory=lambda: week_that_ended(datetime.now(UTC)))

    @property
    def api(self) -> DagsterApi:
        """Dagster's web server."""
        return DagsterApi(dagster_address(self.settings))

    @property
    def linked(self) -> list[dict[str, str]]:
        """Whose accounts are linked with whichever vendor, and who uploads files."""
        linked = {n for each in ACCOUNTS.values() for n in each}
        return [self.people[n] for n in sorted(linked | {one.person for one in FILES})]

    @property
    def all_links(self) -> list[str]:
        """Every link with a cloud, of whichever vendor."""
        return [link for each in self.links.values() for link in each]

    @property
    def all_file_links(self) -> list[str]:
        """Every link that a file made."""
        return [link for each in self.file_links.values() for link in each]

    def linked_with(self, provider: str) -> list[dict[str, str]]:
        """Whose accounts are linked with a vendor."""
        return [self.people[n] for n in ACCOUNTS[provider]]

    def backfill(self, title: str) -> Counts:
        """Launch the week's backfills, show their progress, and give what the ledger then says."""
        first, last = self.week
        launched_at = datetime.now(UTC)
        launched, wanted = [], 0
        for provider, links in self.links.items():
            keys = partition_keys(links, first, last)
            name = f"Demo, {title} backfill"
            launched.append(self.api.launch_backfill(provider, keys, title=name))
            wanted += len(keys)
        announce(f"Backfills ({title}): {wanted} link-days, {first} to {last} …")
        self._wait(launched, launched_at, wanted)
        return ledger_counts(self.store, self.all_links)

    def partitions(self) -> tuple[int, int]:
        """Give how many link-days Dagster shows as published, and how many as failed."""
        stats = [self.api.partition_stats(provider, "published") for provider in self.links]
        return sum(one.materialized for one in stats), sum(one.failed for one in stats)

    def wait_for_copies(self) -> int:
        """Wait until Consent and devices of each link were tried; gives how many links failed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while any(one.record_error is None for one in self._due()):
            if time.monotonic() > deadline:
                break
            time.sleep(0.5)
        return len(self._due())

    def differences(self) -> int:
        """Ask the sandbox's independent reader how far the EHR differs from what was measured."""
        clouds = sum(self._differences(one, self.linked_with(one)) for one in self.links)
        return clouds + sum(self._differences(app, uploaders(self.people, app)) for app in APPS)

    def _differences(self, provider: str, people: Iterable[Mapping[str, str]]) -> int:
        first, last = self.week
        parameters = [("from", first.isoformat()), ("to", last.isoformat()), ("vendor", provider)]
        # What the demo's settings turn on, beside all that is shared.
        parameters += [("paid", "1"), ("stages", "1")]
        parameters += [("login", person["login"]) for person in people]
        answer = requests.get(
            f"{self.sandbox['control']}/differences", params=parameters, timeout=60
        )
        answer.raise_for_status()
        return int(answer.json()["differences"])

    def _due(self) -> list[LinkStatus]:
        return [one for one in self.store.statuses() if one.record is RecordState.DUE]

    def _wait(self, backfills: list[str], launched_at: datetime, wanted: int) -> None:
        seconds = FOREIGN_WAIT_SECONDS if self.shared else WAIT_SECONDS
        deadline = time.monotonic() + seconds
        shown = -1
        while time.monotonic() < deadline:
            done = self._days_done(launched_at)
            if done != shown:
                announce(f"  {done} of {wanted} link-days done")
                shown = done
            if done == wanted and all(self.api.runs_finished(one) for one in backfills):
                return
            time.sleep(1)
        message = f"the backfills did not finish within {seconds:.0f} seconds"
        raise OhxError(message)

    def _days_done(self, since: datetime) -> int:
        rows = [row for link in self.all_links for row in self.store.ledger(link)]
        return sum(row.last_at >= since for row in rows)


def week_that_ended(now: datetime) -> tuple[date, date]:
    """Give the last seven days that have ended in every time zone."""
    last = (now - LAST_ZONE).date() - timedelta(days=1)
    return last - timedelta(days=DAYS - 1), last
