"""All processes of a deployment on one machine: PostgreSQL, portal, Dagster.

Belongs here: what is started, in which order, with which environment. Not here: the sandbox.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from sqlalchemy.engine import make_url

from ohx_pipelines.cli.restarts import RestartPolicy
from ohx_pipelines.cli.supervisor import (
    Child,
    ProcessFailed,
    Supervisor,
    answers_http,
    finish,
    free_port,
    listens,
    wait_until,
)
from ohx_pipelines.errors import ConfigurationError, OhxError
from ohx_pipelines.links.migrate import ensure_database, migrate
from ohx_pipelines.links.private_postgres import PrivatePostgres
from ohx_pipelines.opening import save_default_ehr, store_from
from ohx_pipelines.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
DATABASE = "ohx"
# What Dagster advises as the most for one asset.
MOST_PARTITIONS = 100_000


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Addresses of our own tables and of Dagster's, and the private server if there is one."""

    ohx: str
    dagster: str
    server: PrivatePostgres | None = None


def open_databases(settings: Settings, stack: ExitStack) -> Databases:
    """Give both addresses; starts the private PostgreSQL when the settings name no database."""
    ohx, server = settings.database_url, None
    if ohx is None:
        folder = settings.state_dir.resolve() / "postgres"
        server = stack.enter_context(PrivatePostgres(folder))
        ohx = server.url(DATABASE)
    dagster = settings.dagster.database_url or beside(ohx)
    return Databases(ohx=ohx, dagster=dagster, server=server)


@dataclass(frozen=True)
class DatabaseService:
    """The private PostgreSQL as something to watch."""

    server: PrivatePostgres
    name: str = "postgresql"

    def exit_status(self) -> int | None:
        """Give the status it ended with, None while it runs."""
        return self.server.exit_status()

    def start_again(self) -> None:
        """Start it on the same data and socket."""
        self.server.start_again()

    def complain(self, what: str) -> OhxError:
        """Give the exception that says what happened; it prints nothing that could be shown."""
        return ProcessFailed(f"{self.name} {what}")


def watch(supervisor: Supervisor, settings: Settings, databases: Databases) -> None:
    """Start again whatever ends by itself; raises ProcessFailed when one ends too often."""
    services = [DatabaseService(databases.server)] if databases.server else []
    supervisor.watch(*services, policy=RestartPolicy(most=settings.most_restarts))


def beside(url: str) -> str:
    """Give Dagster's database on the same server: `<database>_dagster`."""
    parsed = make_url(url)
    return parsed.set(database=f"{parsed.database}_dagster").render_as_string(hide_password=False)


def prepare(settings: Settings) -> None:
    """Bring both databases up to date, check the identifier secret, save the default EHR.

    Raises ConfigurationError when the database was first used with another identifier secret.
    """
    if settings.database_url is None or settings.dagster.database_url is None:
        message = "OHX_DATABASE_URL is not set."
        raise ConfigurationError(message)
    for url in (settings.database_url, settings.dagster.database_url):
        ensure_database(url)
    migrate(settings.database_url)
    store = store_from(settings)
    try:
        store.check_identifier_secret()
        save_default_ehr(store, settings.ehr)
        _warn_above_bound(settings, len(store.statuses()))
    finally:
        store.close()


def with_databases(settings: Settings, databases: Databases) -> Settings:
    """Give the settings with both addresses filled in."""
    dagster = settings.dagster.model_copy(update={"database_url": databases.dagster})
    return settings.model_copy(update={"database_url": databases.ohx, "dagster": dagster})


def child_environment(settings: Settings, base: Mapping[str, str]) -> dict[str, str]:
    """Give the children's environment: `base`, the addresses, and Dagster's own switches."""
    return {
        **base,
        "OHX_DATABASE_URL": settings.database_url or "",
        "OHX_DAGSTER__DATABASE_URL": settings.dagster.database_url or "",
        "DAGSTER_HOME": str(dagster_home(settings)),
        # Errors of our code are replaced by an id: their text could hold a reading.
        "DAGSTER_REDACT_USER_CODE_ERRORS": "1",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        # Planned events in batches: five times fewer round trips for a run of many partitions.
        "DAGSTER_EVENT_BATCH_SIZE": "500",
        # Ticks that a backfill may lose to a database or code server that comes and goes.
        "DAGSTER_MAX_BACKFILL_RETRIES": "30",
        "PYTHONUNBUFFERED": "1",
    }


def dagster_home(settings: Settings) -> Path:
    """Give Dagster's home in the state folder."""
    return settings.state_dir.resolve() / "dagster"


def start_portal(supervisor: Supervisor, settings: Settings, env: Mapping[str, str]) -> Child:
    """Start the link page and wait until it answers."""
    child = supervisor.start("portal", [sys.executable, "-m", "oauth_portal"], env, restart=True)
    address = f"http://{settings.portal.host}:{settings.portal.port}/healthz"
    wait_until(child, answers_http(address))
    return child


def start_dagster(supervisor: Supervisor, settings: Settings, env: Mapping[str, str]) -> None:
    """Start code server, web server and daemon, and wait until the UI answers."""
    home, port = dagster_home(settings), free_port()
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(instance_configuration(settings))
    workspace = home / "workspace.yaml"
    workspace.write_text(_workspace(port))
    # Made before anybody else looks: two processes that both make Dagster's tables break each other.
    finish(supervisor.start("tables", _dagster("dagster", "instance", "migrate"), env))
    code = supervisor.start("code", _code_server(port), env, restart=True)
    wait_until(code, listens("127.0.0.1", port))
    web = supervisor.start("dagster", _web_server(settings, workspace), env, restart=True)
    daemon = _dagster("dagster-daemon", "run", "-w", str(workspace))
    supervisor.start("daemon", daemon, env, restart=True)
    wait_until(web, answers_http(f"{dagster_address(settings)}/server_info"))


def instance_configuration(settings: Settings) -> str:
    """Give `dagster.yaml` with what the settings say: its numbers take no environment variable."""
    configuration = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text())
    configuration["run_retries"]["max_retries"] = settings.dagster.run_retries
    return yaml.safe_dump(configuration, sort_keys=False)


def dagster_address(settings: Settings) -> str:
    """Give the address of the Dagster UI."""
    return f"http://{settings.dagster.host}:{settings.dagster.port}"


def announce(text: str) -> None:
    """Say what happens, on stderr: stdout is for results."""
    click.echo(text, err=True)


def inherited_environment() -> dict[str, str]:
    """Give the environment of this process."""
    return dict(os.environ)


def _dagster(program: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).parent / program), *arguments]


def _code_server(port: int) -> list[str]:
    module = "ohx_pipelines.definitions"
    options = ("--host", "127.0.0.1", "--port", str(port), "--location-name", "ohx_pipelines")
    return _dagster("dagster", "api", "grpc", "--module-name", module, *options)


def _web_server(settings: Settings, workspace: Path) -> list[str]:
    host, port = settings.dagster.host, str(settings.dagster.port)
    return _dagster("dagster-webserver", "-w", str(workspace), "-h", host, "-p", port)


def _workspace(port: int) -> str:
    return (
        "load_from:\n  - grpc_server:\n      host: 127.0.0.1\n"
        f"      port: {port}\n      location_name: ohx_pipelines\n"
    )


def _warn_above_bound(settings: Settings, links: int) -> None:
    partitions = links * settings.partition_days
    if partitions > MOST_PARTITIONS:
        announce(
            f"Warning: {links} links x {settings.partition_days} days are {partitions} partitions; "
            f"Dagster advises at most {MOST_PARTITIONS}. Lower OHX_PARTITION_DAYS."
        )
