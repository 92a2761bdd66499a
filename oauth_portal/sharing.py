"""Changes what a patient shares: the boxes of the link page and of the question about the account.

Belongs here: reading the boxes, keeping the choice, and what is said of it. Not here: HTML, or what
a vendor has (`ProviderFacts.data_types`). To share nothing is to disconnect: that is another page.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.disconnecting import own_link
from oauth_portal.events import log_event
from oauth_portal.messages import BAD_REQUEST, PageStop
from oauth_portal.services import facts_or_404, services
from ohx_pipelines.links.records import ENDED, Link, LinkState, LinkStatus
from ohx_pipelines.providers.base import DataType, ProviderFacts

BOX = "data_type"
# Tells a form whose boxes are all empty from one that has none.
BOXES_SHOWN = "boxes"
SAVED = "Saved. {vendor} readings that are shared: {titles}."
NOT_PERMITTED = (
    "{vendor} has not been asked for all of this yet. Connect {vendor} once more: until then the new"
    " readings cannot be read."
)
UNCHANGED = "Nothing was changed: this is what is shared already."
NONE_TICKED = (
    "Nothing was changed: at least one box must be ticked. To share nothing from {vendor},"
    " disconnect it."
)
NONE_TICKED_YET = "Please tick what you want to share. Nothing is shared so far."
NO_LONGER_ALLOWED = (
    "You did not allow all of this at {vendor} this time. No longer shared: {titles}."
)
NONE_ALLOWED = (
    "{vendor} no longer lets us read anything that you share. Change below what is shared, or connect"
    " {vendor} again and allow it there."
)
blueprint = Blueprint("sharing", __name__)


@blueprint.post("/links/<link_id>/share")
def share(link_id: str) -> Response:
    """Keep the boxes of the link page; what is no longer ticked is no longer read, at once."""
    visitor = sessions.current()
    if visitor is None:
        return _home()
    link = own_link(visitor, link_id)
    if link.state in ENDED:
        return _home()
    facts = facts_or_404(link.provider)
    ticked = ticked_types(facts)
    if not ticked:
        flash(NONE_TICKED.format(vendor=facts.title), "attention")
    elif _keep(link, ticked, who=f"patient {visitor.patient_id}"):
        titles = "; ".join(one.title for one in ticked)
        flash(SAVED.format(vendor=facts.title, titles=titles))
        if _lacks_permission(link.id, ticked):
            flash(NOT_PERMITTED.format(vendor=facts.title), "attention")
            return redirect(url_for("pages.connect", provider=link.provider), 303)
    else:
        flash(UNCHANGED)
    return _home()


def keep_first_choice(link: Link, facts: ProviderFacts) -> bool:
    """Keep the boxes that came with the yes to an account; says so, and gives False, if none is.

    A form without boxes leaves what is shared as it is.
    """
    if BOXES_SHOWN not in request.form:
        return True
    allowed = facts.allowed_by(link.scopes)
    ticked = [one for one in ticked_types(facts) if one in allowed]
    if ticked:
        _keep(link, ticked, who=f"patient {link.patient.id}")
    else:
        flash(NONE_TICKED_YET, "attention")
    return bool(ticked)


def tell_what_is_left_out(link: Link, facts: ProviderFacts) -> None:
    """Say what is no longer shared since its owner, renewing a permission, did not allow it.

    Before the yes nothing is shared: what cannot be read has no box to be ticked there.
    """
    if link.state is not LinkState.ACTIVE:
        return
    titles = "; ".join(one.title for one in facts.data_types if one.name in link.left_out)
    if titles:
        log_event("sharing_changed", provider=link.provider, link=link.id)
        flash(NO_LONGER_ALLOWED.format(vendor=facts.title, titles=titles), "attention")
        return
    shared = {one for one in facts.data_types if one.name in link.data_types}
    if shared and shared.isdisjoint(facts.allowed_by(link.scopes)):
        flash(NONE_ALLOWED.format(vendor=facts.title), "attention")


def _lacks_permission(link_id: str, ticked: list[DataType]) -> bool:
    """Tell whether the vendor was never asked for some of it: the link is older than the type."""
    needed = frozenset[str]().union(*(one.scopes for one in ticked))
    return not needed <= services().store.link(link_id).scopes


def ticked_types(facts: ProviderFacts) -> list[DataType]:
    """Give the ticked data types, in the vendor's order; a form that names others is not ours."""
    names = set(request.form.getlist(BOX))
    if not names <= facts.shareable:
        raise PageStop(BAD_REQUEST)
    return [one for one in facts.data_types if one.name in names]


def _keep(link: Link | LinkStatus, ticked: list[DataType], *, who: str) -> bool:
    changed = services().store.share(link.id, [one.name for one in ticked], who=who)
    if changed:
        log_event("sharing_changed", provider=link.provider, link=link.id)
    return changed


def _home() -> Response:
    return redirect(url_for("pages.home"), 303)
