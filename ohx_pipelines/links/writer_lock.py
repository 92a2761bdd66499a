"""One writer per patient and EHR, over all processes: a PostgreSQL advisory lock.

Belongs here: taking and giving back that lock. Not here: who needs it, and what is written
(`fhir/publish.py`). It lives in a transaction on a connection of its own: PgBouncer keeps that
together, and a process that dies gives the lock back with its connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial

from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ohx_pipelines.errors import WriterBusy

# A day's Bundles with all their pauses take less; who waits longer fails the day and comes again.
LONGEST_WAIT_SECONDS = 120.0
# We idle in the transaction on purpose while another machine is written to.
_KEEP = text("SET LOCAL idle_in_transaction_session_timeout = 0")
_PATIENCE = text("SELECT set_config('lock_timeout', :milliseconds, true)")
_TAKE = text("SELECT pg_advisory_xact_lock(:key)")


class WriterLocks:
    """The locks of one database; each holder and each who waits has one connection to it."""

    def __init__(
        self, database_url: str, *, longest_wait_seconds: float = LONGEST_WAIT_SECONDS
    ) -> None:
        """Connect as needed: no connection is pooled, so none is given back with a lock on it."""
        self._engine = create_engine(database_url, poolclass=NullPool, hide_parameters=True)
        self._longest_wait_seconds = longest_wait_seconds

    def for_ehr(self, connection_id: str) -> Callable[[str], AbstractContextManager[None]]:
        """Give the locks of one EHR connection, by what is written: a patient, or the devices."""
        return partial(self._held, connection_id)

    def for_link(self, link_id: str) -> AbstractContextManager[None]:
        """Give the lock of a link's copy in its EHR."""
        return self._held("link", link_id)

    @contextmanager
    def _held(self, connection_id: str, name: str) -> Iterator[None]:
        connection = self._engine.connect()
        try:
            self._take(connection, _number(connection_id, name))
            yield
        finally:
            # A connection that broke has given its lock back; what was written is written.
            with suppress(SQLAlchemyError):
                connection.close()

    def _take(self, connection: Connection, key: int) -> None:
        milliseconds = str(max(1, round(self._longest_wait_seconds * 1000)))
        connection.execute(_KEEP)
        connection.execute(_PATIENCE, {"milliseconds": milliseconds})
        try:
            connection.execute(_TAKE, {"key": key})
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
        else:
            return
        message = "another process writes for the same patient: run the day again"
        raise WriterBusy(message)


def _number(connection_id: str, name: str) -> int:
    """Give the lock's number: a digest, for a patient's id has no place in the database."""
    digest = hashlib.sha256(f"ohx writer\0{connection_id}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
