"""What the link page says about each vendor: a state in plain words and one thing to do.

Belongs here: choosing among a patient's links and wording their state. Not here: HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.links.records import LinkState, LinkStatus
from ohx_pipelines.providers.base import Provider, ProviderFacts


@dataclass(frozen=True)
class Wording:
    """A state for the card: tag, tone of the tag, a sentence, and the label of its button."""

    tag: str
    tone: str
    sentence: str
    button: str | None


@dataclass(frozen=True, kw_only=True)
class Card:
    """One vendor on the link page; `link` is the id that its buttons are about, if any.

    `ending_since` is when its owner asked to disconnect, while that is not finished.
    """

    facts: ProviderFacts
    wording: Wording
    state: LinkState | None
    link: str | None
    last_sync: datetime | None
    ending_since: datetime | None = None

    @property
    def lives(self) -> bool:
        """Whether there is something to disconnect."""
        return self.state in _LIVING


NOT_CONNECTED = Wording("Not connected", "quiet", "Nothing is shared.", "Connect {vendor}")
WORDINGS = {
    LinkState.UNCONFIRMED: Wording(
        "Waiting for your confirmation",
        "attention",
        "Nothing is shared until you have confirmed that the account is yours.",
        "Check {vendor} account",
    ),
    LinkState.ACTIVE: Wording(
        "Connected",
        "good",
        "New readings are carried over to your record once a day.",
        "Renew {vendor} connection",
    ),
    LinkState.NEEDS_RELINK: Wording(
        "Please connect again",
        "attention",
        "{vendor} no longer lets us read your readings. Nothing new is carried over until you"
        " connect again.",
        "Connect {vendor} again",
    ),
    LinkState.UNLINKING: Wording(
        "Being disconnected",
        "quiet",
        "Nothing new is carried over. {vendor} has not confirmed the end yet; we keep trying until"
        " it does.",
        None,
    ),
    LinkState.UNLINKED: Wording(
        "Disconnected",
        "quiet",
        "Nothing new is carried over. What is in your record stays there.",
        "Connect {vendor}",
    ),
}
_LIVING = {LinkState.UNCONFIRMED, LinkState.ACTIVE, LinkState.NEEDS_RELINK}
# An ended link never hides one that lives.
_ORDER = [
    LinkState.UNLINKED,
    LinkState.UNLINKING,
    LinkState.UNCONFIRMED,
    LinkState.NEEDS_RELINK,
    LinkState.ACTIVE,
]


def build_cards(providers: Iterable[Provider], links: Sequence[LinkStatus]) -> list[Card]:
    """Give one card per vendor, in the registry's order."""
    return [_card(provider.facts, links) for provider in providers]


def _card(facts: ProviderFacts, links: Sequence[LinkStatus]) -> Card:
    own = [link for link in links if link.provider == facts.name]
    if not own:
        return Card(facts=facts, wording=NOT_CONNECTED, state=None, link=None, last_sync=None)
    link = max(own, key=lambda one: (_ORDER.index(one.state), one.created_at))
    return Card(
        facts=facts,
        wording=WORDINGS[link.state],
        state=link.state,
        link=link.id,
        last_sync=_local(link, link.last_success_at),
        ending_since=_local(link, link.unlink_asked_at)
        if link.state is LinkState.UNLINKING
        else None,
    )


def _local(link: LinkStatus, moment: datetime | None) -> datetime | None:
    return moment.astimezone(ZoneInfo(link.zone or "UTC")) if moment else None


def in_words(moment: date) -> str:
    """Write a date as 9 November 2026, and a time with it as `at 07:30 (Europe/Berlin)`."""
    text = f"{moment.day} {moment:%B %Y}"
    if isinstance(moment, datetime):
        text += f" at {moment:%H:%M} ({moment.tzinfo})"
    return text
