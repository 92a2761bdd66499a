"""The vendors this deployment carries readings from: one line each.

Belongs here: the list. A new provider is a new room and a line here. Not here: anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from ohx_pipelines.providers.base import CallBudget, Limit, Provider, ProviderFacts, Unlimited
from ohx_pipelines.providers.google_health import GOOGLE_HEALTH
from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.providers.withings import WITHINGS
from ohx_pipelines.settings import Settings

ROOMS: tuple[ProviderRoom, ...] = (WITHINGS, GOOGLE_HEALTH)


def provider_facts(settings: Settings | None = None) -> list[ProviderFacts]:
    """Give the facts of every provider, in the order they are shown; of those set up alone."""
    return [room.facts for room in ROOMS if settings is None or room.is_set_up(settings)]


def build_providers(settings: Settings, *, budget_for: BudgetFor) -> dict[str, Provider]:
    """Build every provider that is set up, by name; each spends a budget of its own."""
    rooms = (room for room in ROOMS if room.is_set_up(settings))
    return {room.facts.name: room.build(settings, budget_for) for room in rooms}


def unlimited(name: str, limits: Sequence[Limit]) -> CallBudget:
    """Give a budget that counts nothing: for who has no database, or makes no call."""
    del name, limits
    return Unlimited()
