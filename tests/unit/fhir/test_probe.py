"""`ohx ehr check`'s trials: what is concluded about a server, and that no canary stays behind.

The endpoint is the sandbox's EHR in the ways in which real servers differ.
"""

import json

import pytest
from tenacity import wait_none
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.probing import canary
from ohx_pipelines.fhir.probing.canary import observation
from ohx_pipelines.fhir.probing.probe import check_ehr
from tests.unit.fhir.serving import Lenient, served, serving_ehr


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def client(ehr, monkeypatch):
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    monkeypatch.setattr(canary, "SEARCH_PAUSE_SECONDS", 0.0)
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


def test_a_second_canary_that_is_not_indexed_yet_is_known_by_where_it_lives(ehr, check_through):
    ehr.settings.change({"ignore_if_none_exist": True})

    def slowly_indexed(environ, start_response):
        if environ["REQUEST_METHOD"] != "GET":
            return ehr.app(environ, start_response)
        parts, status, headers = run_wsgi_app(ehr.app, environ, buffered=True)
        answer = json.loads(b"".join(parts))
        if answer.get("type") == "searchset":
            answer["entry"] = answer.get("entry", [])[:1]
        kept = [one for one in headers if one[0] != "Content-Length"]
        return Response(json.dumps(answer), status, kept)(environ, start_response)

    found = check_through(slowly_indexed, patient="p1")

    assert findings(found)["conditional-create"] == "twice"
    assert (found.left, ehr._store.all_live("Observation")) == ("nothing", [])


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


@pytest.fixture
def check_through(client):
    """Check the EHR behind another application."""

    def run(app, **options):
        with served(app) as url:
            opened = connect(FhirConnection(url=url, timeout_seconds=10))
            try:
                return check_ehr(opened, **options)
            finally:
                opened.close()

    return run


@pytest.fixture
def weighed(client):
    """Somebody's reading in the EHR."""
    weight = observation("p2") | {"identifier": [{"system": "urn:x", "value": "1"}]}
    client.write("put", f"Observation/{weight['id']}", weight)


@pytest.mark.usefixtures("weighed")
@pytest.mark.parametrize("patient", [None, "p1"])
def test_on_a_server_that_ignores_our_search_nobodys_record_is_touched(ehr, check_through, patient):
    # Once, everything that such a server lists was taken for canaries, and deleted.
    before = ehr.snapshot()

    found = check_through(Lenient(ehr.app), patient=patient)

    assert ehr.snapshot() == before
    assert (found.write_mode, found.left) == (None, "nothing")
    assert found.no_patient is (patient is None)
    assert set(findings(found).values()) == ({"not_searched"} if patient else set())


@pytest.mark.usefixtures("weighed")
def test_a_search_that_goes_wrong_in_the_middle_harms_nobody_either(ehr, check_through):
    before = ehr.snapshot()
    lenient = Lenient(ehr.app)

    def app(environ, start_response):
        # It minds the search until the first canary is there.
        asked = ehr.app if ehr.snapshot() == before else lenient
        return asked(environ, start_response)

    check_through(app, patient="p1")

    assert ehr.snapshot() == before


def test_a_canary_that_no_search_finds_is_removed_where_the_server_said_it_lives(
    ehr, check_through
):
    before = ehr.snapshot()

    found = check_through(Lenient(ehr.app, identifier="nobody"), patient="p1")

    assert set(findings(found).values()) == {"not_found"}
    assert (found.left, ehr.snapshot()) == ("nothing", before)


def test_a_canary_that_cannot_be_found_at_all_is_said_to_be_left(ehr, check_through):
    found = check_through(Lenient(ehr.app, identifier="nobody"))

    assert (found.no_patient, found.left) == (True, "canary")
    [canary] = [one for one in ehr._store.all_live("Patient") if one.key[1] not in {"p1", "p2"}]
    assert canary.resource["meta"]["security"][0]["code"] == "HTEST"


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


def capable(inner, change):
    """The EHR with another CapabilityStatement."""

    def app(environ, start_response):
        if not environ["PATH_INFO"].endswith("/metadata"):
            return inner(environ, start_response)
        parts, status, headers = run_wsgi_app(inner, environ, buffered=True)
        statement = json.loads(b"".join(parts))
        change(statement["rest"][0]["resource"])
        kept = [one for one in headers if one[0] != "Content-Length"]
        return Response(json.dumps(statement), status, kept)(environ, start_response)

    return app


def answering(inner, status, **when):
    """The EHR that refuses requests of that method (and path) with a status."""

    def app(environ, start_response):
        path = environ["PATH_INFO"].rpartition("/")[2]
        is_meant = environ["REQUEST_METHOD"] == when["method"] and path != "metadata"
        if is_meant and when.get("path", path) == path:
            return Response(status=status)(environ, start_response)
        return inner(environ, start_response)

    return app


def without_search(resources):
    for one in resources:
        one["interaction"] = [code for code in one["interaction"] if code["code"] != "search-type"]


