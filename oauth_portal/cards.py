"""What the link page says about each vendor: a state in plain words and one thing to do.

Belongs here: choosing among a patient's links and wording their state. Not here: HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState
from ohx_pipelines.providers.base import DataType, Provider, ProviderFacts


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

    `shared` is what its owner chose of the vendor's data types, `allowed` what the vendor was let give,
    `ending_since` when they asked to disconnect, while that is not finished.
    """

    facts: ProviderFacts
    wording: Wording
    state: LinkState | None
    link: str | None
    last_sync: datetime | None
    shared: tuple[DataType, ...] = ()
    allowed: tuple[DataType, ...] = ()
    ending_since: datetime | None = None

    @property
    def lives(self) -> bool:
        """Whether there is something to disconnect."""
        return self.state in _LIVING

    @property
    def sharing_label(self) -> str:
        """What the list of data types stands for."""
        return SHARING_LABELS.get(self.state, "What can be shared")

    @property
    def sharing(self) -> tuple[DataType, ...]:
        """What is shared or will be; what can be, where nobody has chosen yet."""
        if self.state not in _LIVING:
            return self.facts.data_types
        return tuple(one for one in self.shared if one in self.allowed)

    @property
    def can_choose(self) -> bool:
        """Whether there is a choice of what is shared; before the yes it is made with it."""
        return self.state in _CHOOSING and (len(self.facts.data_types) > 1 or not self.shared)


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
RECORD_PENDING = Wording(
    "Disconnected",
    "quiet",
    "Nothing new is carried over. Your record has not noted yet that you disconnected {vendor}; we"
    " keep trying until it has.",
    "Connect {vendor}",
)
SHARING_LABELS: dict[LinkState | None, str] = {
    LinkState.UNCONFIRMED: "What will be shared",
    LinkState.ACTIVE: "What is shared",
    LinkState.NEEDS_RELINK: "What will be shared again",
}
_LIVING = {LinkState.UNCONFIRMED, LinkState.ACTIVE, LinkState.NEEDS_RELINK}
_CHOOSING = _LIVING - {LinkState.UNCONFIRMED}
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
    link = newest_living(facts, links)
    if link is None:
        return Card(facts=facts, wording=NOT_CONNECTED, state=None, link=None, last_sync=None)
    is_pending = link.state is LinkState.UNLINKED and link.record is RecordState.DUE
    return Card(
        facts=facts,
        wording=RECORD_PENDING if is_pending else WORDINGS[link.state],
        state=link.state,
        link=link.id,
        last_sync=local_time(link, link.last_success_at),
        shared=tuple(one for one in facts.data_types if one.name in link.data_types),
        allowed=facts.allowed_by(link.scopes),
        ending_since=local_time(link, link.unlink_asked_at)
        if is_pending or link.state is LinkState.UNLINKING
        else None,
    )


def newest_living(facts: ProviderFacts, links: Sequence[LinkStatus]) -> LinkStatus | None:
    """Give the link that a card is about, if there is any."""
    own = [link for link in links if link.provider == facts.name]
    return max(own, key=lambda one: (_ORDER.index(one.state), one.created_at), default=None)


def local_time(link: LinkStatus, moment: datetime | None) -> datetime | None:
    """Give a moment in the link's zone, UTC while it has none."""
    return moment.astimezone(ZoneInfo(link.zone or "UTC")) if moment else None


def in_words(moment: date) -> str:
    """Write a date as 9 November 2026, and a time with it as `at 07:30 (Europe/Berlin)`."""
    text = f"{moment.day} {moment:%B %Y}"
    if isinstance(moment, datetime):
        text += f" at {moment:%H:%M} ({moment.tzinfo})"
    return text


def zone_words(name: str | None) -> str:
    """Write the name of a time zone with spaces, as places are written."""
    return (name or "UTC").replace("_", " ")
