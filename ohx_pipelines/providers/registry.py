"""The vendors this deployment carries readings from: one line each.

Belongs here: the list. A new provider is a new room and a line here. Not here: anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ohx_pipelines.providers.base import CallBudget, Limit, Provider, ProviderFacts, Unlimited
from ohx_pipelines.providers.withings.limits import limits as withings_limits
from ohx_pipelines.providers.withings.provider import FACTS as WITHINGS
from ohx_pipelines.providers.withings.provider import WithingsProvider
from ohx_pipelines.settings import Settings

# Gives the budget of the provider of this name, for these limits.
BudgetFor = Callable[[str, Sequence[Limit]], CallBudget]


def _withings(settings: Settings, budget_for: BudgetFor) -> Provider:
    own = settings.withings
    return WithingsProvider(own, budget=budget_for(WITHINGS.name, withings_limits(own)))


_BUILDERS: dict[str, tuple[ProviderFacts, Callable[[Settings, BudgetFor], Provider]]] = {
    WITHINGS.name: (WITHINGS, _withings),
}


def provider_facts() -> list[ProviderFacts]:
    """Give the facts of every provider, in the order they are shown."""
    return [facts for facts, _ in _BUILDERS.values()]


def build_providers(settings: Settings, *, budget_for: BudgetFor) -> dict[str, Provider]:
    """Build every provider of the registry, by name; each spends a budget of its own."""
    return {name: build(settings, budget_for) for name, (_, build) in _BUILDERS.items()}


def unlimited(name: str, limits: Sequence[Limit]) -> CallBudget:
    """Give a budget that counts nothing: for who has no database, or makes no call."""
    del name, limits
    return Unlimited()
