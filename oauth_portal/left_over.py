"""Links of vendors that this deployment no longer has set up: seen and ended, and nothing else.

Belongs here: what such a vendor is called, and the cards of such links. Not here: ending a link
(`disconnecting.py`). Nobody here can tell the vendor, and no text says that somebody will.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oauth_portal.cards import Wording
from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.providers.registry import file_facts, provider_facts


@dataclass(frozen=True, kw_only=True)
class LeftOverCard:
    """A link whose vendor is not set up; `lives` tells whether there is something to disconnect."""

    link: str
    title: str
    wording: Wording
    lives: bool


LIVING = Wording(
    "No longer read",
    "attention",
    "{clinic} no longer reads from {vendor}. Nothing new is carried over.",
    None,
)
UNLINKING = Wording(
    "Being disconnected",
    "quiet",
    "Nothing new is carried over. {vendor} has not confirmed the end: we cannot tell it from here any"
    " more. {clinic} has to finish this. You can remove our access in your account at {vendor}.",
    None,
)
RECORD_PENDING = Wording(
    "Disconnected",
    "quiet",
    "Nothing new is carried over. Your record has not noted yet that you disconnected {vendor}."
    " {clinic} has to finish this.",
    None,
)


def vendor_title(name: str, set_up: Mapping[str, ProviderFacts]) -> str:
    """Give what people call a vendor, whether it is set up here or not."""
    known = [*set_up.values(), *provider_facts(), *file_facts()]
    return next((facts.title for facts in known if facts.name == name), name)


def left_over_cards(
    links: Sequence[LinkStatus], set_up: Mapping[str, ProviderFacts]
) -> list[LeftOverCard]:
    """Give a card for each link of a vendor that is not set up, unless all of its end is done."""
    return [
        LeftOverCard(
            link=link.id,
            title=vendor_title(link.provider, set_up),
            wording=wording,
            lives=wording is LIVING,
        )
        for link in links
        if link.provider not in set_up and (wording := _wording(link)) is not None
    ]


def _wording(link: LinkStatus) -> Wording | None:
    if link.state is LinkState.UNLINKED:
        return RECORD_PENDING if link.record is RecordState.DUE else None
    return UNLINKING if link.state is LinkState.UNLINKING else LIVING
