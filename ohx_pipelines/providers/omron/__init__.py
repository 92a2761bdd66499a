"""OMRON's partner API: its OAuth, its one data call, its rows and their oddities.

Belongs here: everything that only OMRON knows. Not here: what any other vendor shares (`base`), or files
of the OMRON connect app (`omron_connect`).
"""

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.providers.omron.limits import limits
from ohx_pipelines.providers.omron.provider import FACTS, OmronProvider
from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.settings import Settings

__all__ = ["OMRON", "OmronProvider"]

# As the portal has it (`oauth_portal/linking.py`), which knows nothing of what a refresh sends.
RETURN_PATH = f"/api/base/provider-links/{FACTS.name}/oauth2_callback/"


def _build(settings: Settings, budget_for: BudgetFor) -> OmronProvider:
    own = settings.omron
    if own is None:
        message = "OHX_OMRON__CLIENT_ID is not set"
        raise ConfigurationError(message)
    return OmronProvider(
        own,
        budget=budget_for(FACTS.name, limits(own)),
        return_address=settings.portal.url.rstrip("/") + RETURN_PATH,
    )


OMRON = ProviderRoom(
    facts=FACTS, build=_build, is_set_up=lambda settings: settings.omron is not None
)
