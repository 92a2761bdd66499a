"""`ohx doctor`: how the whole deployment is, and `--repair` for link-days on which stores differ.

Belongs here: the command and what it prints. Not here: the checks (`checks/`) or the comparison
(`agreement.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import click

from ohx_pipelines.cli.checks import Check, all_checks, check_settings
from ohx_pipelines.cli.checks.finding import Finding, Level, failed
from ohx_pipelines.cli.repairing import repair_all
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import ConfigurationError

# Most of the time goes by waiting for others.
AT_ONCE = 6
LONGEST_REPAIR_SECONDS = 1800.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--repair", is_flag=True, help="Sync link-days again on which the stores differ.")
@click.option(
    "--no-wait",
    is_flag=True,
    help="With --repair: launch it and do not wait. Exit status 0 then means launched for all that "
    "differs, 1 that something cannot be repaired.",
)
@click.option(
    "--wait-seconds",
    type=float,
    default=LONGEST_REPAIR_SECONDS,
    show_default=True,
    help="With --repair: how long to wait for it at most.",
)
def doctor(*, as_json: bool, repair: bool, no_wait: bool, wait_seconds: float) -> None:
    """Check settings, database, keys, EHRs, vendors, Dagster, clocks, and that both stores agree."""
    if no_wait and not repair:
        message = "--no-wait goes with --repair"
        raise click.UsageError(message)
    if repair:
        mended = repair_all(as_json=as_json, wait_seconds=None if no_wait else wait_seconds)
        sys.exit(1 if mended is False else 0)
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(line(finding))
    well = all(finding.level is not Level.FAILED for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": well, "checks": [_object(one) for one in findings]}))
    sys.exit(0 if well else 1)


def examine() -> Iterator[Finding]:
    """Make every check, several at once, and give the findings in their order."""
    finding, settings = check_settings()
    yield finding
    if settings is None:
        return
    with ExitStack() as stack:
        try:
            store = stack.enter_context(opened_store(settings))
        except ConfigurationError as error:
            store = None
            yield failed("database", str(error), "Start `ohx up`, or set OHX_DATABASE_URL.")
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        for findings in pool.map(Check.findings, all_checks(settings, store)):
            yield from findings


def line(finding: Finding) -> str:
    """Give a finding as one line: level, name, what was found, and what to do about it."""
    advice = f" → {finding.advice}" if finding.advice else ""
    return f"{finding.level.value:<9}{finding.name:<24}{finding.found}{advice}"


def _object(finding: Finding) -> dict[str, Any]:
    given = asdict(finding)
    return given | {"level": finding.level.value}
