"""The EHRs as a Dagster resource: one pooled FHIR client per connection and run.

Belongs here: clients' lives, the mapping, the identifier secret. Not here: FHIR (`fhir/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg

from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.mapping import Mapping, load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.settings import load_settings


@dataclass
class EhrAccess:
    """Publishers by EHR connection, and what turns readings into resources."""

    mapping: Mapping
    secret: bytes = field(repr=False)
    clients: dict[str, FhirClient] = field(default_factory=dict)

    def publisher(self, connection: EhrConnection) -> Publisher:
        """Give a Publisher on the connection's pooled client."""
        if connection.id not in self.clients:
            self.clients[connection.id] = ehr_client(connection)
        return Publisher(self.clients[connection.id])

    def close(self) -> None:
        """Close every client."""
        for client in self.clients.values():
            client.close()


class EhrResource(dg.ConfigurableResource[EhrAccess]):
    """Gives access to the EHRs that links publish to."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[EhrAccess]:
        """Load the mapping, hand out clients, close them at the end."""
        del context
        secret = load_settings().identifier_secret.get_secret_value().encode()
        access = EhrAccess(mapping=load_mapping(), secret=secret)
        try:
            yield access
        finally:
            access.close()
