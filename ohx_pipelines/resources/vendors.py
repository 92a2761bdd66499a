"""The vendors' clients as a Dagster resource.

Belongs here: building the registry from the settings. Not here: any vendor.
"""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from ohx_pipelines.providers.base import Provider
from ohx_pipelines.providers.registry import build_providers
from ohx_pipelines.settings import load_settings


class VendorsResource(dg.ConfigurableResource[Mapping[str, Provider]]):
    """Gives every provider of the registry, by name."""

    def create_resource(self, context: dg.InitResourceContext) -> Mapping[str, Provider]:
        """Build the providers that the settings describe."""
        del context
        return build_providers(load_settings())
