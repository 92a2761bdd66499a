"""`ohx links`: what is linked, when it last worked, how a link is ended, and who did what.

Belongs here: the commands. Not here: the store, or the order of unlinking (`unlinking.py`).
"""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import replace
from datetime import UTC

import click

from ohx_pipelines.cli.links_share import share
from ohx_pipelines.cli.links_webhook import webhook
from ohx_pipelines.cli.provider_name import ProviderName
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.audit import AuditEntry
from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import sources_from
from ohx_pipelines.opening_records import opened_records
from ohx_pipelines.providers.registry import file_facts, file_sources, provider_facts
from ohx_pipelines.settings import load_settings
from ohx_pipelines.unlinking import (
    Unlinked,
    finish_unlink,
    finish_without_vendor,
)

_ROW = "{:<14}{:<15}{:<14}{:<22}{:<20}{:<18}{}"
_LOG_ROW = "{:<22}{:<26}{:<20}{:<14}{:<15}{}"
_ENDS = "Syncing stops at once. Readings in the EHR stay there; Consent and DeviceAssociations end."


@click.group()
def links() -> None:
    """Look at provider links, end one, read what was done to them."""


@links.command("list")
@click.option(
    "--provider",
    type=ProviderName([*provider_facts(), *file_facts()]),
    help="Only this provider's links.",
)
def list_links(*, provider: str | None) -> None:
    """List the links: opaque ids, states and times; never a person or a reading.

    EHR COPY says whether the EHR holds what the patient shares and the devices as they are now,
    and after the end that it has ended; `due` with a word why not yet. LAST SUCCESS of a link that
    files make is when one was published last.
    """
    with opened_store(load_settings()) as store:
        rows = store.statuses(provider=provider)
    head = ("LINK", "PROVIDER", "STATE", "ZONE", "LAST SUCCESS", "LAST OUTCOME", "EHR COPY")
    click.echo(_ROW.format(*head))
    for row in rows:
        click.echo(_line(row))


@links.command("unlink")
@click.argument("link")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option(
    "--without-vendor",
    is_flag=True,
    help="Destroy the keys even if the vendor still refuses or cannot be told.",
)
def unlink(*, link: str, yes: bool, without_vendor: bool) -> None:
    """End LINK for good: tell the vendor, destroy tokens and data key, tell the EHR.

    Readings that are in the EHR stay there; Consent and DeviceAssociations end. Exit status 0 means
    that no key is left (looked up) and that the EHR has taken note.
    """
    settings = load_settings()
    with opened_store(settings) as store:
        provider, vendors = _found(store, link).provider, sources_from(settings, store)
        is_set_up = provider in vendors
        if store.link_state(link) is not LinkState.UNLINKED:
            click.echo(f"Link {link}: {_what_happens(provider, is_set_up=is_set_up)} {_ENDS}")
            _ask(provider, yes=yes, without_vendor=without_vendor)
        who = f"operator {_user()}"
        asked = store.begin_unlink(link, who=who) is LinkState.UNLINKING
        if asked:
            click.echo(_stopped(provider, is_set_up=is_set_up))
        with opened_records(settings, store, vendors) as records:
            ended = finish_unlink(store, vendors.get(provider), link, who=who, records=records)
        if asked and ended.done:
            click.echo(_revoked(provider))
        if ended.waits and without_vendor:
            ended = _destroy_untold(store, link, ended, who=who)
    looked_after = {one.name for one in [*provider_facts(settings), *file_facts(settings)]}
    _report(link, provider, ended, is_set_up=provider in looked_after)


@links.command("log")
@click.argument("link", required=False)
def log(*, link: str | None) -> None:
    """Show who did what to the links (or to LINK), and when, oldest first."""
    with opened_store(load_settings()) as store:
        entries = store.audit(link_id=link)
    click.echo(_LOG_ROW.format("WHEN", "WHO", "WHAT", "LINK", "PROVIDER", "DETAIL"))
    for entry in entries:
        click.echo(_log_line(entry))


links.add_command(share)
links.add_command(webhook)


