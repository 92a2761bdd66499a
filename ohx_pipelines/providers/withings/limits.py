"""How often Withings lets an application call, as the deployment's plan has it.

Belongs here: those limits. Not here: keeping to them (a CallBudget is handed in).
"""

from __future__ import annotations

from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.base import Limit

MINUTE = 60


def limits(settings: WithingsSettings) -> tuple[Limit, ...]:
    """Give the limits to keep to; the one per account is our own.

    Without it one patient's long history would be all that a minute is spent on.
    """
    return (
        Limit(calls=settings.calls_per_minute, seconds=MINUTE, per="application"),
        Limit(calls=settings.calls_per_minute_per_account, seconds=MINUTE, per="account"),
    )
