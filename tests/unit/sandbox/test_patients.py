"""The sandbox's people in an EHR that is not the sandbox's: their Patients are put there first."""

import pytest

from sandbox.patients import PatientsRefused, put_patients
from sandbox.people import make_people
from tests.unit.sandbox.ehr_parts import running_ehr


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def test_everybody_is_there_afterwards(ehr):
    people = make_people(3, "run1")

    put_patients(ehr.url, people)

    assert {one.patient_id for one in people} <= set(ehr.found("Patient"))
    held = ehr.get(f"Patient/{people[0].patient_id}").json()
    assert (held["name"][0]["text"], held["active"]) == (people[0].name, True)


def test_an_ehr_that_refuses_them_is_named_with_its_answer(ehr):
    ehr.faults.add("status", count=1)
    with pytest.raises(PatientsRefused, match=r"Patient/patient-run1-0001 answered 503"):
        put_patients(ehr.url, make_people(1, "run1"))


def test_an_ehr_that_cannot_be_reached_is_named():
    with pytest.raises(PatientsRefused, match=r"127\.0\.0\.1:9/fhir cannot be reached"):
        put_patients("http://127.0.0.1:9/fhir", make_people(1, "run1"))
