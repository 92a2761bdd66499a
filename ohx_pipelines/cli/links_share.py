"""`ohx links share`: which data types a link shares, looked at or changed at the patient's wish.

Belongs here: the command. Not here: the store, or the boxes of the link page (`oauth_portal/`).
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.cli.who import operator
from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.records import ENDED, LinkStatus
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import sources_from
from ohx_pipelines.providers.base import DataType
from ohx_pipelines.settings import Settings, load_settings

_ROW = "{:<24}{:<8}{}"


@click.command("share")
@click.argument("link")
@click.option("--types", "named", metavar="A,B", help="Share these data types and no others.")
def share(*, link: str, named: str | None) -> None:
    """Show what LINK shares, or share just --types from now on.

    What is no longer shared is not read any more, neither from the vendor nor from a file, also by
    a sync that is running.
    What is in the EHR stays there.
    """
    settings = load_settings()
    with opened_store(settings) as store:
        offered = _offered(store, _living(store, link), settings)
        if named is not None:
            _share(store, link, _chosen(named, offered, link))
        shared = _living(store, link).data_types
    click.echo(_ROW.format("DATA TYPE", "SHARED", "WHAT"))
    for one in offered:
        click.echo(_ROW.format(one.name, "yes" if one.name in shared else "no", one.title))


def _living(store: LinkStore, link: str) -> LinkStatus:
    found = next(iter(store.statuses(link_id=link)), None)
    if found is None:
        message = f"There is no link {link}: see `ohx links list`."
        raise NotFound(message)
    if found.state in ENDED:
        message = f"Link {link} is {found.state.value}: nothing of it is shared."
        raise NotFound(message)
    return found


def _offered(store: LinkStore, link: LinkStatus, settings: Settings) -> tuple[DataType, ...]:
    provider = sources_from(settings, store).get(link.provider)
    if provider is None:
        message = f"{link.provider} is not set up here: nothing of the link is read."
        raise NotFound(message)
    return provider.facts.data_types


def _chosen(named: str, offered: Iterable[DataType], link: str) -> list[str]:
    """Give the names of a list, in the vendor's order."""
    names = {one.strip() for one in named.split(",")} - {""}
    if not names:
        message = f"To share nothing, end the link: `ohx links unlink {link}`."
        raise click.UsageError(message)
    known = [one.name for one in offered]
    if not names <= set(known):
        message = f"--types takes {', '.join(known)}."
        raise click.UsageError(message)
    return [name for name in known if name in names]


def _share(store: LinkStore, link: str, chosen: list[str]) -> None:
    if not store.share(link, chosen, who=operator()):
        click.echo(f"Nothing was changed: this is what link {link} shares already.")
        return
    click.echo(
        f"Link {link} shares this from now on. The Consent in the EHR follows by itself while "
        "Dagster's daemon runs."
    )
