"""Ends a link at its owner's wish: says first what will happen, then does it.

Belongs here: the question, the deed and what is said of it. Not here: the order of the steps
(`ohx_pipelines/unlinking.py`). Two presses from the start page: no more than connecting takes.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.events import log_event
from oauth_portal.left_over import vendor_title
from oauth_portal.services import services
from oauth_portal.sessions import Visitor
from ohx_pipelines.links.records import LinkState, LinkStatus
from ohx_pipelines.unlinking import Unlinked, finish_unlink

DONE = "{vendor} is disconnected. Our access is destroyed."
FILES_DONE = "{vendor} is disconnected. None of its files is carried over any more."
RECORD_WAITS = " Your record at {clinic} has not noted this yet; we keep trying until it has."
WAITS = (
    "{vendor} is being disconnected. It has not confirmed this yet; we keep trying until it does."
    " Nothing new is carried over."
)
# Of a vendor that is not set up here any more: no sensor looks after its links.
RECORD_LEFT = " Your record at {clinic} has not noted this yet: {clinic} has to finish it."
LEFT = (
    "Nothing new is carried over from {vendor}. We cannot tell {vendor} from here any more: {clinic}"
    " has to finish this. You can remove our access in your account at {vendor}."
)
_ENDING = {LinkState.UNLINKING, LinkState.UNLINKED}
blueprint = Blueprint("disconnecting", __name__)


@blueprint.get("/links/<link_id>/disconnect")
def ask(link_id: str) -> Response | str:
    """Say what ends and what stays; a link that ends or has ended needs no question."""
    visitor = sessions.current()
    if visitor is None:
        return _home()
    link = own_link(visitor, link_id)
    if link.state in _ENDING:
        return _home()
    return render_template(
        "disconnect.html",
        title=_title(link),
        is_set_up=_is_set_up(link),
        is_file=_is_of_files(link),
        link=link,
    )


@blueprint.post("/links/<link_id>/disconnect")
def disconnect(link_id: str) -> Response:
    """End the link; a second press finds it ended, or tells the vendor again."""
    visitor = sessions.current()
    if visitor is None:
        return _home()
    link = own_link(visitor, link_id)
    ended = _ended(visitor, link)
    if ended.ehr_code:
        log_event("record_waits", code=ended.ehr_code, provider=link.provider, link=link.id)
    if ended.done:
        log_event("unlinked", provider=link.provider, link=link.id)
    elif ended.waits:
        log_event("unlink_waits", code=ended.code, provider=link.provider, link=link.id)
    _say(link, ended)
    return _home()


def own_link(visitor: Visitor, link_id: str) -> LinkStatus:
    """Give the visitor's link without opening anything sealed; others' do not exist.

    Whoever wants to leave can do so even after the token key was lost.
    """
    links = services().store.statuses(link_id=link_id, patient_id=visitor.patient_id)
    if not links:
        abort(404)
    return links[0]


def _ended(visitor: Visitor, link: LinkStatus) -> Unlinked:
    store, who = services().store, f"patient {visitor.patient_id}"
    store.begin_unlink(link.id, who=who)
    log_event("unlink_asked", provider=link.provider, link=link.id)
    vendor = services().link_provider(link.provider)
    with services().link_records() as records:
        return finish_unlink(store, vendor, link.id, who=who, records=records)


def _say(link: LinkStatus, ended: Unlinked) -> None:
    """Say how it ended, and nothing of a link that was linked again meanwhile."""
    if not ended.done and not ended.waits:
        return
    is_set_up = _is_set_up(link)
    done = FILES_DONE if _is_of_files(link) else DONE
    said = done if ended.done else WAITS if is_set_up else LEFT
    if ended.ehr_code:
        said += RECORD_WAITS if is_set_up else RECORD_LEFT
    text = said.format(vendor=_title(link), clinic=services().settings.portal.clinic)
    flash(text, *(() if said == done else ("attention",)))


def _title(link: LinkStatus) -> str:
    return vendor_title(link.provider, services().facts)


def _is_of_files(link: LinkStatus) -> bool:
    return link.provider not in services().providers and _is_set_up(link)


def _is_set_up(link: LinkStatus) -> bool:
    """Whether somebody here can end it; a file's link always, for nobody else holds anything."""
    return services().link_provider(link.provider) is not None


def _home() -> Response:
    return redirect(url_for("pages.home"), 303)
