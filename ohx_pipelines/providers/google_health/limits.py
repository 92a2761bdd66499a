"""How often Google lets a project call, as a deployment's quotas have it.

Belongs here: those limits. Not here: keeping to them (a CallBudget is handed in).
"""

from __future__ import annotations

from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import Limit

MINUTE = 60


def limits(settings: GoogleHealthSettings) -> tuple[Limit, ...]:
    """Give the limits to keep to, for the whole project and for each user."""
    return (
        Limit(calls=settings.calls_per_minute, seconds=MINUTE, per="application"),
        Limit(calls=settings.calls_per_minute_per_account, seconds=MINUTE, per="account"),
    )
