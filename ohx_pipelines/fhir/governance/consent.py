"""Consents: what a patient shares of a vendor's account, since when, and that it was withdrawn.

Belongs here: the Consent, a copy of the link's record. Not here: the gate, which reads the record
itself (`links/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.identity import (
    CONSENT_SYSTEM,
    SOFTWARE,
    SOFTWARE_SYSTEM,
    VENDOR_SYSTEM,
    by_identifier,
    coded,
    link_of,
)
from ohx_pipelines.fhir.governance.moments import moment, period
from ohx_pipelines.fhir.identifiers import resource_id
from ohx_pipelines.fhir.labels import meta

DATA_TYPES = "https://open-health-exchange.org/fhir/CodeSystem/data-types"
ACTIONS = "http://terminology.hl7.org/CodeSystem/consentaction"
ROLES = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
RESOURCE_TYPES = "http://hl7.org/fhir/fhir-types"
PATIENT_CONSENT = coded("http://loinc.org", "59284-0", "Patient Consent")


def consent_id(*, link: str, secret: bytes) -> str:
    """Give the id of a link's Consent: the same after a re-link."""
    return resource_id(secret, "Consent", link)


def build_consent(
    *,
    context: LinkContext,
    title: str,
    data_types: Sequence[tuple[str, str]],
    since: datetime,
    chosen: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Give the Consent for a vendor's title and the (name, title) of each shared data type.

    `since` is when the patient confirmed, `chosen` when the data types were last chosen (else then
    too), `until` when they withdrew.
    """
    link = link_of(context)
    patient = {"reference": f"Patient/{context.patient}"}
    decision = {"decision": "permit", "provision": [_provision(context, title, data_types)]}
    held = period(since, until)
    return {
        "resourceType": "Consent",
        "id": consent_id(link=link, secret=context.secret),
        "meta": meta(context),
        "identifier": [{"system": CONSENT_SYSTEM, "value": link}],
        "status": "active" if until is None else "inactive",
        "category": [PATIENT_CONSENT],
        "subject": patient,
        "date": moment(chosen or since).partition("T")[0],
        "period": held,
        "grantor": [patient],
        # A provision without a code would cover everything.
        **(decision if data_types else {"decision": "deny"}),
    }


def _provision(
    context: LinkContext, title: str, data_types: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Say from whom, through whom and what: readings of these data types."""
    vendor = by_identifier(VENDOR_SYSTEM, context.vendor, type="Organization", display=title)
    software = by_identifier(SOFTWARE_SYSTEM, SOFTWARE, type="Device")
    return {
        "actor": [
            {"role": coded(ROLES, "datacollector", "Data Collector"), "reference": vendor},
            {"role": coded(ROLES, "dataprocessor", "Data Processor"), "reference": software},
        ],
        "action": [
            coded(ACTIONS, "collect", "Collect"),
            coded(ACTIONS, "disclose", "Disclose"),
        ],
        "resourceType": [{"system": RESOURCE_TYPES, "code": "Observation"}],
        "code": [_data_type(context, name, words) for name, words in data_types],
    }


def _data_type(context: LinkContext, name: str, title: str) -> dict[str, Any]:
    coding = {"system": DATA_TYPES, "code": f"{context.vendor}.{name}", "display": title}
    return {"coding": [coding], "text": title}
