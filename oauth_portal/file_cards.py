"""What the link page says about each app whose files can be uploaded: as a card beside the vendors'.

Belongs here: wording the state of a file's link. Not here: HTML, or vendors' cards (`cards.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oauth_portal.cards import Wording, local_time, newest_living
from oauth_portal.checked_files import covering
from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState
from ohx_pipelines.providers.base import DataType, Provider, ProviderFacts
from ohx_pipelines.providers.files.base import FileProvider

NOTHING_YET = Wording(
    "No file yet",
    "quiet",
    "Export your readings in the {vendor} app and upload the file here.",
    "Upload a file from {vendor}",
)
ACTIVE = Wording(
    "Shared by file",
    "good",
    "New readings are carried over when you upload a newer file.",
    "Upload another file from {vendor}",
)
UNLINKING = Wording(
    "Being disconnected",
    "quiet",
    "Nothing new is carried over, unless you upload a file again. Your record has not noted the end"
    " yet; we keep trying until it has.",
    "Upload a file from {vendor}",
)
RECORD_PENDING = Wording(
    "Disconnected",
    "quiet",
    "Your record has not noted yet that you disconnected {vendor}; we keep trying until it has.",
    "Upload a file from {vendor}",
)
UNLINKED = Wording(
    "Disconnected",
    "quiet",
    "Nothing is shared. What is in your record stays there.",
    "Upload a file from {vendor}",
)
FROM_CLOUD = Wording(
    "Not needed",
    "quiet",
    "Your {cloud} account is connected: its readings arrive by themselves, without a file.",
    None,
)


@dataclass(frozen=True, kw_only=True)
class FileCard:
    """One app on the link page; `link` is the id that its buttons are about, if any."""

    facts: ProviderFacts
    wording: Wording
    sentence: str
    link: str | None = None
    zone: str | None = None
    last_upload: datetime | None = None
    shared: tuple[DataType, ...] = ()
    lives: bool = False


def file_cards(
    apps: Iterable[FileProvider], links: Sequence[LinkStatus], clouds: Mapping[str, Provider]
) -> list[FileCard]:
    """Give one card per app, in the order of the settings."""
    return [_card(app.facts, links, clouds) for app in apps]


def _card(
    facts: ProviderFacts, links: Sequence[LinkStatus], clouds: Mapping[str, Provider]
) -> FileCard:
    link = newest_living(facts, links)
    lives = link is not None and link.state is LinkState.ACTIVE
    cloud = covering(facts, links, clouds)
    wording = FROM_CLOUD if cloud else _wording(link)
    titles = {"vendor": facts.title, "cloud": cloud.title if cloud else ""}
    return FileCard(
        facts=facts,
        wording=wording,
        sentence=wording.sentence.format_map(titles),
        link=link.id if link else None,
        zone=link.zone if link and lives else None,
        last_upload=local_time(link, link.last_success_at) if link and lives else None,
        shared=tuple(one for one in facts.data_types if link and one.name in link.data_types),
        lives=lives,
    )


def _wording(link: LinkStatus | None) -> Wording:
    if link is None:
        return NOTHING_YET
    if link.state is LinkState.UNLINKED:
        return RECORD_PENDING if link.record is RecordState.DUE else UNLINKED
    return UNLINKING if link.state is LinkState.UNLINKING else ACTIVE
