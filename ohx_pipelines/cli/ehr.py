"""`ohx ehr`: the EHR connections.

Belongs here: the commands. Not here: the store or FHIR.
"""

from __future__ import annotations

import click

from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.settings import EhrSettings, load_settings

_KINDS = click.Choice(["none", "bearer", "basic"])


@click.group()
def ehr() -> None:
    """List and add EHR connections."""


@ehr.command("list")
def list_connections() -> None:
    """List the EHR connections, without their credentials."""
    with opened_store(load_settings()) as store:
        for connection in store.ehrs():
            click.echo(f"{connection.name}\t{connection.url}\t{connection.auth}")


@ehr.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--auth", type=_KINDS, default="none", show_default=True)
@click.option("--username", help="User name (auth=basic).")
@click.option("--timeout-seconds", type=float, default=30.0, show_default=True)
def add_connection(
    name: str, url: str, *, auth: str, username: str | None, timeout_seconds: float
) -> None:
    """Add the EHR connection NAME at URL, or change it; the credential is asked for."""
    credential = None if auth == "none" else click.prompt("Credential", hide_input=True)
    checked = _checked_url(url)
    with opened_store(load_settings()) as store:
        store.save_ehr(
            name=name,
            url=checked,
            auth=auth,
            username=username,
            credential=credential,
            timeout_seconds=timeout_seconds,
        )
    click.echo(f"EHR connection {name} is saved.")


def _checked_url(url: str) -> str:
    try:
        return EhrSettings(url=url).url
    except ValueError:
        message = "URL must be https (http for 127.0.0.1 and localhost only)"
    raise ConfigurationError(message)
