"""The EHRs as a Dagster resource: one pooled FHIR client per connection and run.

Belongs here: clients' lives, the mapping, the identifier secret, the writers' locks. Not here: FHIR (`fhir/`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg

from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.mapping import Mapping, load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.writer_lock import LONGEST_WAIT_SECONDS, WriterLocks
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.opening_records import PATIENCE_SECONDS
from ohx_pipelines.settings import load_settings


@dataclass
class EhrAccess:
    """Publishers by EHR connection, and what turns readings into resources."""

    mapping: Mapping
    secret: bytes = field(repr=False)
    locks: WriterLocks | None = None
    clients: dict[str, FhirClient] = field(default_factory=dict)
    standing: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def publisher(self, connection: EhrConnection) -> Publisher:
        """Give a Publisher on the connection's pooled client, in the connection's write mode."""
        if connection.id not in self.clients:
            self.clients[connection.id] = ehr_client(connection)
        return Publisher(
            self.clients[connection.id],
            write_mode=connection.write_mode,
            writer_lock=self.locks.for_ehr(connection.id) if self.locks else None,
            leave_out=connection.leave_out,
            # A run writes for many links: a household's device is looked for once.
            standing=self.standing[connection.id],
        )

    def close(self) -> None:
        """Close every client."""
        for client in self.clients.values():
            client.close()


class EhrResource(dg.ConfigurableResource[EhrAccess]):
    """Gives access to the EHRs that links publish to."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[EhrAccess]:
        """Load the mapping, hand out clients, close them at the end."""
        settings = load_settings()
        secret = settings.identifier_secret.get_secret_value().encode()
        # Without a database there is no link, and so nothing to write.
        # A tick has a minute in all, a run its time.
        patience = LONGEST_WAIT_SECONDS if context.run else PATIENCE_SECONDS
        locks = (
            WriterLocks(settings.database_url, longest_wait_seconds=patience)
            if settings.database_url
            else None
        )
        access = EhrAccess(mapping=load_mapping(settings.mapping_file), secret=secret, locks=locks)
        try:
            yield access
        finally:
            access.close()
