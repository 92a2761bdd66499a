"""Takes files that patients export from their apps: asks for one, shows what is in it, carries it over.

Belongs here: the three addresses of it. Not here: limits of bodies (`memory_uploads.py`), reading and
judging (`checked_files.py`), words. The server keeps nothing between two of them: the file comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from oauth_portal import sessions
from oauth_portal.checked_files import (
    PARTLY,
    Desk,
    Handed,
    desk_of,
    handed_in,
    other_app_of,
    parse,
    token_of,
    was_shown,
)
from oauth_portal.events import log_event
from oauth_portal.file_messages import FILES_OF_ANOTHER_SIGN_IN
from oauth_portal.file_words import CUTS, ORDER_ASKED, refusal_words, row_lines
from oauth_portal.messages import BAD_REQUEST, PageStop
from oauth_portal.pages import ehr_name
from oauth_portal.previews import preview_of
from oauth_portal.publishing import published_page
from oauth_portal.security import SCRIPTED
from oauth_portal.services import file_provider_or_404, services
from oauth_portal.sharing import BOXES_SHOWN, NONE_TICKED_YET, ticked_types
from oauth_portal.zones import zone_groups
from ohx_pipelines.errors import AccountAlreadyLinked
from ohx_pipelines.links.file_links import FileLinkChanged
from ohx_pipelines.links.records import Link
from ohx_pipelines.providers.base import DataType
from ohx_pipelines.providers.files.base import FileRefused, ParsedFile, Refusal

NO_FILE = "Please choose the file that your app exported."
NO_ZONE = "Please choose your time zone."
OTHER_FILE = (
    "This is not the file, or not as you saw it before: please look at it once more."
    " Nothing was carried over yet."
)
LINK_CHANGED = (
    "In another window you disconnected, or changed how your files are read, meanwhile. Please look at"
    " the file once more: nothing was carried over yet."
)
TICK_PARTLY = (
    "Nothing was carried over yet: this file could not be read whole. If you want what could be read,"
    " tick the box below."
)
_REFUSED_STATUS = 422
blueprint = Blueprint("uploading", __name__, url_prefix="/upload/<app>")


@blueprint.get("")
def page(app: str) -> BaseResponse:
    """Say what is read and where it goes, and ask for the file."""
    file_provider_or_404(app)
    if sessions.current() is None:
        return redirect(url_for("pages.home"), 303)
    return _form(desk_of(app))


@blueprint.post("/check")
def check(app: str) -> BaseResponse:
    """Show what is in a file; nothing is carried over."""
    desk = desk_of(app)
    handed = handed_in(desk)
    return _incomplete(desk, handed) or _checked(desk, handed)


@blueprint.post("/publish")
def publish(app: str) -> BaseResponse:
    """Carry a file over that was looked at; another one is only shown."""
    desk = desk_of(app)
    handed = handed_in(desk)
    incomplete = _incomplete(desk, handed)
    if incomplete:
        return incomplete
    if not was_shown(desk, handed):
        return _checked(desk, handed, notice=OTHER_FILE)
    return _published(desk, handed)


def _incomplete(desk: Desk, handed: Handed) -> Response | None:
    """Ask again where the form lacks what is needed."""
    if not handed.content and not request.files:
        return _form(desk, handed, notice=NO_FILE, status=BAD_REQUEST.status)
    if handed.zone is None:
        return _form(desk, handed, notice=NO_ZONE, status=BAD_REQUEST.status)
    if not handed.content and not any(one.filename for one in request.files.values()):
        return _form(desk, handed, notice=NO_FILE, status=BAD_REQUEST.status)
    return None


def _checked(desk: Desk, handed: Handed, *, notice: str | None = None) -> Response:
    try:
        parsed = parse(desk, handed)
    except FileRefused as refused:
        return _refused(desk, handed, refused)
    log_event(
        "file_checked", code="whole" if parsed.is_whole else "in_part", provider=desk.facts.name
    )
    return _preview(desk, handed, parsed, notice=notice)


def _published(desk: Desk, handed: Handed) -> Response:
    try:
        parsed = parse(desk, handed)
    except FileRefused as refused:
        return _refused(desk, handed, refused)
    if not parsed.is_whole and PARTLY not in request.form:
        return _preview(desk, handed, parsed, notice=TICK_PARTLY)
    shared = _shared(desk)
    if not shared:
        return _preview(desk, handed, parsed, notice=NONE_TICKED_YET)
    link = _opened(desk, handed, shared)
    if link is None:
        return _looked_at_again(handed)
    log_event("import_started", provider=desk.facts.name, link=link.id)
    return published_page(desk, link, parsed)


def _shared(desk: Desk) -> list[DataType]:
    """Give what the yes is to: the boxes, which are asked for unless a link says it already."""
    if desk.link is None:
        return ticked_types(desk.facts)
    return [one for one in desk.facts.data_types if one.name in desk.link.data_types]


def _opened(desk: Desk, handed: Handed, shared: list[DataType]) -> Link | None:
    """Give the link to publish to; None where it is not the one that was shown any more."""
    if handed.zone is None:
        return None
    try:
        link = services().store.open_file_link(
            patient_id=desk.visitor.patient_id,
            provider=desk.facts.name,
            zone=handed.zone,
            data_types=[one.name for one in shared],
            expected=desk.link.id if desk.link else None,
        )
    except FileLinkChanged:
        return None
    except AccountAlreadyLinked:
        # Somebody else signs in for the same record, and uploads to it.
        stop = PageStop(FILES_OF_ANOTHER_SIGN_IN, provider=desk.facts)
    else:
        return link if link.zone and link.zone.key == handed.zone.key else None
    raise stop


def _looked_at_again(handed: Handed) -> Response:
    """Show the file as it is read by now: its link was changed in another window meanwhile."""
    desk = desk_of(str((request.view_args or {})["app"]))
    return _checked(desk, replace(handed, zone=desk.known_zone or handed.zone), notice=LINK_CHANGED)


def _refused(desk: Desk, handed: Handed, refused: FileRefused) -> Response:
    log_event("file_refused", code=refused.reason.value, provider=desk.facts.name)
    unknown = refused.reason is Refusal.UNKNOWN_FORMAT
    return _form(
        desk,
        handed,
        notice=refusal_words(refused),
        asks_order=refused.reason in ORDER_ASKED or handed.date_order is not None,
        other=other_app_of(desk, handed.content) if unknown else None,
        status=_REFUSED_STATUS,
    )


def _preview(desk: Desk, handed: Handed, parsed: ParsedFile, *, notice: str | None) -> Response:
    return _shown(
        "preview.html",
        desk,
        handed,
        notice=notice,
        parsed=parsed,
        preview=preview_of(parsed, desk.facts),
        shared=_boxes(desk),
        rejected=row_lines(parsed.rejected, more=parsed.more_rejected),
        taken_as=row_lines(parsed.taken_as, more=parsed.more_taken_as),
        cut=CUTS[parsed.cut] if parsed.cut else None,
        token=token_of(desk, handed),
    )


def _boxes(desk: Desk) -> Sequence[DataType]:
    """Give what is shared, or ticked: as its owner left it, and everything at first."""
    if desk.link is None and BOXES_SHOWN not in request.form:
        return desk.facts.data_types
    return _shared(desk)


def _form(desk: Desk, handed: Handed | None = None, **said: Any) -> Response:
    asked_before = handed is not None and handed.date_order is not None
    defaults = {"notice": None, "asks_order": asked_before, "other": None}
    return _shown("upload.html", desk, handed, **defaults | said)


def _shown(
    template: str,
    desk: Desk,
    handed: Handed | None,
    *,
    status: int = 200,
    notice: str | None,
    **said: Any,
) -> Response:
    setattr(g, SCRIPTED, True)
    if notice:
        flash(notice, "attention")
    chosen = handed.zone.key if handed and handed.zone else desk.likely_zone
    page = render_template(
        template,
        facts=desk.facts,
        link=desk.link,
        zone=chosen,
        zones=zone_groups(),
        date_order=handed.date_order if handed else None,
        ehr_name=ehr_name(desk.visitor),
        limit=services().settings.uploads.most_megabytes,
        **said,
    )
    return make_response(page, status)
