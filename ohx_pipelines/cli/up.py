"""`ohx up`: everything on one machine, for real, by settings alone.

Belongs here: the command. Not here: the processes (`stack.py`).
"""

from __future__ import annotations

import signal
from contextlib import ExitStack
from types import FrameType

import click

from ohx_pipelines.cli.stack import (
    announce,
    child_environment,
    dagster_address,
    inherited_environment,
    open_databases,
    prepare,
    start_dagster,
    start_portal,
    watch,
    with_databases,
)
from ohx_pipelines.cli.supervisor import Supervisor
from ohx_pipelines.core_dumps import forbid_core_dumps
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.quiet_logs import log_to_stderr
from ohx_pipelines.settings import load_settings


@click.command()
@click.option("--quiet", is_flag=True, help="Do not show what the processes print.")
def up(*, quiet: bool) -> None:
    """Start PostgreSQL (unless a database is named), the link page and Dagster."""
    given = load_settings()
    # A fault in the site's file is told now, not by the first run of the night.
    load_mapping(given.mapping_file)
    forbid_core_dumps()
    log_to_stderr(given.log_level)
    end_on_signals()
    with ExitStack() as stack:
        databases = open_databases(given, stack)
        settings = with_databases(given, databases)
        announce("Databases: bringing them up to date …")
        prepare(settings)
        supervisor = stack.enter_context(Supervisor(verbose=not quiet))
        env = child_environment(settings, inherited_environment())
        start_portal(supervisor, settings, env)
        start_dagster(supervisor, settings, env)
        announce(f"Link page   {settings.portal.url}")
        announce(f"Dagster UI  {dagster_address(settings)}")
        announce(f"EHR         {settings.ehr.url}")
        announce("Ctrl-C ends everything.")
        try:
            watch(supervisor, settings, databases)
        except KeyboardInterrupt:
            announce("Ending …")


def end_on_signals() -> None:
    """Make SIGTERM end the command as Ctrl-C does, so that every child is ended too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
