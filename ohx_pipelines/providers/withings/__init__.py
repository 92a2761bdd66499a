"""Withings: its OAuth dialect, its calls, its measure types and their oddities.

Belongs here: everything that only Withings knows. Not here: what any other vendor shares (`base`).
"""

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.providers.withings.limits import limits
from ohx_pipelines.providers.withings.provider import FACTS, WithingsProvider
from ohx_pipelines.settings import Settings

__all__ = ["WITHINGS", "WithingsProvider"]


def _build(settings: Settings, budget_for: BudgetFor) -> WithingsProvider:
    own = settings.withings
    if own is None:
        message = "OHX_WITHINGS__CLIENT_ID is not set"
        raise ConfigurationError(message)
    return WithingsProvider(own, budget=budget_for(FACTS.name, limits(own)))


WITHINGS = ProviderRoom(
    facts=FACTS, build=_build, is_set_up=lambda settings: settings.withings is not None
)
