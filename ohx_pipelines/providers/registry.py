"""The vendors this deployment carries readings from: one line each.

Belongs here: the list. A new provider is a new room and a line here. Not here: anything else.
"""

from __future__ import annotations

from collections.abc import Callable

from ohx_pipelines.providers.base import Provider, ProviderFacts
from ohx_pipelines.providers.withings.provider import FACTS as WITHINGS
from ohx_pipelines.providers.withings.provider import WithingsProvider
from ohx_pipelines.settings import Settings

_BUILDERS: dict[str, tuple[ProviderFacts, Callable[[Settings], Provider]]] = {
    WITHINGS.name: (WITHINGS, lambda settings: WithingsProvider(settings.withings)),
}


def provider_facts() -> list[ProviderFacts]:
    """Give the facts of every provider, in the order they are shown."""
    return [facts for facts, _ in _BUILDERS.values()]


def build_providers(settings: Settings) -> dict[str, Provider]:
    """Build every provider of the registry, by name."""
    return {name: build(settings) for name, (_, build) in _BUILDERS.items()}