def _found(store: LinkStore, link: str) -> LinkStatus:
    rows = store.statuses(link_id=link)
    if not rows:
        message = f"There is no link {link}: see `ohx links list`."
        raise NotFound(message)
    return rows[0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return str(os.getuid())


def _what_happens(provider: str, *, is_set_up: bool) -> str:
    if not is_set_up:
        return f"{_not_set_up(provider)} and cannot be told."
    if provider in file_sources():
        return "files made it, so no vendor knows of it; its data key is destroyed."
    return f"{provider} is told to revoke the permission, then tokens and data key are destroyed."


def _stopped(provider: str, *, is_set_up: bool) -> str:
    if provider in file_sources():
        return "No file is taken any more."
    return "Syncing has stopped." + f" Telling {provider} ..." * is_set_up


def _revoked(provider: str) -> str:
    if provider in file_sources():
        return "No vendor had to be told."
    return f"{provider} has revoked the permission."


def _ask(provider: str, *, yes: bool, without_vendor: bool) -> None:
    if without_vendor and provider not in file_sources():
        click.echo(
            f"If {provider} cannot be told or refuses, the keys are destroyed all the same. {provider} has then "
            "not been told, and nothing here can tell it later."
        )
    if not yes:
        click.confirm("Unlink it?", abort=True)


def _destroy_untold(store: LinkStore, link: str, failed: Unlinked, *, who: str) -> Unlinked:
    click.echo(f"The vendor did not revoke ({failed.code}). Destroying the keys all the same.")
    ended = finish_without_vendor(store, link, who=who)
    click.echo(
        "The vendor was NOT told. The patient can still remove this application in the account "
        "settings there."
    )
    return replace(ended, ehr_code=failed.ehr_code)


def _not_set_up(provider: str) -> str:
    return f"{provider} is not set up here (OHX_{provider.upper()}__...)"


def _report(link: str, provider: str, ended: Unlinked, *, is_set_up: bool) -> None:
    """Say how it ended, and end with status 1 unless all is done."""
    if ended.done:
        click.echo(f"Link {link} is unlinked: no token and no data key is left.")
    if ended.ehr_code:
        again = (
            "It is told again by itself while Dagster's daemon runs"
            if is_set_up
            else f"Nothing tells it again by itself: run `ohx links unlink {link}` once more"
        )
        click.echo(
            f"ohx: the EHR has not taken note of the end yet ({ended.ehr_code}). {again}; `ohx "
            "links list` shows it until then.",
            err=True,
        )
    if ended.done:
        sys.exit(1 if ended.ehr_code else 0)
    if ended.waits and not is_set_up:
        said = (
            f"{_not_set_up(provider)} and was not told ({ended.code}). Link {link} stays unlinking: "
            "nothing is synced, its keys are kept, and nothing is tried again by itself. Set "
            f"{provider} up again and restart, then it is told; or end it with --without-vendor."
        )
    elif ended.waits:
        said = (
            f"{provider} did not revoke the permission ({ended.code}). Link {link} stays "
            "unlinking: nothing is synced, and it is tried again by itself while Dagster's daemon "
            "runs. If it is refused for days, use --without-vendor."
        )
    elif ended.state is LinkState.UNLINKED:
        said = f"link {link} is unlinked, but the database still holds a key of it: report this."
    else:
        said = (
            f"link {link} is {ended.state.value}: it was linked again meanwhile. Unlink it once "
            "more if it should end."
        )
    click.echo(f"ohx: {said}", err=True)
    sys.exit(1)


def _line(row: LinkStatus) -> str:
    last = f"{row.last_success_at:%Y-%m-%d %H:%M}Z" if row.last_success_at else "never"
    return _ROW.format(
        row.id,
        row.provider,
        row.state.value,
        row.zone or "-",
        last,
        row.last_outcome or "-",
        _copy(row),
    )


def _copy(row: LinkStatus) -> str:
    if row.record is RecordState.NONE:
        return "-"
    error = f" ({row.record_error})" if row.record_error else ""
    return f"{row.record.value}{error}"


def _log_line(entry: AuditEntry) -> str:
    return _LOG_ROW.format(
        f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
        entry.who,
        entry.what,
        entry.link_id or "-",
        entry.provider or "-",
        entry.detail or "-",
    )
