"""`ohx demo`: the processes of `ohx up` beside a sandbox, and a week of readings carried across.

Belongs here: the journey from linking to what the EHR then holds. Not here: the sandbox's processes
(`demo_outside.py`), or `import sandbox`; it is the outside world.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click
import requests
from pydantic import ValidationError

from ohx_pipelines.cli.demo_browser import Browser
from ohx_pipelines.cli.demo_files import APPS, FILES, export, upload
from ohx_pipelines.cli.demo_outside import demo_environment, start_hapi, start_sandbox
from ohx_pipelines.cli.demo_report import (
    DemoResult,
    besides_readings,
    held,
    ledger_counts,
    table,
)
from ohx_pipelines.cli.demo_running import ACCOUNTS, WAIT_SECONDS, RunningDemo
from ohx_pipelines.cli.stack import (
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
from ohx_pipelines.ehr_settings import EhrSettings
from ohx_pipelines.errors import OhxError
from ohx_pipelines.opening import ehr_client, store_from
from ohx_pipelines.outcomes import Counts
from ohx_pipelines.settings import load_settings

# Nothing of a demo is kept, so its daemon need not be waited for.
STOP_SECONDS = 3.0


@click.command()
@click.option("--once", is_flag=True, help="Run the backfill twice, then exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: one JSON object on stdout.")
@click.option("--verbose", is_flag=True, help="Show what the processes print.")
@click.option(
    "--ehr",
    "kind",
    type=click.Choice(["sandbox", "hapi"]),
    default="sandbox",
    show_default=True,
    help="The EHR: the sandbox's own, or a HAPI FHIR server of ours (needs a JDK and Maven).",
)
@click.option("--ehr-url", metavar="URL", help="Any other FHIR R5 server; Patients are put there.")
def demo(*, once: bool, as_json: bool, verbose: bool, kind: str, ehr_url: str | None) -> None:
    """Carry a week of sandbox readings to an EHR, through real OAuth and real Dagster."""
    if as_json and not once:
        message = "--json goes with --once"
        raise click.UsageError(message)
    if ehr_url and kind != "sandbox":
        message = "--ehr and --ehr-url name two EHRs"
        raise click.UsageError(message)
    foreign = checked_url(ehr_url) if ehr_url else None
    end_on_signals()
    started = time.monotonic()
    with ExitStack() as stack:
        running = _start(stack, kind, foreign, verbose=verbose)
        first = _carried(running, "first")
        if once:
            sys.exit(_finish_once(running, first, started, as_json=as_json))
        _show(running)
        try:
            watch(running.supervisor, running.settings, running.databases)
        except KeyboardInterrupt:
            announce("Ending …")


def checked_url(url: str) -> str:
    """Give the address of an EHR; raises UsageError when readings may not go there."""
    try:
        return EhrSettings(url=url).url
    except ValidationError:
        message = "--ehr-url must be https (http for 127.0.0.1 and localhost only)"
    raise click.UsageError(message)


def _start(stack: ExitStack, kind: str, ehr_url: str | None, *, verbose: bool) -> RunningDemo:
    folder = Path(tempfile.mkdtemp(prefix="ohx-demo-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    # PostgreSQL runs as another user than root and must find its way to its own folder.
    folder.chmod(0o711)
    supervisor = stack.enter_context(Supervisor(verbose=verbose, stop_seconds=STOP_SECONDS))
    if kind == "hapi":
        announce("EHR: starting HAPI FHIR (the first time it is built, which takes minutes) …")
        ehr_url = start_hapi(supervisor)
    portal = f"http://127.0.0.1:{free_port()}"
    announce("Sandbox: starting stand-ins for three vendors, the EHR and an identity provider …")
    sandbox = start_sandbox(supervisor, portal, ehr_url=ehr_url)
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
    running = RunningDemo(
        supervisor, settings, databases, sandbox, people, store, shared=ehr_url is not None
    )
    start_dagster(supervisor, settings, env)
    _link_everyone(running)
    return running


def _link_everyone(running: RunningDemo) -> None:
    for provider in ACCOUNTS:
        for person in running.linked_with(provider):
            link_person(running.settings.portal.url, person, provider=provider)
            announce(f"Linked {person['name']} ({person['zone']}) with {provider}")
        running.links[provider] = running.store.active_link_ids(provider)
    deadline = time.monotonic() + WAIT_SECONDS
    announce("Waiting for the sensors to make the links partitions …")
    for provider, links in running.links.items():
        while set(running.api.link_keys(provider)) < set(links):
            if time.monotonic() > deadline:
                message = "the links did not become partitions"
                raise OhxError(message)
            time.sleep(0.5)


def link_person(portal: str, person: Mapping[str, str], *, provider: str = "withings") -> None:
    """Go through sign-in, consent and confirmation as the person would, over real HTTP."""
    browser = Browser()
    browser.sign_in(portal, person["username"])
    browser.open(f"{portal}/connect/{provider}")
    browser.submit("initiate_oauth2")
    browser.submit("", {"person": person["login"], "decision": "allow"})
    # Where the vendor says no zone the page asks for it.
    browser.submit("/confirm", {"zone": person["zone"]})
    browser.close()


def _upload_files(running: RunningDemo, title: str) -> Counts:
    """Have every file uploaded; gives what the ledger then says of their days."""
    portal, control = running.settings.portal.url, running.sandbox["control"]
    for one in FILES:
        person = running.people[one.person]
        file = export(control, person, one, running.week)
        upload(portal, person, one.app, file)
        announce(f"Uploaded ({title}): {person['name']}, {one.app}, {one.variant}")
    running.file_links = {app: running.store.active_link_ids(app) for app in APPS}
    return ledger_counts(running.store, running.all_file_links)


def _carried(running: RunningDemo, title: str) -> Counts:
    """Carry the week and the files; gives what the ledger then says of every day."""
    days = running.backfill(title)
    return days + _upload_files(running, title)


def _finish_once(running: RunningDemo, first: Counts, started: float, *, as_json: bool) -> int:
    second = _carried(running, "second")
    uncopied = running.wait_for_copies()
    materialized, failed = running.partitions()
    with_ehr = ehr_client(running.store.ehr_by_name("sandbox"))
    result = DemoResult(
        links=len(running.all_links) + len(running.all_file_links),
        files=len(FILES),
        materialized=materialized,
        failed=failed,
        first=first,
        second=second,
        differences=running.differences(),
        uncopied=uncopied,
        ehr=held(with_ehr, running.linked if running.shared else None),
        seconds=time.monotonic() - started,
    )
    click.echo(
        json.dumps(result.as_json())
        if as_json
        else f"{table(with_ehr, running.linked)}\n\n{result.as_json()}"
    )
    return 0 if result.ok else 1


def _show(running: RunningDemo) -> None:
    connection = running.store.ehr_by_name("sandbox")
    unlinked = running.people[-1]
    client = ehr_client(connection)
    uncopied = running.wait_for_copies()
    found = held(client, running.linked if running.shared else None)
    click.echo(table(client, running.linked))
    click.echo(f"\nBesides: {besides_readings(found)}.\n")
    if uncopied:
        click.echo(
            f"{uncopied} links could not be copied: the vendors' assets `devices` say why.\n"
        )
    click.echo(f"Dagster UI  {dagster_address(running.settings)}/asset-groups")
    click.echo(f"Link page   {running.settings.portal.url}/  (sign in as {unlinked['username']})")
    kind = "" if running.shared else "  (a sandbox stand-in, in memory)"
    click.echo(f"EHR         {connection.url}{kind}")
    click.echo("Ctrl-C ends everything.")
