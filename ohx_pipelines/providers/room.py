"""What a vendor's room hands to the registry: its facts, and how its provider is built.

Belongs here: that record. Not here: the list of rooms (`registry.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ohx_pipelines.providers.base import CallBudget, Limit, Provider, ProviderFacts
from ohx_pipelines.settings import Settings

# Gives the budget of the provider of this name, for these limits.
BudgetFor = Callable[[str, Sequence[Limit]], CallBudget]


@dataclass(frozen=True, kw_only=True)
class ProviderRoom:
    """One vendor: what its documents declare, and its provider for a deployment's settings.

    `is_set_up` tells a deployment that has credentials for it from one that leaves it alone.
    """

    facts: ProviderFacts
    build: Callable[[Settings, BudgetFor], Provider]
    is_set_up: Callable[[Settings], bool] = lambda _: True
