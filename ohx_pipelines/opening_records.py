"""Opens what copies links' records to their EHRs, for a page or a command that ends a link.

Belongs here: clients for so long, and their patience. Not here: what is copied (`link_record.py`).
Dagster's runs and ticks put it together of their resources (`resources/link_records.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import sync_rules
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.writer_lock import WriterLocks
from ohx_pipelines.notifying import notifying_from
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.settings import Settings

# Somebody waits; what the EHR does not take in this time is told it later by a sensor.
PATIENCE_SECONDS = 5.0


@contextmanager
def opened_records(
    settings: Settings, store: LinkStore, providers: Mapping[str, Provider]
) -> Iterator[LinkRecords]:
    """Give what copies records, and close its clients at the end; no EHR is waited for long."""
    locks = WriterLocks(
        store.engine.url.render_as_string(hide_password=False),
        longest_wait_seconds=PATIENCE_SECONDS,
    )
    with ExitStack() as clients:

        def publisher(connection: EhrConnection) -> Publisher:
            client = clients.enter_context(closing(ehr_client(connection)))
            return Publisher(
                client,
                write_mode=connection.write_mode,
                writer_lock=locks.for_ehr(connection.id),
                leave_out=connection.leave_out,
            )

        records = LinkRecords(
            store=store,
            providers=providers,
            publisher=publisher,
            secret=settings.identifier_secret.get_secret_value().encode(),
            rules=sync_rules(settings.sync),
            test_data=settings.test_data,
            notifying=notifying_from(settings),
        )
        yield in_a_hurry(records)


def in_a_hurry(records: LinkRecords) -> LinkRecords:
    """Give the same, with time-outs for somebody who waits."""

    def publisher(connection: EhrConnection) -> Publisher:
        seconds = min(connection.timeout_seconds, PATIENCE_SECONDS)
        return records.publisher(replace(connection, timeout_seconds=seconds))

    return replace(records, publisher=publisher)
