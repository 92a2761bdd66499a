"""The link store for a command: from a named database, or from an `ohx up` that is running.

Belongs here: finding and opening the store. Not here: what commands do with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ohx_pipelines.cli.stack import DATABASE
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.private_postgres import running_url
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import store_from
from ohx_pipelines.settings import Settings


@contextmanager
def opened_store(settings: Settings) -> Iterator[LinkStore]:
    """Open the store and close it again.

    Raises ConfigurationError when no database is named and no private PostgreSQL runs.
    """
    store = store_from(_with_private_database(settings))
    try:
        yield store
    finally:
        store.close()


def _with_private_database(settings: Settings) -> Settings:
    if settings.database_url is not None:
        return settings
    url = running_url(settings.state_dir.resolve() / "postgres", DATABASE)
    if url is None:
        message = (
            "OHX_DATABASE_URL is not set and no private PostgreSQL runs here: "
            "start `ohx up` first, or name the database."
        )
        raise ConfigurationError(message)
    return settings.model_copy(update={"database_url": url})
