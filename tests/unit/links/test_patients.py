"""Patients: one per sign-in, and never another record under the same sign-in."""

from __future__ import annotations

import re

import pytest

from ohx_pipelines.errors import NotFound, OhxError

SIGN_IN = {"issuer": "https://login.example", "subject": "subject-1"}


def test_the_same_sign_in_is_the_same_patient(store, ehr):
    first = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN)
    again = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN)

    assert first == again == store.patient(first.id)
    assert (first.ehr_connection_id, first.fhir_id) == (ehr.id, "p1")
    assert re.fullmatch("[a-z2-7]{12}", first.id)


@pytest.mark.parametrize("change", [{"issuer": "https://other.example"}, {"subject": "subject-2"}])
def test_another_sign_in_is_another_patient(store, ehr, change):
    first = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN)
    other = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN | change)

    assert other.id != first.id


def test_a_sign_in_that_later_names_another_record_is_refused(store, ehr):
    first = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN)

    with pytest.raises(OhxError) as caught:
        store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p2", **SIGN_IN)

    assert caught.value.code == "patient_changed"
    assert "p2" not in str(caught.value)
    assert store.patient(first.id).fhir_id == "p1"


def test_the_same_record_number_in_another_ehr_is_another_record(store, ehr):
    store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN)
    other = store.save_ehr(
        name="other",
        url="https://other.example/fhir",
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=5,
    )

    with pytest.raises(OhxError) as caught:
        store.patient_signed_in(ehr_connection_id=other.id, fhir_id="p1", **SIGN_IN)

    assert caught.value.code == "patient_changed"


def test_two_first_sign_ins_at_once_make_one_patient(store, ehr, at_once, sql):
    def sign_in():
        return store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p1", **SIGN_IN).id

    assert len(set(at_once(*[sign_in] * 6))) == 1
    assert len(sql("SELECT * FROM patients")) == 1


def test_a_patient_is_not_named_in_a_repr(store, ehr):
    patient = store.patient_signed_in(ehr_connection_id=ehr.id, fhir_id="p-CANARY", **SIGN_IN)
    assert "CANARY" not in repr(patient)
    assert "subject-1" not in repr(patient)


def test_an_unknown_patient_is_not_found(store):
    with pytest.raises(NotFound):
        store.patient("aaaaaaaaaaaa")
