"""The store's tables, brought up to date by Alembic from inside the program.

Belongs here: running migrations, making the database. Not here: the migrations themselves.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from ohx_pipelines.errors import ConfigurationError

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number of ours: two processes that start at once migrate one after the other.
LOCK = 72_623_859_790_382_856


def migrate(database_url: str) -> None:
    """Bring the tables to the newest revision."""
    engine = create_engine(database_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()


def current_revision(database_url: str) -> str | None:
    """Give the revision of the tables, None for an empty database."""
    engine = create_engine(database_url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def known_revisions() -> list[str]:
    """Give every revision that this program knows, newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()]


def ensure_database(database_url: str) -> None:
    """Make the database when it is missing.

    Raises ConfigurationError when the server does not answer or does not permit it.
    """
    url = make_url(database_url)
    if _exists(database_url):
        return
    engine = create_engine(
        url.set(database="postgres"), isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    name = engine.dialect.identifier_preparer.quote_identifier(url.database or "")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except DBAPIError:
        made = _exists(database_url)  # by another process that started at once
    else:
        made = True
    finally:
        engine.dispose()
    if not made:
        message = f"database {url.database!r} on {url.host or 'the server'} cannot be made"
        raise ConfigurationError(f"{message}: create it, or grant the user CREATEDB.")


def _exists(database_url: str) -> bool:
    engine = create_engine(database_url, hide_parameters=True)
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
