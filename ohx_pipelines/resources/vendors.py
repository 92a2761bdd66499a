"""The vendors' clients, and the apps whose files make links, as a Dagster resource.

Belongs here: building the registry from the settings, for the length of a run or a tick. Not here:
any vendor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from ohx_pipelines.opening import sources_from, store_from
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.settings import load_settings


class VendorsResource(dg.ConfigurableResource[Mapping[str, Provider]]):
    """Gives every provider of the registry, by name."""

    @contextmanager
    def yield_for_execution(
        self, context: dg.InitResourceContext
    ) -> Iterator[Mapping[str, Provider]]:
        """Build what the settings describe, its calls counted in one budget with all processes."""
        del context
        settings = load_settings()
        if settings.database_url is None:
            yield sources_from(settings, None)
            return
        store = store_from(settings)
        try:
            yield sources_from(settings, store)
        finally:
            store.close()
