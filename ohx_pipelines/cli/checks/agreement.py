"""Ledger and Dagster agree about every link-day.

Belongs here: telling a comparison. Not here: making it (`cli/agreement.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from ohx_pipelines.cli.agreement import Agreement, LinkDay, compare
from ohx_pipelines.cli.checks.finding import MOST_NAMED, Finding, failed, ok, some_of
from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import provider_facts
from ohx_pipelines.settings import Settings


def check_agreement(api: DagsterApi, store: LinkStore, settings: Settings) -> list[Finding]:
    """Compare the link-days of every provider that is set up."""
    return [tell_agreement(compare(api, store, facts.name)) for facts in provider_facts(settings)]


def tell_agreement(agreement: Agreement) -> Finding:
    """Give counts, and at most twenty link-days that disagree."""
    name, counts = f"agreement {agreement.provider}", _counts(agreement)
    told = f"{agreement.compared} link-days of {agreement.links} links compared{_apart(agreement)}"
    if not agreement.disagreeing:
        return ok(name, f"{told}; all agree", **counts)
    parts = (
        ("the ledger says done, Dagster is not green", agreement.ledger_alone),
        ("Dagster is green, the ledger has a failure or nothing", agreement.dagster_alone),
    )
    found = "; ".join(f"{len(days)} where {what}: {named(days)}" for what, days in parts if days)
    return failed(name, f"{told}; {found}", _advice(agreement), **counts)


def named(days: Iterable[LinkDay]) -> str:
    """Name link-days as Dagster does, the first twenty."""
    return some_of(key(day) for day in sorted(days))


def key(link_day: LinkDay) -> str:
    """Give a link-day as Dagster writes it."""
    return f"{link_day[0].isoformat()}|{link_day[1]}"


def _apart(agreement: Agreement) -> str:
    syncing, left_out = len(agreement.syncing), _left_out(agreement)
    now = f", {syncing} being synced now" if syncing else ""
    return now + (f" (left out: {left_out})" if left_out else "")


def _left_out(agreement: Agreement) -> str:
    counted = (
        (agreement.outside_window, "days outside Dagster's window"),
        (agreement.without_partition, "links without a partition"),
        (agreement.ended_links, "links that are or will be unlinked"),
    )
    return ", ".join(f"{n} {what}" for n, what in counted if n)


def _advice(agreement: Agreement) -> str:
    apart = agreement.disagreeing - agreement.repairable
    first = "Run `ohx doctor --repair`: it has exactly these link-days synced again."
    if not apart:
        return first
    links = some_of(sorted({link for _, link in apart}))
    second = f"No day of {links} can be synced before the patient connects the account again."
    return f"{first} {second}" if agreement.repairable else second


def _counts(agreement: Agreement) -> dict[str, object]:
    return {
        "compared": agreement.compared,
        "links": agreement.links,
        "syncing": len(agreement.syncing),
        "outside_window": agreement.outside_window,
        "without_partition": agreement.without_partition,
        "ended_links": agreement.ended_links,
        "ledger_alone": len(agreement.ledger_alone),
        "dagster_alone": len(agreement.dagster_alone),
        "examples": [key(day) for day in sorted(agreement.disagreeing)[:MOST_NAMED]],
    }
