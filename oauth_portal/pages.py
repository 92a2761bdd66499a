"""The pages a patient reads: landing, link page, disclosure; and the health check.

Belongs here: pages that change nothing. Not here: sign-in, linking and confirming.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.cards import build_cards
from oauth_portal.file_cards import file_cards
from oauth_portal.left_over import left_over_cards
from oauth_portal.services import provider_or_404, services
from oauth_portal.sessions import Visitor
from ohx_pipelines.links.records import ENDED, LinkStatus
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.providers.registry import file_facts

# What the default EHR connection is called when nobody gave it a name worth showing.
NAMELESS = "default"
blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> str:
    """Show the patient's vendors, or what this page is for to whoever is not signed in."""
    visitor = sessions.current()
    if visitor is None:
        return render_template("landing.html")
    own = services()
    links = own.store.statuses(patient_id=visitor.patient_id)
    return render_template(
        "link_page.html",
        cards=build_cards(own.providers.values(), links),
        file_cards=file_cards(own.files.values(), links, own.providers),
        left_over=left_over_cards(links, own.facts),
    )


@blueprint.get("/connect/<provider>")
def connect(provider: str) -> Response | str:
    """Say what will be shared with whom, before the vendor asks for permission."""
    facts = provider_or_404(provider).facts
    visitor = sessions.current()
    if visitor is None:
        return redirect(url_for("pages.home"), 303)
    links = services().store.statuses(patient_id=visitor.patient_id)
    return render_template(
        "disclosure.html", facts=facts, ehr_name=ehr_name(visitor), doubled=_doubled(facts, links)
    )


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer whether the process serves; public on purpose, and says nothing else."""
    return {"status": "ok"}


def _doubled(facts: ProviderFacts, links: Iterable[LinkStatus]) -> list[ProviderFacts]:
    """Give the apps whose files brought the same readings that this vendor would bring again."""
    living = {one.provider for one in links if one.state not in ENDED}
    return [one for one in file_facts() if one.name in living.intersection(facts.same_readings)]


def ehr_name(visitor: Visitor) -> str | None:
    """Give what the visitor's EHR is called, None where it has no name worth showing."""
    store = services().store
    ehr = store.ehr(store.patient(visitor.patient_id).ehr_connection_id)
    return None if ehr.name == NAMELESS else ehr.name
