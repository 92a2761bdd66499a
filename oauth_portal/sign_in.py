"""Signing in and out.

Belongs here: the three addresses of it. Not here: OpenID Connect (`identity.py`), sessions
(`sessions.py`), or the question whether the EHR knows the patient (`patient_record.py`).
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, flash, redirect, url_for
from werkzeug.wrappers import Response

from oauth_portal import sessions
from oauth_portal.events import log_event
from oauth_portal.identity import Identity, IdentityProvider
from oauth_portal.messages import RECORD_CHANGED, PageStop
from oauth_portal.patient_record import fhir_id_named, require_patient
from oauth_portal.security import leave_to, public_url
from oauth_portal.services import services
from ohx_pipelines.errors import OhxError

EXTENSION = "ohx_identity"
blueprint = Blueprint("sign_in", __name__)


@blueprint.post("/sign-in")
def start() -> Response | str:
    """Send the browser to the identity provider."""
    return leave_to(_identity_provider().start(public_url(url_for("sign_in.finish"))))


@blueprint.get("/sign-in/return")
def finish() -> Response:
    """Come back from there: a patient whom the EHR knows gets a session."""
    patient_id = _patient_of(_identity_provider().finish())
    sessions.begin(patient_id)
    log_event("signed_in")
    return redirect(url_for("pages.home"), 303)


@blueprint.post("/sign-out")
def end() -> Response:
    """End the session, in the cookie and on the server."""
    sessions.end()
    flash("You are signed out.")
    response = redirect(url_for("pages.home"), 303)
    # Not "cookies": that would sign out of everything below the same registered domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _patient_of(identity: Identity) -> str:
    store = services().store
    ehr = store.ehr_by_name(services().settings.ehr.name)
    fhir_id = fhir_id_named(identity.patient, ehr_url=ehr.url)
    require_patient(ehr, fhir_id)
    try:
        patient = store.patient_signed_in(
            ehr_connection_id=ehr.id,
            fhir_id=fhir_id,
            issuer=identity.issuer,
            subject=identity.subject,
        )
    except OhxError as error:
        if error.code != "patient_changed":
            raise
    else:
        return patient.id
    raise PageStop(RECORD_CHANGED)


def _identity_provider() -> IdentityProvider:
    return cast("IdentityProvider", current_app.extensions[EXTENSION])
