"""`ohx backfill`: a range of days for some links, launched in Dagster.

Belongs here: the command. Not here: what a backfill does (Dagster and `assets/`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.provider_name import ProviderName
from ohx_pipelines.cli.stack import dagster_address
from ohx_pipelines.errors import NotFound
from ohx_pipelines.providers.registry import provider_facts
from ohx_pipelines.settings import load_settings

_DAY = click.DateTime(formats=["%Y-%m-%d"])


def partition_keys(links: list[str], first: date, last: date) -> list[str]:
    """Give the keys of every day from first to last for every link."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [f"{day.isoformat()}|{link}" for link in links for day in days]


@click.command()
@click.option("--provider", required=True, type=ProviderName(provider_facts()))
@click.option("--from", "first", required=True, type=_DAY, help="First local day, YYYY-MM-DD.")
@click.option("--to", "last", required=True, type=_DAY, help="Last local day, included.")
@click.option("--link", "only", multiple=True, help="Only this link; may be repeated.")
def backfill(*, provider: str, first: datetime, last: datetime, only: tuple[str, ...]) -> None:
    """Launch a backfill of a range of days through the running Dagster."""
    if last < first:
        message = "--to lies before --from"
        raise click.UsageError(message)
    api = DagsterApi(dagster_address(load_settings()))
    links = chosen_links(api.link_keys(provider), only)
    keys = partition_keys(links, first.date(), last.date())
    title = f"{provider} {first.date()} to {last.date()}"
    launched = api.launch_backfill(provider, keys, title=title)
    click.echo(f"Backfill {launched}: {len(keys)} link-days of {len(links)} links.")
    click.echo(f"Watch it at {api.backfill_page(launched)}")


def chosen_links(known: list[str], only: tuple[str, ...]) -> list[str]:
    """Give the wanted links; raises NotFound when one has no partition, or there is none."""
    unknown = [link for link in only if link not in known]
    if unknown:
        message = f"No partition for link {', '.join(unknown)}: see `ohx links list`."
        raise NotFound(message)
    if not known:
        message = "No link has a partition yet: link an account first, then wait half a minute."
        raise NotFound(message)
    return list(only) or known
