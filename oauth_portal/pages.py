"""The pages a patient reads: landing, link page, disclosure; and the health check.

Belongs here: pages that change nothing. Not here: sign-in, linking and confirming.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.cards import build_cards
from oauth_portal.left_over import left_over_cards
from oauth_portal.services import provider_or_404, services

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
        left_over=left_over_cards(links, own.providers),
    )


@blueprint.get("/connect/<provider>")
def connect(provider: str) -> Response | str:
    """Say what will be shared with whom, before the vendor asks for permission."""
    facts = provider_or_404(provider).facts
    visitor = sessions.current()
    if visitor is None:
        return redirect(url_for("pages.home"), 303)
    store = services().store
    ehr = store.ehr(store.patient(visitor.patient_id).ehr_connection_id)
    ehr_name = None if ehr.name == NAMELESS else ehr.name
    return render_template("disclosure.html", facts=facts, ehr_name=ehr_name)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer whether the process serves; public on purpose, and says nothing else."""
    return {"status": "ok"}
