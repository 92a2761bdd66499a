"""The EHR stand-in over HTTP: reading, creating, updating and deleting single resources.

Not here: conditions (`test_ehr_conditions.py`), versions (`test_ehr_versions.py`), Bundles,
searches, planned faults.
"""

import json

import pytest

from sandbox.ehr.app import create_ehr
from sandbox.ehr.outcomes import Refused
from sandbox.ehr.validation import validate
from tests.unit.sandbox.ehr_parts import concept, device, observation, running_ehr, weight


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def issue(answer):
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert answer.json()["resourceType"] == "OperationOutcome"
    return answer.json()["issue"][0]


def test_a_put_creates_then_changes_nothing_then_makes_a_version(ehr):
    answers = [ehr.put(weight()), ehr.put(weight()), ehr.put(weight(status="corrected"))]
    assert [one.status_code for one in answers] == [201, 200, 200]
    assert [one.headers["ETag"] for one in answers] == ['W/"1"', 'W/"1"', 'W/"2"']
    assert answers[0].headers["Location"] == f"{ehr.url}/Observation/w1/_history/1"
    assert ehr.get("Observation/w1").json()["meta"]["versionId"] == "2"
    assert ehr.get("Observation/w1/_history/1").json()["status"] == "final"


def test_what_was_read_can_be_put_back_without_a_new_version(ehr):
    posted = ehr.call("POST", "Observation", json=weight()).json()
    assert ehr.put(posted).headers["ETag"] == 'W/"1"'


def test_numbers_keep_their_digits_on_the_way_through(ehr):
    for digits in ("72.30", "0.000000010", "1E2", "72", "123456789012345.1234567"):
        text = json.dumps(weight()).replace("72.5", digits)
        ehr.call("PUT", "Observation/w1", data=text)
        assert f'"value":{digits},' in ehr.get("Observation/w1").text


def test_another_precision_of_the_same_number_is_a_change(ehr):
    ehr.put(weight())
    text = json.dumps(weight()).replace("72.5", "72.50")
    assert ehr.call("PUT", "Observation/w1", data=text).headers["ETag"] == 'W/"2"'


def test_a_deleted_resource_is_gone_until_it_is_put_again(ehr):
    ehr.put(weight())
    assert [ehr.call("DELETE", "Observation/w1").status_code for _ in range(2)] == [204, 204]
    assert ehr.get("Observation/w1").status_code == 410
    assert ehr.found("Observation", patient="anna") == []
    assert ehr.put(weight()).headers["ETag"] == 'W/"3"'


def test_a_changed_subject_is_found_at_its_new_patient_only(ehr):
    ehr.put(weight())
    ehr.put(weight(patient="bert"))
    assert ehr.found("Observation", patient="anna") == []
    assert ehr.found("Observation", patient="bert") == ["w1"]


def test_other_types_than_observations_are_kept_too(ehr):
    ehr.put(device())
    association = {
        "resourceType": "DeviceAssociation",
        "id": "a1",
        "device": {"reference": "Device/d1"},
        "subject": {"reference": "Patient/anna"},
        "status": concept("attached", "http://hl7.org/fhir/deviceassociation-status"),
    }
    assert [ehr.put(association).status_code for _ in range(2)] == [201, 200]
    assert ehr.found("DeviceAssociation", patient="anna", device="Device/d1") == ["a1"]
    assert ehr.server.snapshot()["DeviceAssociation"] == 1


def test_what_others_refer_to_is_not_deleted(ehr):
    ehr.put(weight())
    assert ehr.call("DELETE", "Patient/anna").status_code == 409
    assert ehr.call("DELETE", "Patient/bert").status_code == 204


@pytest.mark.parametrize(
    "more",
    [
        {"patient": "nobody"},
        {"device": {"reference": "Device/none"}},
        {"subject": {"reference": "https://elsewhere.example/Patient/anna"}},
        {"subject": {"reference": "urn:uuid:4c3d6c3e-6b0e-4b7e-9a8f-0d4b4f3f5f1a"}},
        {"subject": {"reference": "Device/d1"}},
        {"subject": {"reference": "#inside"}},
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_and_nothing_is_stored(ehr, more):
    ehr.put(device())
    answer = ehr.put(weight(**more))
    assert answer.status_code == 400
    assert issue(answer)["expression"][0].startswith("Observation.")
    assert ehr.server.snapshot()["Observation"] == 0


def test_a_contained_resource_is_a_target(ehr):
    inside = {"resourceType": "Device", "id": "inside", "displayName": "Scale"}
    answer = ehr.put(weight(contained=[inside], device={"reference": "#inside"}))
    assert answer.status_code == 201


def test_the_missing_target_is_named(ehr):
    diagnostics = issue(ehr.put(weight(patient="nobody")))["diagnostics"]
    assert diagnostics.startswith("Resource Patient/nobody not found")


def test_the_servers_own_address_is_a_reference_to_itself(ehr):
    answer = ehr.put(weight(subject={"reference": f"{ehr.url}/Patient/anna"}))
    assert answer.json()["subject"] == {"reference": "Patient/anna"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"resourceType":"Observation","resourceType":"Observation"}', 400),
        (json.dumps(weight()).replace("72.5", "NaN").encode(), 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (json.dumps(weight("other")).encode(), 400),
        (json.dumps(weight() | {"id": None}).encode(), 422),
        (json.dumps({k: v for k, v in weight().items() if k != "id"}).encode(), 400),
    ],
)
def test_a_body_that_does_not_belong_there_is_refused(ehr, body, status):
    answer = ehr.call("PUT", "Observation/w1", data=body)
    assert answer.status_code == status
    assert issue(answer)["severity"] == "error"


def test_addresses_methods_and_media_types_that_are_unknown_are_told_apart(ehr):
    assert ehr.get("Observation/none").status_code == 404
    assert ehr.get("Medication/m1").status_code == 404
    assert ehr.get("Observation/a_b").status_code == 400
    assert ehr.get("a/b/c/d/e").status_code == 404
    assert ehr.call("PATCH", "Observation/w1", json={}).status_code == 405
    plain = {"Content-Type": "text/plain"}
    assert issue(ehr.put(weight(), headers=plain))["code"] == "not-supported"
    assert ehr.put(weight(), headers=plain).status_code == 415


def test_what_it_stores_is_valid_by_its_own_rules(ehr):
    ehr.put(weight())
    stored = ehr.get("Observation/w1").json()
    assert validate(stored, "Observation") == stored


def test_a_server_does_not_start_with_an_invalid_patient():
    with pytest.raises(Refused):
        create_ehr([{"resourceType": "Patient", "id": "x", "gender": "f"}])


def test_an_observation_without_a_patient_is_no_observation(ehr):
    assert ehr.put(observation(subject=None)).status_code == 422
