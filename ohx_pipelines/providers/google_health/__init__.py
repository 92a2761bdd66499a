"""Google Health, the successor of the Fitbit Web API: its OAuth, its calls, its data types.

Belongs here: everything that only Google knows. Not here: what any other vendor shares (`base`).
"""

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.providers.google_health.limits import limits
from ohx_pipelines.providers.google_health.provider import FACTS, GoogleHealthProvider
from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.settings import Settings

__all__ = ["GOOGLE_HEALTH", "GoogleHealthProvider"]


def _build(settings: Settings, budget_for: BudgetFor) -> GoogleHealthProvider:
    own = settings.google_health
    if own is None:
        message = "OHX_GOOGLE_HEALTH__CLIENT_ID is not set"
        raise ConfigurationError(message)
    return GoogleHealthProvider(own, budget=budget_for(FACTS.name, limits(own)))


GOOGLE_HEALTH = ProviderRoom(
    facts=FACTS, build=_build, is_set_up=lambda settings: settings.google_health is not None
)
