"""`ohx ehr check`'s trials: what is concluded about a server, and that no canary stays behind.

The endpoint is the sandbox's EHR in the ways in which real servers differ.
"""

import pytest
from tenacity import wait_none

from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir import probe
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.probe import check_ehr
from tests.unit.fhir.serving import serving_ehr


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def client(ehr, monkeypatch):
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    monkeypatch.setattr(probe, "SEARCH_PAUSE_SECONDS", 0.0)
    opened = connect(FhirConnection(url=ehr.url, timeout_seconds=10))
    yield opened
    opened.close()


def findings(found):
    return {one.mode.value: one.finding.value for one in found.trials}


def test_a_server_that_keeps_every_promise_is_written_by_our_ids(client):
    found = check_ehr(client)

    assert findings(found) == dict.fromkeys(
        ["put-id", "conditional-update", "conditional-create"], "once"
    )
    assert found.write_mode == "put-id"
    assert found.capabilities.speaks_r5
    assert found.capabilities.lacks == ()


def test_a_server_that_refuses_our_ids_is_written_by_condition(ehr, client):
    # Whatever it says of itself: it is tried.
    ehr.settings.change({"client_ids": False, "overclaims": True})

    found = check_ehr(client)

    assert findings(found)["put-id"] == "client_ids_refused"
    assert found.capabilities.update_create is True
    assert found.write_mode == "conditional-update"


def test_a_server_that_ignores_if_none_exist_is_found_before_real_readings_go_out(ehr, client):
    ehr.settings.change({"ignore_if_none_exist": True, "overclaims": True})

    found = check_ehr(client)

    assert findings(found)["conditional-create"] == "twice"
    assert found.capabilities.conditional_create is True
    assert found.write_mode == "put-id"


def test_a_server_that_is_down_in_the_middle_is_not_called_usable(ehr, client):
    ehr.faults.add("entry_status", status=503, count=1)

    found = check_ehr(client)

    assert (found.write_mode, found.stopped, found.status) == (None, "ehr_down", 503)
    assert found.left == "nothing"


def test_missing_rights_end_the_check_with_their_word(ehr, client):
    ehr.faults.add("entry_status", status=403)

    found = check_ehr(client)

    assert (found.write_mode, found.stopped, found.status) == (None, "rights_missing", 403)


@pytest.mark.parametrize(
    "trouble",
    [
        {},
        {"client_ids": False},
        {"ignore_if_none_exist": True},
        {"stale_if_match": 412, "bad_entry": "bundle"},
    ],
)
def test_no_canary_stays_behind(ehr, client, trouble):
    before = ehr.snapshot()
    ehr.settings.change(trouble)

    found = check_ehr(client)

    assert found.left == "nothing"
    assert ehr.snapshot() == before


def test_a_canary_whose_answer_was_lost_is_removed_too(ehr, client):
    before = ehr.snapshot()
    # The second write is a Bundle; the first made the canary's Patient.
    ehr.faults.add("drop_after_commit", method="write", patient="p1", count=1)

    found = check_ehr(client, patient="p1")

    assert (found.stopped, found.left) == ("ehr_down", "nothing")
    assert ehr.snapshot() == before


def test_a_canary_for_a_given_patient_holds_no_value_and_is_taken_back(ehr, client):
    found = check_ehr(client, patient="p1")

    assert found.write_mode == "put-id"
    versions = [
        one.resource
        for key in ehr._store._histories
        if key[0] == "Observation"
        for one in ehr._store.history(key)
    ]
    assert {one["subject"]["reference"] for one in versions if one} == {"Patient/p1"}
    assert all("valueQuantity" not in one for one in versions if one)
    assert all(one["meta"]["security"][0]["code"] == "HTEST" for one in versions if one)
    retracted = [one for one in versions if one and one["status"] == "entered-in-error"]
    assert len(retracted) == 3


def test_a_canary_that_cannot_be_deleted_is_retracted_and_said_to_be_left(ehr, client):
    ehr.forbids.add("DELETE")

    found = check_ehr(client, patient="p1")

    assert (found.left, found.write_mode) == ("retracted", "put-id")
    assert {one.resource["status"] for one in ehr._store.all_live("Observation")} == {
        "entered-in-error"
    }


def test_without_a_patient_of_its_own_the_check_asks_for_one(ehr, client):
    ehr.forbids.add("POST")

    found = check_ehr(client)

    assert (found.no_patient, found.write_mode, found.trials) == (True, None, ())


def test_the_answer_that_is_kept_names_nobody(client):
    answer = check_ehr(client, patient="p1").as_json()

    assert answer["usable"] is True
    assert "p1" not in repr(answer)
