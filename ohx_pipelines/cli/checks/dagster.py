"""Dagster: web server, code, daemons, schedules and sensors, and its partitions.

Belongs here: judging what Dagster says of itself. Not here: the queries (`dagster_health.py`).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ohx_pipelines.cli.checks.finding import Finding, failed, ok, some_of, warning
from ohx_pipelines.cli.dagster_api import DagsterApi, DagsterFailed
from ohx_pipelines.cli.dagster_health import Daemon, code_location, daemons
from ohx_pipelines.cli.stack import MOST_PARTITIONS
from ohx_pipelines.links.overview import LinkSince
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import file_facts, provider_facts
from ohx_pipelines.settings import Settings

# A heartbeat comes every half minute; Dagster itself calls a daemon unhealthy after half an hour.
SILENT_SECONDS = 150
_TICKERS_OF_PROVIDER = ("nightly", "devices", "link_partitions", "link_records", "unlinking")
_TICKERS_OF_APP = ("imports", "link_partitions", "unlinking")
_TICKERS_OF_ALL = {"stranded_retries"}
_START = "Start `ohx up`, or look in its output why this part of it ended."


def check_web_server(api: DagsterApi) -> list[Finding]:
    """Tell whether the web server answers and has loaded our code."""
    try:
        location = code_location(api)
    except DagsterFailed as error:
        return [failed("dagster web server", str(error), _START)]
    if not location.loaded:
        found = f"Dagster {location.version} answers, but our code is not loaded"
        advice = "Look in the output of `ohx up` for what the code server says, and restart it."
        return [failed("dagster web server", found, advice)]
    return [ok("dagster web server", f"Dagster {location.version} answers, our code is loaded")]


def check_daemons(api: DagsterApi) -> list[Finding]:
    """Tell whether every daemon that Dagster needs is healthy and was heard of lately."""
    needed = [one for one in daemons(api) if one.required]
    sick = [one.kind for one in needed if not one.healthy]
    silent = [one.kind for one in needed if one.healthy and _is_silent(one)]
    if sick or not needed:
        found = f"not running: {some_of(sick) or 'any daemon'}"
        return [failed("dagster daemons", found, f"Nothing is synced meanwhile. {_START}")]
    if len(silent) == len(needed):
        found = f"no daemon was heard of for {SILENT_SECONDS} s"
        return [failed("dagster daemons", found, f"Nothing is synced meanwhile. {_START}")]
    if silent:
        found = f"not heard of for {SILENT_SECONDS} s: {some_of(silent)}"
        return [warning("dagster daemons", found, "Look again in a minute: they may be busy.")]
    return [ok("dagster daemons", f"{len(needed)} daemons are healthy")]


def check_tickers(api: DagsterApi, settings: Settings) -> list[Finding]:
    """Tell whether every schedule and sensor of ours is on."""
    name, tickers = "schedules and sensors", code_location(api).tickers
    known = {one.name for one in tickers}
    wanted = _wanted_tickers(settings)
    stopped = sorted(one.name for one in tickers if not one.running)
    if wanted - known:
        found = f"Dagster does not know {some_of(sorted(wanted - known))}"
        return [failed(name, found, "See the line `dagster web server`.")]
    if stopped:
        advice = "Turn them on in the Dagster UI under Automation."
        return [failed(name, f"off: {some_of(stopped)}", advice)]
    ill = sorted(one.name for one in tickers if one.last_failed)
    if ill:
        advice = "Look at their last tick in the Dagster UI under Automation."
        return [warning(name, f"the last tick failed of {some_of(ill)}", advice)]
    return [ok(name, f"{len(tickers)} are on")]


def _wanted_tickers(settings: Settings) -> set[str]:
    clouds, apps = provider_facts(settings), file_facts(settings)
    named = [(facts.name, word) for facts in clouds for word in _TICKERS_OF_PROVIDER]
    named += [(facts.name, word) for facts in apps for word in _TICKERS_OF_APP]
    return {f"{name}_{word}" for name, word in named} | _TICKERS_OF_ALL


def check_partitions(api: DagsterApi, store: LinkStore, settings: Settings) -> list[Finding]:
    """Tell whether active links are partitions, and an asset has no more than Dagster bears."""
    return [
        finding
        for facts in [*provider_facts(settings), *file_facts(settings)]
        for finding in _partitions_of(facts.name, api, store, settings)
    ]


def _partitions_of(
    provider: str, api: DagsterApi, store: LinkStore, settings: Settings
) -> list[Finding]:
    name, keys = f"partitions {provider}", set(api.link_keys(provider))
    links = [one for one in store.links_since() if one.provider == provider]
    late = [one.id for one in links if one.id not in keys and _is_due(one, settings)]
    if late:
        found = f"active links that are no partition yet: {some_of(late)}"
        advice = f"The sensor {provider}_link_partitions is off or fails: see the two lines above."
        return [failed(name, found, advice)]
    partitions = len(keys) * settings.partition_days
    counted = f"{len(keys)} links x {settings.partition_days} days = {partitions} partitions"
    if partitions > MOST_PARTITIONS:
        found = f"{counted}; Dagster advises at most {MOST_PARTITIONS}"
        return [warning(name, found, "Lower OHX_PARTITION_DAYS.")]
    return [ok(name, f"{counted}, of at most {MOST_PARTITIONS}")]


def _is_due(link: LinkSince, settings: Settings) -> bool:
    patience = timedelta(seconds=max(60, 2 * settings.sync.partition_sensor_seconds))
    return link.state is LinkState.ACTIVE and datetime.now(UTC) - link.since > patience


def _is_silent(daemon: Daemon) -> bool:
    return daemon.heartbeat_at is None or time.time() - daemon.heartbeat_at > SILENT_SECONDS
