"""How often OMRON lets an application call, as a deployment's contract has it.

Belongs here: those limits. Not here: keeping to them (a CallBudget is handed in).
"""

from __future__ import annotations

from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import Limit

MINUTE = 60


def limits(settings: OmronSettings) -> tuple[Limit, ...]:
    """Give the limits to keep to, for the whole application: OMRON publishes none of its own."""
    return (Limit(calls=settings.calls_per_minute, seconds=MINUTE, per="application"),)
