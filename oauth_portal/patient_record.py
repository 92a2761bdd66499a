"""Which FHIR Patient a sign-in names, and whether the EHR knows it.

Belongs here: reading the claim and one read of the EHR. Not here: creating anything there, which
the portal never does.
"""

from __future__ import annotations

import re
from contextlib import closing

from oauth_portal.messages import (
    EHR_REFUSED,
    EHR_UNAVAILABLE,
    NO_RECORD_NAMED,
    OTHER_EHR,
    RECORD_UNKNOWN,
    PageStop,
)
from oauth_portal.services import services
from ohx_pipelines.errors import CredentialsRefused, EhrDown, EhrError, RightsMissing
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.links.records import EhrConnection

# FHIR R5, datatype `id`; not "." or "..", which an HTTP client would take for a folder.
_RELATIVE = re.compile(r"Patient/(?!\.{1,2}$)([A-Za-z0-9\-.]{1,64})")


def fhir_id_named(claim: str | None, *, ehr_url: str) -> str:
    """Read `Patient/<id>` or its absolute form below `ehr_url`; another EHR's is refused."""
    if claim is None:
        raise PageStop(NO_RECORD_NAMED)
    reference = claim.removeprefix(ehr_url.rstrip("/") + "/")
    if "://" in reference:
        raise PageStop(OTHER_EHR)
    match = _RELATIVE.fullmatch(reference)
    if match is None:
        raise PageStop(NO_RECORD_NAMED)
    return match[1]


def require_patient(ehr: EhrConnection, fhir_id: str) -> None:
    """Ask the EHR for the patient; raises PageStop when there is none or no answer.

    Where we are granted no reading the identity provider's word counts: the EHR itself refuses
    readings of nobody.
    """
    try:
        with closing(services().ehr_client(ehr)) as client:
            patient = client.read("Patient", fhir_id)
    except EhrError as error:
        no_right = isinstance(error, CredentialsRefused | RightsMissing)
        if no_right and not WriteMode(ehr.write_mode).reads:
            return
        stop = PageStop(EHR_UNAVAILABLE if isinstance(error, EhrDown) else EHR_REFUSED)
    else:
        if patient is not None:
            return
        stop = PageStop(RECORD_UNKNOWN)
    raise stop
