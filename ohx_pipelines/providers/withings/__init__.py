"""Withings: its OAuth dialect, its calls, its measure types and their oddities.

Belongs here: everything that only Withings knows. Not here: what any other vendor shares (`base`).
"""

from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.providers.withings.limits import limits
from ohx_pipelines.providers.withings.provider import FACTS, WithingsProvider
from ohx_pipelines.settings import Settings

__all__ = ["WITHINGS", "WithingsProvider"]


def _build(settings: Settings, budget_for: BudgetFor) -> WithingsProvider:
    own = settings.withings
    return WithingsProvider(own, budget=budget_for(FACTS.name, limits(own)))


WITHINGS = ProviderRoom(facts=FACTS, build=_build)
