"""`ohx doctor --repair`: what it asks of Dagster and what it says that came of it.

Belongs here: the command's road through one repair, and its words. Not here: the comparison and the
backfill (`agreement.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from ohx_pipelines.cli.agreement import Agreement, Repair, compare, launch, repair
from ohx_pipelines.cli.checks.agreement import key, named
from ohx_pipelines.cli.checks.dagster import check_daemons, check_partitions
from ohx_pipelines.cli.checks.finding import MOST_NAMED, Level
from ohx_pipelines.cli.dagster_api import DagsterApi, DagsterFailed
from ohx_pipelines.cli.stack import announce, dagster_address
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import provider_facts
from ohx_pipelines.settings import load_settings


def repair_all(*, as_json: bool, wait_seconds: float | None) -> bool | None:
    """Repair each provider's link-days; tells whether nothing disagrees any more.

    Without `wait_seconds` it launches and leaves: None says that nobody has seen what came of it.
    """
    settings = load_settings()
    api = DagsterApi(dagster_address(settings))
    with opened_store(settings) as store:
        names = [facts.name for facts in provider_facts(settings)]
        told = [_repair_one(api, store, name, wait_seconds) for name in names]
        # A link that is no partition has no day that a backfill could mend.
        for finding in check_partitions(api, store, settings):
            if finding.level is Level.FAILED:
                announce(f"{finding.name}: {finding.found}. {finding.advice}")
    ok = _together([one["ok"] for one in told])
    if as_json:
        click.echo(json.dumps({"ok": ok, "repairs": told}))
    else:
        click.echo("\n".join(one["said"] for one in told))
    return ok


def _together(results: Sequence[bool | None]) -> bool | None:
    """Give False when one failed, else None when the result of one was not seen, else True."""
    if all(results):
        return True
    return False if False in results else None


def _repair_one(
    api: DagsterApi, store: LinkStore, provider: str, wait_seconds: float | None
) -> dict[str, Any]:
    before = compare(api, store, provider)
    apart = before.disagreeing - before.repairable
    left = {"provider": provider, "not_repairable": [key(day) for day in sorted(apart)]}
    if not before.repairable:
        return {**left, "ok": not apart, "asked": 0, "said": _nothing(before)}
    _refuse_without_daemon(api)
    if wait_seconds is None:
        backfill, asked = launch(api, before), len(before.repairable)
        said = (
            f"Launched backfill {backfill}: {asked} link-days are asked for, and nothing is seen "
            f"to be mended yet; look again when it has ended.{_not_repaired(before)}"
        )
        ok = False if apart else None
        return {**left, "ok": ok, "asked": asked, "backfill": backfill, "said": said}
    done = repair(api, store, before, told=announce, wait_seconds=wait_seconds)
    mended = done.agreeing == done.asked and not apart
    numbers = asdict(done) | {"disagreeing": [key(day) for day in done.disagreeing[:MOST_NAMED]]}
    return {**left, "ok": mended, **numbers, "said": result(done) + _not_repaired(before)}


def result(done: Repair) -> str:
    """Say what a repair changed, and nothing that was not seen to be done."""
    asked = "" if done.synced_again == done.asked else f"of {done.asked} asked for, "
    said = f"{asked}{done.synced_again} link-days were synced again (backfill {done.backfill}): "
    said += f"{done.agreeing} agree now{_as_failures(done.failures)}"
    other = done.asked - done.agreeing
    if other:
        said += f", {other} still do not"
    if done.disagreeing:
        said += f": {named(done.disagreeing)}"
    if not done.ended:
        said += ". The backfill has not ended: look again when it has"
    return f"{said}."


def _as_failures(failures: Mapping[str, int]) -> str:
    words = ", ".join(f"{n} {word}" for word, n in sorted(failures.items()))
    return f" (as failures: {words})" if words else ""


def _nothing(before: Agreement) -> str:
    if before.disagreeing:
        return f"Nothing can be repaired for {before.provider}.{_not_repaired(before)}"
    now = f" ({len(before.syncing)} more are being synced now)" if before.syncing else ""
    return f"Nothing to repair for {before.provider}: all {before.compared} link-days agree{now}."


def _not_repaired(before: Agreement) -> str:
    apart = before.disagreeing - before.repairable
    if not apart:
        return ""
    why = "the patient must connect the account again first"
    return f" {len(apart)} disagree and cannot be synced, {why}: {named(apart)}."


def _refuse_without_daemon(api: DagsterApi) -> None:
    [finding] = check_daemons(api)
    if finding.level is Level.FAILED:
        message = f"Nothing was launched: {finding.found}. {finding.advice}"
        raise DagsterFailed(message)
