"""Links in a real store, for tests of what works on them.

Belongs here: patients, links and their tokens. Not here: the store's own tests (`links/`).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tests.unit.made_up import grant

ZONE = ZoneInfo("Europe/Berlin")
DATA_TYPES = {"withings": ["body", "blood_pressure"]}


def save_ehr(store, name="default"):
    return store.save_ehr(
        name=name,
        url=f"https://{name}.example/fhir",
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=5,
    )


def patient_of(store, account, *, ehr="default"):
    """Give the patient whose sign-in is the account's name."""
    return store.patient_signed_in(
        ehr_connection_id=save_ehr(store, ehr).id,
        fhir_id=f"patient-{account}",
        issuer="https://login.example",
        subject=account,
    )


def link_file(store, account, *, provider="beurer", ehr="default", data_types=("body",)):
    """Give the patient's link of an app's files, as a first upload makes it."""
    return store.open_file_link(
        patient_id=patient_of(store, account, ehr=ehr).id,
        provider=provider,
        zone=ZONE,
        data_types=data_types,
    )


def link_account(store, account, *, provider="acme", ehr="default", confirmed=True, **tokens):
    """Give the link of the account, whose access token is the account's name, as it was linked."""
    patient = patient_of(store, account, ehr=ehr)
    link = store.save_link(
        patient_id=patient.id,
        provider=provider,
        grant=grant(account, **tokens),
        data_types=DATA_TYPES.get(provider, ["weight"]),
    )
    return store.confirm_link(link.id, zone=ZONE) if confirmed else link
