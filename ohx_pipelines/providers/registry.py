"""The vendors this deployment carries readings from: one line each, clouds and files.

Belongs here: the lists. A new provider is a new room and a line here. Not here: anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from ohx_pipelines.providers.base import CallBudget, Limit, Provider, ProviderFacts, Unlimited
from ohx_pipelines.providers.beurer import BEURER
from ohx_pipelines.providers.files.base import FileProvider
from ohx_pipelines.providers.files.source import FileSource
from ohx_pipelines.providers.google_health import GOOGLE_HEALTH
from ohx_pipelines.providers.omron import OMRON
from ohx_pipelines.providers.omron_connect import OMRON_CONNECT
from ohx_pipelines.providers.room import BudgetFor, ProviderRoom
from ohx_pipelines.providers.withings import WITHINGS
from ohx_pipelines.settings import Settings

ROOMS: tuple[ProviderRoom, ...] = (WITHINGS, GOOGLE_HEALTH, OMRON)
# Apps whose exports patients upload.
FILE_PROVIDERS: tuple[FileProvider, ...] = (BEURER, OMRON_CONNECT)


def provider_facts(settings: Settings | None = None) -> list[ProviderFacts]:
    """Give the facts of every provider, in the order they are shown; of those set up alone."""
    return [room.facts for room in ROOMS if settings is None or room.is_set_up(settings)]


def file_providers(settings: Settings) -> dict[str, FileProvider]:
    """Give the apps whose files this deployment takes, by name, in the order they are shown."""
    return {
        one.facts.name: one for one in FILE_PROVIDERS if one.facts.name in settings.uploads.apps
    }


def file_facts(settings: Settings | None = None) -> list[ProviderFacts]:
    """Give the facts of every app, in the order they are shown; of those taken alone."""
    return [
        one.facts
        for one in FILE_PROVIDERS
        if settings is None or one.facts.name in settings.uploads.apps
    ]


def file_sources() -> dict[str, Provider]:
    """Give every app as a Provider without a file: what ends and describes links that files made.

    Of all apps: a link can be ended also where its files are no longer taken.
    """
    return {one.facts.name: FileSource(facts=one.facts) for one in FILE_PROVIDERS}


def build_providers(settings: Settings, *, budget_for: BudgetFor) -> dict[str, Provider]:
    """Build every provider that is set up, by name; each spends a budget of its own."""
    rooms = (room for room in ROOMS if room.is_set_up(settings))
    return {room.facts.name: room.build(settings, budget_for) for room in rooms}


def unlimited(name: str, limits: Sequence[Limit]) -> CallBudget:
    """Give a budget that counts nothing: for who has no database, or makes no call."""
    del name, limits
    return Unlimited()
