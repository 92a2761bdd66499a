"""`ohx links`: what is linked, and when it last worked.

Belongs here: the commands. Not here: the store.
"""

from __future__ import annotations

import click

from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.links.records import LinkStatus
from ohx_pipelines.settings import load_settings

_ROW = "{:<14}{:<12}{:<14}{:<22}{:<20}{}"


@click.group()
def links() -> None:
    """Look at provider links."""


@links.command("list")
@click.option("--provider", help="Only this provider's links.")
def list_links(*, provider: str | None) -> None:
    """List the links: opaque ids, states and times; never a person or a reading."""
    with opened_store(load_settings()) as store:
        rows = store.statuses(provider=provider)
    click.echo(_ROW.format("LINK", "PROVIDER", "STATE", "ZONE", "LAST SUCCESS", "LAST OUTCOME"))
    for row in rows:
        click.echo(_line(row))


def _line(row: LinkStatus) -> str:
    last = f"{row.last_success_at:%Y-%m-%d %H:%M}Z" if row.last_success_at else "never"
    return _ROW.format(
        row.id, row.provider, row.state.value, row.zone or "-", last, row.last_outcome or "-"
    )
