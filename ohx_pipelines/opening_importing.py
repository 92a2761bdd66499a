"""Opens what imports files, for a page or a command; its clients are closed at the end.

Belongs here: settings in, an Importing out. Not here: what an import is (`importing.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path

from ohx_pipelines.fhir.mapping import Mapping, load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.importing import Importing
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import LinkSync, sync_rules
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.writer_lock import WriterLocks
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.providers.registry import file_sources
from ohx_pipelines.settings import Settings

# Somebody waits at the page; a nightly sync of the same patient takes less.
PATIENCE_SECONDS = 20.0


@contextmanager
def opened_importing(settings: Settings, store: LinkStore) -> Iterator[Importing]:
    """Give what imports files; one client per EHR, closed at the end."""
    locks = WriterLocks(
        store.engine.url.render_as_string(hide_password=False),
        longest_wait_seconds=PATIENCE_SECONDS,
    )
    secret, rules = (
        settings.identifier_secret.get_secret_value().encode(),
        sync_rules(settings.sync),
    )
    with ExitStack() as clients:
        opened: dict[str, Publisher] = {}

        def publisher(connection: EhrConnection) -> Publisher:
            if connection.id not in opened:
                opened[connection.id] = Publisher(
                    clients.enter_context(closing(ehr_client(connection))),
                    write_mode=connection.write_mode,
                    writer_lock=locks.for_ehr(connection.id),
                    leave_out=connection.leave_out,
                )
            return opened[connection.id]

        yield Importing(
            store=store,
            sync=LinkSync(
                store=store,
                providers={},
                publisher=publisher,
                mapping=site_mapping(settings.mapping_file),
                secret=secret,
                rules=rules,
                test_data=settings.test_data,
                tries_again=False,
            ),
            records=LinkRecords(
                store=store,
                providers=file_sources(),
                publisher=publisher,
                secret=secret,
                rules=rules,
                test_data=settings.test_data,
            ),
            patient_reader=ehr_client,
        )


@lru_cache(maxsize=1)
def site_mapping(file: Path | None) -> Mapping:
    """Load the mapping once per process; raises ConfigurationError."""
    return load_mapping(file)
