"""`ohx migrate`: the link store's tables, brought up to date.

Belongs here: the command. Not here: migrations (`links/migrations/`).
"""

from __future__ import annotations

import click

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.migrate import current_revision, ensure_database
from ohx_pipelines.links.migrate import migrate as upgrade
from ohx_pipelines.settings import load_settings


@click.command()
def migrate() -> None:
    """Create the database if it is missing and bring its tables up to date."""
    url = load_settings().database_url
    if url is None:
        message = "OHX_DATABASE_URL is not set; `ohx up` migrates its private PostgreSQL itself."
        raise ConfigurationError(message)
    ensure_database(url)
    upgrade(url)
    click.echo(f"The database is at revision {current_revision(url)}.")
