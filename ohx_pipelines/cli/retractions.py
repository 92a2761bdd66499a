"""`ohx retractions`: what would be retracted and waits, and an engineer's word that it may be.

Belongs here: the commands. Not here: what is held (`fhir/retractions.py`) or retracted (`sync.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import click

from ohx_pipelines.cli.dagster_api import DagsterApi, DagsterFailed
from ohx_pipelines.cli.stack import dagster_address
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.cli.who import operator
from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.records import ENDED, LinkState
from ohx_pipelines.links.retractions import HeldRetraction
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.settings import Settings, load_settings

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_ROW = "{:<14}{:<15}{:<12}{:>6}  {:<38}{:<22}{:<22}{}"
_HEAD = ("LINK", "PROVIDER", "DAY", "HELD", "RUN", "SEEN", "LAST SUCCESS", "CONFIRMED")


@click.group()
def retractions() -> None:
    """Look at held retractions: what vendors do not list any more and the EHR still has."""


@retractions.command("list")
@click.option("--link", "only", metavar="ID", help="Only this link.")
def list_retractions(*, only: str | None) -> None:
    """List the held days: counts and times, never a reading."""
    with opened_store(load_settings()) as store:
        if only is not None:
            _refuse_unknown(store, only)
        held = store.held_retractions(only)
    click.echo(_table(held))


@retractions.command("confirm")
@click.option("--link", required=True, metavar="ID", help="Of this link.")
@click.option("--from", "first", required=True, type=_DAY, help="First local day, YYYY-MM-DD.")
@click.option("--to", "last", required=True, type=_DAY, help="Last local day, included.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def confirm(*, link: str, first: datetime, last: datetime, yes: bool) -> None:
    """Allow a link's held retractions of these days, and have the days synced again.

    No more are retracted than are shown here: a day of which more would go is held again.
    """
    if last < first:
        message = "--to lies before --from"
        raise click.UsageError(message)
    settings = load_settings()
    with opened_store(settings) as store:
        held = _held_within(store, link, first.date(), last.date())
        click.echo(_table(held))
        counted = f"{sum(one.count for one in held)} Observations of {len(held)} days"
        if not yes:
            click.confirm(f"Mark {counted} as entered in error in the EHR?", abort=True)
        who = operator()
        store.confirm_retractions(link, {one.day: one.count for one in held}, who=who)
        state = store.link_state(link)
    click.echo(f"Confirmed by {who}: at most {counted}.")
    click.echo(_have_synced(settings, held, state))


def _held_within(store: LinkStore, link: str, first: date, last: date) -> list[HeldRetraction]:
    _refuse_unknown(store, link)
    held = [one for one in store.held_retractions(link) if first <= one.day <= last]
    if not held:
        message = (
            f"Nothing of link {link} is held from {first} to {last}: see `ohx retractions list`."
        )
        raise NotFound(message)
    return held


def _refuse_unknown(store: LinkStore, link: str) -> None:
    """Raise NotFound for a link that does not exist or is ended, and say which."""
    rows = store.statuses(link_id=link)
    if not rows:
        message = f"There is no link {link}: see `ohx links list`."
        raise NotFound(message)
    if rows[0].state in ENDED:
        message = f"Link {link} is {rows[0].state.value}: nothing is retracted for it any more."
        raise NotFound(message)


def _have_synced(settings: Settings, held: Sequence[HeldRetraction], state: LinkState) -> str:
    """Launch a backfill of exactly these link-days; says what happens now."""
    link, provider = held[0].link_id, held[0].provider
    if state is not LinkState.ACTIVE:
        return f"Link {link} is {state.value}: its next sync, when it is active again, does it."
    api = DagsterApi(dagster_address(settings))
    keys = [f"{one.day.isoformat()}|{link}" for one in held]
    try:
        launched = api.launch_backfill(provider, keys, title=f"Confirmed retractions of {link}")
    except DagsterFailed as error:
        days = f"--from {held[0].day} --to {held[-1].day}"
        return (
            f"{error} The next sync of these days does it: the nightly one reads the last "
            f"{settings.sync.look_back_days} days, for others run "
            f"`ohx backfill --provider {provider} --link {link} {days}`."
        )
    return f"Backfill {launched}: {len(keys)} link-days. Watch it at {api.backfill_page(launched)}"


def _table(held: Sequence[HeldRetraction]) -> str:
    if not held:
        return "Nothing is held."
    lines = [_ROW.format(*_HEAD)]
    for one in held:
        times = (_time(one.seen_at), _time(one.last_success_at))
        confirmed = "-" if one.confirmed is None else f"at most {one.confirmed}"
        about = (one.link_id, one.provider, one.day.isoformat(), one.count, one.run_id)
        lines.append(_ROW.format(*about, *times, confirmed))
    return "\n".join(lines)


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z" if moment else "-"
