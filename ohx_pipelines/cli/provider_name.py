"""How commands take a provider's name: one of the registry's, or what people also call it.

Belongs here: the type of such options. Not here: which names there are (`providers/`).
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from ohx_pipelines.providers.base import ProviderFacts


class ProviderName(click.Choice[str]):
    """A choice of provider names; an alias is taken too, and turned into the name it stands for."""

    def __init__(self, facts: Iterable[ProviderFacts]) -> None:
        """Offer the names of these providers; aliases are understood and not offered."""
        known = list(facts)
        super().__init__([one.name for one in known])
        self._aliases = {alias: one.name for one in known for alias in one.aliases}

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the provider's own name; fails with those there are."""
        named = value if value in self.choices else self._aliases.get(value, value)
        return super().convert(named, param, ctx)
