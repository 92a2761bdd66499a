"""Asks whether a linked account is the patient's own: nothing is carried over before the yes.

Belongs here: the question and its two answers. Not here: how the account was linked.
A vendor's page is often still signed in as the previous family member; this page catches it.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.events import log_event
from oauth_portal.messages import (
    ACCOUNT_REFUSED,
    ACCOUNT_UNREADABLE,
    ACCOUNT_WITHOUT_DATA,
    NOT_MINE,
    PageStop,
)
from oauth_portal.security import SCRIPTED
from oauth_portal.services import provider_or_404, services
from oauth_portal.sharing import keep_first_choice
from oauth_portal.zones import FIELD as ZONE
from oauth_portal.zones import read_zone, zone_groups, zone_of
from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    NotConsented,
    NotFound,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.links.records import Link, LinkState
from ohx_pipelines.links.tokens import LinkTokens, refresh_rules
from ohx_pipelines.providers.base import Account, Provider

NO_ZONE = "Please choose your time zone. Nothing is shared so far."
blueprint = Blueprint("confirming", __name__)


@blueprint.get("/links/<link_id>/confirm")
def ask(link_id: str) -> Response | str:
    """Show which account was linked; one that was confirmed before needs no question."""
    link = _own_link(link_id)
    if link is None:
        return _home()
    vendor = provider_or_404(link.provider)
    if link.state is not LinkState.UNCONFIRMED:
        return _back_after(link, vendor)
    account = _account(vendor, link)
    if account.zone is None:
        # The script proposes the browser's zone.
        setattr(g, SCRIPTED, True)
    shared = [one for one in vendor.facts.data_types if one.name in link.data_types]
    return render_template(
        "confirm.html",
        facts=vendor.facts,
        link=link,
        account=account,
        shared=shared,
        allowed=vendor.facts.allowed_by(link.scopes),
        zones=zone_groups(),
        zone=zone_of(services().store.statuses(patient_id=link.patient.id)),
    )


@blueprint.post("/links/<link_id>/confirm")
def confirm(link_id: str) -> Response:
    """Take the yes; the zone is believed from the form only where the vendor says none."""
    link = _own_link(link_id)
    if link is None:
        return _home()
    vendor = provider_or_404(link.provider)
    if link.state is LinkState.UNCONFIRMED:
        if not keep_first_choice(link, vendor.facts):
            return redirect(url_for("confirming.ask", link_id=link_id), 303)
        zone = _account(vendor, link).zone or read_zone(request.form.get(ZONE, ""))
        if zone is None:
            flash(NO_ZONE, "attention")
            return redirect(url_for("confirming.ask", link_id=link_id), 303)
        link = _confirmed(link, zone)
    return _back_after(link, vendor)


@blueprint.post("/links/<link_id>/discard")
def discard(link_id: str) -> Response:
    """Take the no: tokens and link are gone, and the vendor is told."""
    link = _own_link(link_id)
    if link is None or link.state is not LinkState.UNCONFIRMED:
        return _home()
    if not _let_go(link):
        # A second click, or a yes from another window: the start page says which.
        return _home()
    return redirect(url_for("confirming.discarded", provider=link.provider), 303)


@blueprint.get("/connect/<provider>/not-mine")
def discarded(provider: str) -> Response:
    """Say what to do so that the right account is linked next time."""
    raise PageStop(NOT_MINE, provider=provider_or_404(provider).facts)


def _own_link(link_id: str) -> Link | None:
    """Give the visitor's link, None to a visitor who must sign in; others' do not exist."""
    visitor = sessions.current()
    if visitor is None:
        return None
    try:
        link = services().store.link(link_id)
    except NotFound:
        abort(404)
    if link.patient.id != visitor.patient_id:
        abort(404)
    return link


def _confirmed(link: Link, zone: ZoneInfo) -> Link:
    """Keep the yes; a second click finds the work done."""
    try:
        confirmed = services().store.confirm_link(link.id, zone=zone)
    except NotFound:
        return services().store.link(link.id)
    log_event("link_confirmed", provider=link.provider, link=link.id)
    return confirmed


def _let_go(link: Link) -> bool:
    """Destroy an unconfirmed link and tell the vendor; False where there is none any more."""
    refresh_token = _refresh_token(link)
    try:
        services().store.discard_link(link.id)
    except NotFound:
        return False
    log_event("link_discarded", provider=link.provider, link=link.id)
    _revoke(link, refresh_token)
    return True


def _refresh_token(link: Link) -> str | None:
    try:
        return services().store.tokens(link.id).refresh_token
    except NotFound:
        return None


def _revoke(link: Link, refresh_token: str | None) -> None:
    """Tell the vendor, once: nobody holds the permission any more, whatever it answers."""
    vendor = provider_or_404(link.provider)
    try:
        vendor.revoke(user=link.vendor_user or "", refresh_token=refresh_token)
    except VendorError as error:
        log_event("discard_untold", code=error.code, provider=link.provider, link=link.id)


def _account(vendor: Provider, link: Link) -> Account:
    try:
        rules = refresh_rules(services().settings.sync)
        return vendor.account(LinkTokens(services().store, vendor, link.id, rules=rules))
    except VendorError as error:
        failed = error
        log_event("account_unreadable", code=error.code, provider=link.provider, link=link.id)
    if isinstance(failed, AccountWithoutData):
        # Nothing can ever be read from it as it is, so nothing of it is kept.
        _let_go(link)
        raise PageStop(ACCOUNT_WITHOUT_DATA, provider=vendor.facts)
    if isinstance(failed, (AuthLost, NotConsented, VendorRejected)):
        raise PageStop(ACCOUNT_REFUSED, provider=vendor.facts)
    retry = url_for("confirming.ask", link_id=link.id)
    raise PageStop(ACCOUNT_UNREADABLE, provider=vendor.facts, retry=retry)


def _back_after(link: Link, vendor: Provider) -> Response:
    if link.state is LinkState.ACTIVE:
        flash(f"{vendor.facts.title} is connected.")
    return _home()


def _home() -> Response:
    return redirect(url_for("pages.home"), 303)
