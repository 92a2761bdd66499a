"""`ohx demo`: the processes of `ohx up` beside a sandbox, and a week of readings carried across.

Belongs here: the only place of the product that knows of the sandbox, as a process and an address.
Not here: `import sandbox`; it is the outside world.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import requests

from ohx_pipelines.cli.backfill import partition_keys
from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.demo_browser import Browser
from ohx_pipelines.cli.demo_report import DemoResult, ehr_totals, ledger_counts, table
from ohx_pipelines.cli.stack import (
    Databases,
    announce,
    child_environment,
    dagster_address,
    open_databases,
    prepare,
    start_dagster,
    start_portal,
    watch,
    with_databases,
)
from ohx_pipelines.cli.supervisor import Supervisor, free_port
from ohx_pipelines.cli.up import end_on_signals
from ohx_pipelines.errors import OhxError
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import ehr_client, store_from
from ohx_pipelines.outcomes import Counts
from ohx_pipelines.settings import Settings, load_settings

PROVIDER = "withings"
LINKED_PEOPLE = 4
DAYS = 7
WAIT_SECONDS = 180.0
# Nothing of a demo is kept, so its daemon need not be waited for.
STOP_SECONDS = 3.0
# Local days end last at UTC-12.
LAST_ZONE = timedelta(hours=12)


@click.command()
@click.option("--once", is_flag=True, help="Run the backfill twice, then exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: one JSON object on stdout.")
@click.option("--verbose", is_flag=True, help="Show what the processes print.")
def demo(*, once: bool, as_json: bool, verbose: bool) -> None:
    """Carry a week of sandbox readings to a sandbox EHR, through real OAuth and real Dagster."""
    if as_json and not once:
        message = "--json goes with --once"
        raise click.UsageError(message)
    end_on_signals()
    started = time.monotonic()
    with ExitStack() as stack:
        running = _start(stack, verbose=verbose)
        first = running.backfill("first")
        if once:
            sys.exit(_finish_once(running, first, started, as_json=as_json))
        _show(running)
        try:
            watch(running.supervisor, running.settings, running.databases)
        except KeyboardInterrupt:
            announce("Ending …")


@dataclass
class RunningDemo:
    """The demo's processes and what was linked."""

    supervisor: Supervisor
    settings: Settings
    databases: Databases
    sandbox: Mapping[str, Any]
    people: list[dict[str, str]]
    store: LinkStore
    links: list[str] = field(default_factory=list)
    # Asked once: a demo that runs across noon UTC must not compare two different weeks.
    week: tuple[date, date] = field(default_factory=lambda: week_that_ended(datetime.now(UTC)))

    @property
    def api(self) -> DagsterApi:
        """Dagster's web server."""
        return DagsterApi(dagster_address(self.settings))

    def backfill(self, title: str) -> Counts:
        """Launch the week's backfill, show its progress, and give what the ledger then says."""
        first, last = self.week
        keys = partition_keys(self.links, first, last)
        launched_at = datetime.now(UTC)
        launched = self.api.launch_backfill(PROVIDER, keys, title=f"Demo, {title} backfill")
        announce(f"Backfill {launched} ({title}): {len(keys)} link-days, {first} to {last} …")
        self._wait(launched, launched_at, len(keys))
        return ledger_counts(self.store, self.links)

    def _wait(self, backfill: str, launched_at: datetime, wanted: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        shown = -1
        while time.monotonic() < deadline:
            done = self._days_done(launched_at)
            if done != shown:
                announce(f"  {done} of {wanted} link-days done")
                shown = done
            if done == wanted and self.api.runs_finished(backfill):
                return
            time.sleep(1)
        message = f"the backfill did not finish within {WAIT_SECONDS:.0f} seconds"
        raise OhxError(message)

    def _days_done(self, since: datetime) -> int:
        rows = [row for link in self.links for row in self.store.ledger(link)]
        return sum(row.last_at >= since for row in rows)


def week_that_ended(now: datetime) -> tuple[date, date]:
    """Give the last seven days that have ended in every time zone."""
    last = (now - LAST_ZONE).date() - timedelta(days=1)
    return last - timedelta(days=DAYS - 1), last


def _start(stack: ExitStack, *, verbose: bool) -> RunningDemo:
    folder = Path(tempfile.mkdtemp(prefix="ohx-demo-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    # PostgreSQL runs as another user than root and must find its way to its own folder.
    folder.chmod(0o711)
    supervisor = stack.enter_context(Supervisor(verbose=verbose, stop_seconds=STOP_SECONDS))
    portal = f"http://127.0.0.1:{free_port()}"
    announce("Sandbox: starting stand-ins for Withings, the EHR and the identity provider …")
    sandbox = _start_sandbox(supervisor, portal)
    os.environ.update(demo_environment(sandbox, portal, folder))
    given = load_settings(None)
    databases = open_databases(given, stack)
    settings = with_databases(given, databases)
    announce("Databases: a private PostgreSQL …")
    prepare(settings)
    env = child_environment(settings, os.environ)
    announce("Portal and Dagster: starting …")
    start_portal(supervisor, settings, env)
    people = requests.get(f"{sandbox['control']}/people", timeout=10).json()
    store = store_from(settings)
    stack.callback(store.close)
    running = RunningDemo(supervisor, settings, databases, sandbox, people, store)
    start_dagster(supervisor, settings, env)
    _link_everyone(running)
    return running


def _start_sandbox(supervisor: Supervisor, portal: str) -> Mapping[str, Any]:
    argv = [sys.executable, "-m", "sandbox", "--exit-with-parent"]
    argv += ["--callback-url", f"{portal}/api/base/provider-links/{PROVIDER}/oauth2_callback/"]
    argv += ["--sign-in-callback-url", f"{portal}/sign-in/return"]
    argv += ["--client-id", "demo-client", "--client-secret", "demo-secret"]
    argv += ["--oidc-client-id", "portal", "--oidc-client-secret", "portal-secret"]
    child = supervisor.start("sandbox", argv, os.environ)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.exit_status() is None:
        for line in list(child.lines):
            with suppress(ValueError):
                return dict(json.loads(line))
        time.sleep(0.1)
    raise child.complain("did not say where it listens.")


def demo_environment(sandbox: Mapping[str, Any], portal: str, folder: Path) -> dict[str, str]:
    """Give the settings of a deployment whose vendor, EHR and identity provider are the sandbox."""
    return {
        # A .env of a real deployment must not reach into the demo.
        "OHX_ENV_FILE": "",
        "OHX_STATE_DIR": str(folder),
        "OHX_IDENTIFIER_SECRET": secrets.token_urlsafe(32),
        "OHX_TOKEN_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "OHX_EHR__NAME": "sandbox",
        "OHX_EHR__URL": sandbox["ehr"]["url"],
        "OHX_OIDC__ISSUER": sandbox["identity"]["issuer"],
        "OHX_OIDC__CLIENT_ID": "portal",
        "OHX_OIDC__CLIENT_SECRET": "portal-secret",
        "OHX_WITHINGS__CLIENT_ID": "demo-client",
        "OHX_WITHINGS__CLIENT_SECRET": "demo-secret",
        "OHX_WITHINGS__API_URL": sandbox["withings"]["api_url"],
        "OHX_WITHINGS__AUTHORIZE_URL": sandbox["withings"]["authorize_url"],
        "OHX_PORTAL__URL": portal,
        "OHX_PORTAL__PORT": portal.rsplit(":", 1)[1],
        "OHX_PORTAL__SECRET_KEY": secrets.token_urlsafe(32),
        "OHX_PORTAL__CLINIC": "the sandbox clinic",
        "OHX_DAGSTER__PORT": str(free_port()),
        "OHX_SYNC__PARTITION_SENSOR_SECONDS": "5",
        "OHX_PARTITION_DAYS": "31",
    }


def _link_everyone(running: RunningDemo) -> None:
    for person in running.people[:LINKED_PEOPLE]:
        link_person(running.settings.portal.url, person)
        announce(f"Linked {person['name']} ({person['zone']})")
    running.links = running.store.active_link_ids(PROVIDER)
    deadline = time.monotonic() + WAIT_SECONDS
    announce("Waiting for the sensor to make the links partitions …")
    while set(running.api.link_keys(PROVIDER)) < set(running.links):
        if time.monotonic() > deadline:
            message = "the links did not become partitions"
            raise OhxError(message)
        time.sleep(0.5)


def link_person(portal: str, person: Mapping[str, str]) -> None:
    """Go through sign-in, consent and confirmation as the person would, over real HTTP."""
    browser = Browser()
    browser.open(f"{portal}/")
    browser.submit("/sign-in")
    browser.submit("", {"username": person["username"]})
    browser.open(f"{portal}/connect/{PROVIDER}")
    browser.submit("initiate_oauth2")
    browser.submit("", {"person": person["login"], "decision": "allow"})
    browser.submit("/confirm")
    browser.close()


def _finish_once(running: RunningDemo, first: Counts, started: float, *, as_json: bool) -> int:
    second = running.backfill("second")
    stats = running.api.partition_stats(PROVIDER, "published")
    with_ehr = ehr_client(running.store.ehr_by_name("sandbox"))
    result = DemoResult(
        links=len(running.links),
        materialized=stats.materialized,
        failed=stats.failed,
        first=first,
        second=second,
        differences=_differences(running),
        ehr=ehr_totals(with_ehr),
        seconds=time.monotonic() - started,
    )
    click.echo(
        json.dumps(result.as_json())
        if as_json
        else f"{table(with_ehr, running.people[:LINKED_PEOPLE])}\n\n{result.as_json()}"
    )
    return 0 if result.ok else 1


def _differences(running: RunningDemo) -> int:
    first, last = running.week
    parameters = [("from", first.isoformat()), ("to", last.isoformat())]
    parameters += [("login", person["login"]) for person in running.people[:LINKED_PEOPLE]]
    answer = requests.get(
        f"{running.sandbox['control']}/differences", params=parameters, timeout=60
    )
    return int(answer.json()["differences"])


def _show(running: RunningDemo) -> None:
    connection = running.store.ehr_by_name("sandbox")
    people, unlinked = running.people[:LINKED_PEOPLE], running.people[LINKED_PEOPLE]
    click.echo(table(ehr_client(connection), people))
    click.echo("")
    click.echo(f"Dagster UI  {dagster_address(running.settings)}/asset-groups")
    click.echo(f"Link page   {running.settings.portal.url}/  (sign in as {unlinked['username']})")
    click.echo(f"EHR         {connection.url}  (a sandbox stand-in, in memory)")
    click.echo("Ctrl-C ends everything.")
