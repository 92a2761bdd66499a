"""A file that was handed in, and the judgement about it: kept nowhere between two requests.

Belongs here: reading the form, the token that ties a yes to what was looked at, whose file it is.
Not here: the file's format (`ohx_pipelines.providers.files`), words (`file_words.py`), pages.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import abort, request

from oauth_portal import sessions
from oauth_portal.events import log_event
from oauth_portal.file_messages import COMES_FROM_CLOUD, FILE_OF_ANOTHER
from oauth_portal.messages import (
    BAD_REQUEST,
    EHR_REFUSED,
    EHR_UNAVAILABLE,
    SIGN_IN_FIRST,
    PageStop,
)
from oauth_portal.services import file_provider_or_404, services
from oauth_portal.sessions import Visitor
from oauth_portal.zones import FIELD as ZONE
from oauth_portal.zones import read_zone, zone_of
from ohx_pipelines.errors import EhrDown, EhrError
from ohx_pipelines.importing import bounds_from
from ohx_pipelines.links.records import ENDED, LinkState, LinkStatus
from ohx_pipelines.providers.base import Provider, ProviderFacts
from ohx_pipelines.providers.files.base import (
    Choices,
    DateOrder,
    FileProvider,
    FileRefused,
    ParsedFile,
    Refusal,
)

FILE, DATE_ORDER, TOKEN, PARTLY = "file", "date_order", "check", "partly"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where a patient hands in an app's files: their living link of it, and the zone they live in.

    `standing` says how their links of it stood when this was asked.
    """

    visitor: Visitor
    app: FileProvider
    link: LinkStatus | None
    standing: str = field(repr=False)
    likely_zone: str | None

    @property
    def facts(self) -> ProviderFacts:
        """What the app's files hold."""
        return self.app.facts

    @property
    def known_zone(self) -> ZoneInfo | None:
        """The zone in which earlier files were read, and later ones are."""
        return ZoneInfo(self.link.zone) if self.link and self.link.zone else None


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What came with the form; `zone` is None where nothing usable was chosen."""

    content: bytes = field(repr=False)
    zone: ZoneInfo | None
    date_order: DateOrder | None


def desk_of(name: str) -> Desk:
    """Give the visitor's desk; raises PageStop for who must sign in, or needs no file."""
    app = file_provider_or_404(name)
    visitor = sessions.current()
    if visitor is None:
        raise PageStop(SIGN_IN_FIRST)
    links = services().store.statuses(patient_id=visitor.patient_id)
    cloud = covering(app.facts, links, services().providers)
    if cloud is not None:
        raise PageStop(COMES_FROM_CLOUD, provider=cloud)
    own = [one for one in links if one.provider == name]
    return Desk(
        visitor=visitor,
        app=app,
        link=next((one for one in own if _is_active(one)), None),
        standing=";".join(sorted(map(_standing, own))),
        likely_zone=zone_of(links),
    )


def covering(
    app: ProviderFacts, links: Iterable[LinkStatus], clouds: Mapping[str, Provider]
) -> ProviderFacts | None:
    """Give the vendor whose living link brings an app's readings already: a file would double them."""
    living = {one.provider for one in links if one.state not in ENDED}
    found = (one for one in app.same_readings if one in living and one in clouds)
    return next((clouds[one].facts for one in found), None)


def handed_in(desk: Desk) -> Handed:
    """Read the form; a link that lives has its zone already."""
    files = request.files.getlist(FILE)
    if len(files) > 1 or len(request.files) > len(files):
        raise PageStop(BAD_REQUEST)
    content = files[0].stream.read() if files else b""
    order = request.form.get(DATE_ORDER, "")
    if order and order not in [*DateOrder]:
        raise PageStop(BAD_REQUEST)
    return Handed(
        content=content,
        zone=desk.known_zone or read_zone(request.form.get(ZONE, "")),
        date_order=DateOrder(order) if order else None,
    )


def parse(desk: Desk, handed: Handed) -> ParsedFile:
    """Read the file and see whose it is; raises FileRefused, or PageStop for somebody else's."""
    if handed.zone is None:
        abort(BAD_REQUEST.status)
    choices = Choices(zone=handed.zone, date_order=handed.date_order, now=datetime.now(UTC))
    bounds = bounds_from(services().settings.uploads)
    if len(handed.content) > bounds.most_bytes:
        raise FileRefused(Refusal.TOO_LARGE)
    parsed = desk.app.parse(handed.content, choices, bounds=bounds)
    _refuse_anothers(desk, parsed)
    return parsed


def token_of(desk: Desk, handed: Handed) -> str:
    """Give what proves that just this file, so read, was shown to just this session.

    And with just these links: a yes that is older than a disconnecting does not undo it.
    """
    key = services().settings.portal.secret_key.get_secret_value()
    digest = hashlib.sha256(handed.content).hexdigest()
    zone, order = handed.zone.key if handed.zone else "", handed.date_order or ""
    shown = [desk.facts.name, digest, zone, order, desk.visitor.session_hash, desk.standing]
    message = "\n".join(["file that was checked", *shown])
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()


def was_shown(desk: Desk, handed: Handed) -> bool:
    """Tell whether the form's token is of this file, these choices and this session."""
    given = request.form.get(TOKEN, "")
    return hmac.compare_digest(given.encode(), token_of(desk, handed).encode())


def other_app_of(desk: Desk, content: bytes) -> ProviderFacts | None:
    """Give the app whose file it may be instead."""
    others = (one for one in services().files.values() if one.facts.name != desk.facts.name)
    return next((one.facts for one in others if one.recognizes(content)), None)


def _refuse_anothers(desk: Desk, parsed: ParsedFile) -> None:
    if parsed.birth_date is None:
        return
    patient = services().store.patient(desk.visitor.patient_id)
    try:
        with services().importing() as importing:
            is_anothers = importing.is_anothers(patient, parsed)
    except EhrError as error:
        log_event("file_owner_unknown", code=error.code, provider=desk.facts.name)
        stop = PageStop(EHR_UNAVAILABLE if isinstance(error, EhrDown) else EHR_REFUSED)
    else:
        if not is_anothers:
            return
        stop = PageStop(FILE_OF_ANOTHER, provider=desk.facts)
    raise stop


def _standing(link: LinkStatus) -> str:
    shared = [*sorted(link.data_types), link.zone] if _is_active(link) else ["ended"]
    return " ".join(map(str, [link.id, link.unlink_asked_at, *shared]))


def _is_active(link: LinkStatus) -> bool:
    return link.state is LinkState.ACTIVE
