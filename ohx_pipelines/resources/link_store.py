"""The link store as a Dagster resource: opened for a run or a tick, closed after it.

Belongs here: the life of the connection pool. Not here: queries (`links/`).
Secrets are read from the settings and are no fields: Dagster keeps a resource's configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import store_from
from ohx_pipelines.settings import load_settings


class LinkStoreResource(dg.ConfigurableResource[LinkStore]):
    """Gives the deployment's LinkStore."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[LinkStore]:
        """Open the store that the settings name, and close it at the end."""
        del context
        store = store_from(load_settings())
        try:
            yield store
        finally:
            store.close()
