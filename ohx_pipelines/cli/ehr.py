"""`ohx ehr`: the EHR connections.

Belongs here: listing, adding, choosing how and what is written. Not here: the store or FHIR, trying
one out (`ehr_check.py`), keys (`ehr_keys.py`), erasing (`ehr_erase.py`).
"""

from __future__ import annotations

import click
from pydantic import ValidationError

from ohx_pipelines.cli.ehr_check import check
from ohx_pipelines.cli.ehr_erase import erase
from ohx_pipelines.cli.ehr_keys import keys
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.ehr_settings import (
    AUTH_KINDS,
    NOTHING,
    SCOPE,
    WRITE_MODES,
    EhrSettings,
    left_out_types,
)
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.opening import save_ehr
from ohx_pipelines.settings import load_settings

HEAD = ("NAME", "URL", "AUTH", "WRITE MODE", "CHECKED", "LEFT OUT")
# Which setting the one secret of a kind is, and what it is called when it is asked for.
_SECRETS = {
    "bearer": ("token", "Bearer token"),
    "basic": ("password", "Password"),
    "client_credentials_basic": ("client_secret", "Client secret"),
    "client_credentials_body": ("client_secret", "Client secret"),
}
_NAMED = {"basic": "username"} | dict.fromkeys(
    ("client_credentials_basic", "client_credentials_body", "smart_backend"), "client_id"
)


@click.group()
def ehr() -> None:
    """List, add and try out EHR connections, choose what they are given, make keys, erase."""


ehr.add_command(check)
ehr.add_command(keys)
ehr.add_command(erase)


@ehr.command("list")
def list_connections() -> None:
    """List the EHR connections, without their credentials."""
    with opened_store(load_settings()) as store:
        rows = [HEAD, *(_row(connection) for connection in store.ehrs())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


@ehr.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--auth", type=click.Choice(AUTH_KINDS), default="none", show_default=True)
@click.option("--username", help="User name (auth=basic).")
@click.option("--client-id", help="Client id (auth=client_credentials_*, smart_backend).")
@click.option("--token-url", help="Token endpoint; without it, the EHR is asked for it.")
@click.option("--scope", default=SCOPE, show_default=True, help="Scope asked for there.")
@click.option("--write-mode", type=click.Choice(WRITE_MODES), help="Without it, as it was.")
@click.option("--leave-out", help="Types it is not given, with commas, or none; else as it was.")
@click.option("--timeout-seconds", type=float, default=30.0, show_default=True)
def add_connection(name: str, url: str, *, auth: str, **options: str | float | None) -> None:
    """Add the EHR connection NAME at URL, or change it; its secret is asked for."""
    named = _NAMED.get(auth)
    if named and not options[named]:
        message = f"--auth {auth} needs --{named.replace('_', '-')}"
        raise click.UsageError(message)
    settings = load_settings()
    given: dict[str, object] = {"name": name, "url": url, "auth": auth, **options}
    if auth in _SECRETS:
        setting, asked = _SECRETS[auth]
        _checked(given | {setting: "-"})
        given[setting] = click.prompt(asked, hide_input=True)
    ehr = _checked(given)
    with opened_store(settings) as store:
        save_ehr(store, ehr)
    click.echo(f"EHR connection {name} is saved.")
    if auth == "smart_backend":
        click.echo(f"`ohx ehr keys {name}` makes or shows the key that signs for it.")
    if name == settings.ehr.name:
        click.echo("It is the default connection: the next start sets it as OHX_EHR__* say.")


@ehr.command("mode")
@click.argument("name")
@click.argument("mode", type=click.Choice(WRITE_MODES))
def choose_mode(name: str, mode: str) -> None:
    """Write to the EHR connection NAME in MODE from now on; `ohx ehr check` advises one."""
    settings = load_settings()
    with opened_store(settings) as store:
        store.set_write_mode(name, mode)
    click.echo(f"EHR connection {name} is written in mode {mode}.")
    if name == settings.ehr.name and settings.ehr.write_mode not in {None, mode}:
        click.echo("OHX_EHR__WRITE_MODE says another one, which counts again at the next start.")


@ehr.command("leave-out")
@click.argument("name")
@click.argument("types")
def leave_out(name: str, types: str) -> None:
    """Give the EHR connection NAME none of TYPES from now on (with commas between them, or `none`).

    DeviceDefinition, DeviceAssociation, Provenance and Consent can be left out. What is there
    already stays there.
    """
    try:
        left_out = left_out_types(types)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TYPES") from None
    settings = load_settings()
    with opened_store(settings) as store:
        store.set_left_out(name, left_out)
    click.echo(f"EHR connection {name} is not given: {', '.join(left_out) or NOTHING}.")
    if name == settings.ehr.name and settings.ehr.left_out not in {None, left_out}:
        click.echo("OHX_EHR__LEAVE_OUT says otherwise, which counts again at the next start.")


def _checked(given: dict[str, object]) -> EhrSettings:
    try:
        return EhrSettings.model_validate(given)
    except ValidationError as error:
        problems = [
            f"{one['loc'][-1] if one['loc'] else 'auth'}: {_said(one['msg'])}"
            for one in error.errors()
        ]
    raise ConfigurationError("; ".join(problems))


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _row(connection: EhrConnection) -> tuple[str, ...]:
    checked = f"{connection.checked_at:%Y-%m-%d %H:%MZ}" if connection.checked_at else "-"
    return (
        connection.name,
        connection.url,
        connection.auth,
        connection.write_mode,
        checked,
        ",".join(connection.leave_out) or "-",
    )