def test_where_nothing_may_be_read_blind_mode_is_tried_and_no_other(ehr, client):
    before = ehr.snapshot()
    ehr.settings.change({"write_only": True})

    found = check_ehr(client)

    assert (found.reads, findings(found)) == (False, {"blind": "unseen"})
    assert found.write_mode == "blind"
    assert (found.left, ehr.snapshot()) == ("nothing", before)


@pytest.mark.parametrize("status", [401, 403])
def test_a_search_that_is_refused_to_us_leaves_blind_mode(ehr, check_through, status):
    found = check_through(answering(ehr.app, status, method="GET"), patient="p1")

    assert (found.reads, found.write_mode, found.left) == (False, "blind", "nothing")


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_server_that_says_it_cannot_search_and_does_not_is_written_blindly(
    ehr, check_through, monkeypatch, status
):
    monkeypatch.setattr(client_module, "ATTEMPTS", 1)
    app = answering(ehr.app, status, method="GET")

    found = check_through(capable(app, without_search), patient="p1")

    assert (found.reads, found.write_mode) == (False, "blind")


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_search_that_fails_otherwise_is_trouble_and_no_reason_to_write_blindly(
    ehr, check_through, status
):
    found = check_through(answering(ehr.app, status, method="GET"), patient="p1")

    assert (found.write_mode, found.trials) == (None, ())
    assert (found.stopped, found.status) == ("ehr_rejected", status)


def test_a_server_that_searches_is_never_written_blindly_whatever_it_says(ehr, check_through):
    found = check_through(capable(ehr.app, without_search), patient="p1")

    assert (found.reads, found.write_mode) == (True, "put-id")
    assert "blind" not in findings(found)


def test_not_even_when_every_other_mode_fails_there(ehr, client):
    ehr.faults.add("entry_status", status=422)

    found = check_ehr(client)

    assert (found.reads, found.write_mode) == (True, None)
    assert "blind" not in findings(found)


def test_a_server_that_takes_no_ids_of_ours_cannot_be_written_blindly(ehr, client):
    ehr.settings.change({"write_only": True, "client_ids": False})

    found = check_ehr(client, patient="p1")

    assert findings(found) == {"blind": "client_ids_refused"}
    assert (found.write_mode, found.left) == (None, "nothing")


def test_a_server_that_calls_every_repeat_new_is_not_written_blindly(ehr, check_through):
    ehr.settings.change({"write_only": True})

    def app(environ, start_response):
        if environ["REQUEST_METHOD"] != "POST":
            return ehr.app(environ, start_response)
        parts, status, headers = run_wsgi_app(ehr.app, environ, buffered=True)
        answer = json.loads(b"".join(parts))
        answer["entry"][0]["response"]["status"] = "201 Created"
        kept = [one for one in headers if one[0] != "Content-Length"]
        return Response(json.dumps(answer), status, kept)(environ, start_response)

    found = check_through(app, patient="p1")

    assert (findings(found), found.write_mode) == ({"blind": "new_again"}, None)


def test_who_may_neither_read_nor_write_is_told_so(ehr, check_through):
    app = ehr.app
    for method in ("GET", "POST", "PUT", "DELETE"):
        app = answering(app, 403, method=method)

    found = check_through(app, patient="p1")

    assert (found.write_mode, found.stopped) == (None, "rights_missing")
    # What was refused is not there: nobody is sent to look for it.
    assert found.left == "nothing"


def test_a_blind_canary_that_cannot_be_deleted_is_retracted_and_said_to_be_left(ehr, client):
    ehr.settings.change({"write_only": True, "deletes": False})

    found = check_ehr(client, patient="p1")

    assert (found.write_mode, found.left) == ("blind", "retracted")
    [canary] = ehr._store.all_live("Observation")
    assert canary.resource["status"] == "entered-in-error"
    assert canary.resource["meta"]["security"][0]["code"] == "HTEST"


def test_a_blind_canary_whose_answer_was_lost_is_removed_too(ehr, client):
    before = ehr.snapshot()
    ehr.settings.change({"write_only": True})
    ehr.faults.add("drop_after_commit", method="write", patient="p1", count=1)

    found = check_ehr(client, patient="p1")

    assert (found.stopped, found.left) == ("ehr_down", "nothing")
    assert ehr.snapshot() == before


def test_a_patient_that_cannot_be_made_blindly_is_asked_for(ehr, check_through):
    ehr.settings.change({"write_only": True})

    found = check_through(answering(ehr.app, 403, method="PUT"))

    assert (found.no_patient, found.write_mode, found.left) == (True, None, "nothing")


def test_types_that_the_statement_does_not_list_are_named(ehr, check_through):
    def spare(resources):
        resources[:] = [one for one in resources if one["type"] not in {"Consent", "Provenance"}]

    found = check_through(capable(ehr.app, spare), patient="p1")

    assert found.capabilities.lacks_types == ("Provenance", "Consent")
    assert found.write_mode == "put-id"


def test_a_statement_that_lists_nothing_says_nothing_of_types(ehr, check_through):
    found = check_through(capable(ehr.app, list.clear), patient="p1")

    assert found.capabilities.lacks_types == ()
