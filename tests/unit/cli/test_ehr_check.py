"""`ohx ehr check`: what it says, what it keeps, and how it exits."""

import json
import re

import pytest
from click.testing import CliRunner
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from ohx_pipelines.cli.main import main
from ohx_pipelines.fhir.probing import canary
from tests.unit.cli.complete_settings import set_all
from tests.unit.fhir.serving import Lenient, Scripted, served, serving_ehr


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url):
    monkeypatch.setattr(canary, "SEARCH_PAUSE_SECONDS", 0.0)
    set_all(monkeypatch, database_url)
    return lambda *arguments: CliRunner().invoke(main, ["ehr", *arguments])


@pytest.fixture
def clinic(ohx, ehr):
    assert ohx("add", "clinic", ehr.url).exit_code == 0
    return "clinic"


def test_a_server_that_works_is_told_and_kept(ohx, store, clinic):
    checked = ohx("check", clinic)

    assert checked.exit_code == 0, checked.output
    assert "Use write mode put-id: the server takes our ids" in checked.output
    assert "Every canary is removed." in checked.output
    kept = store.ehr_by_name(clinic)
    assert kept.checked_at is not None
    assert (kept.check_answer["usable"], kept.check_answer["write_mode"]) == (True, "put-id")


def test_another_mode_is_advised_and_never_chosen_for_the_operator(ohx, store, ehr, clinic):
    ehr.settings.change({"client_ids": False})

    checked = ohx("check", clinic)

    assert checked.exit_code == 0, checked.output
    assert "put-id: the server lets no client choose ids (HTTP 404" in checked.output
    assert "Use write mode conditional-update" in checked.output
    assert "`ohx ehr mode clinic conditional-update` changes it" in checked.output
    assert store.ehr_by_name(clinic).write_mode == "put-id"


def test_a_canary_that_stays_is_told_whatever_else_went_wrong(ohx, ehr):
    with served(Lenient(ehr.app, identifier="nobody")) as url:
        ohx("add", "deaf", url)

        checked = ohx("check", "deaf")

    assert checked.exit_code == 1
    assert "give a test Patient with --patient" in checked.output
    assert "A canary could not be removed" in checked.output


def test_json_is_one_object_that_names_no_patient(ohx, clinic):
    checked = ohx("check", clinic, "--patient", "p1", "--json")

    answer = json.loads(checked.output)
    assert (checked.exit_code, answer["usable"], answer["left_behind"]) == (0, True, "nothing")
    assert [one["finding"] for one in answer["trials"]] == ["once"] * 3
    assert "p1" not in checked.output


def test_a_server_on_which_no_mode_works_is_not_usable(ohx, store, ehr, clinic):
    ehr.settings.change({"limits": {}, "client_ids": False})
    ehr.faults.add("entry_status", status=422)

    checked = ohx("check", clinic)

    assert checked.exit_code == 1
    assert "Not usable as it is." in checked.output
    assert store.ehr_by_name(clinic).check_answer["usable"] is False


def test_a_server_that_is_no_fhir_r5_is_written_nothing(ohx):
    r4 = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    stub = Scripted(search=lambda _: (200, r4, {}))
    with served(stub) as url:
        ohx("add", "old", url)

        checked = ohx("check", "old")

    assert checked.exit_code == 1
    assert "FHIR 4.0.1: this product writes FHIR R5 only" in checked.output
    assert [method for method, _ in stub.asked] == ["GET"]


def test_a_server_that_refuses_our_credentials_is_told_in_a_word(ohx):
    stub = Scripted(search=lambda _: (401, {"resourceType": "OperationOutcome", "issue": []}, {}))
    with served(stub) as url:
        ohx("add", "closed", url)

        checked = ohx("check", "closed", "--json")

    assert checked.exit_code == 1
    assert json.loads(checked.output) == {
        "usable": False,
        "error": "credentials_refused",
        "status": 401,
    }


def test_where_we_may_not_read_blind_mode_is_advised_with_all_that_it_cannot_do(
    ohx, store, ehr, clinic
):
    ehr.settings.change({"write_only": True})

    checked = ohx("check", clinic)

    assert checked.exit_code == 0, checked.output
    assert "We may not search here: only blind mode can be tried." in checked.output
    assert "Use write mode blind: we may not read there" in checked.output
    assert "Grant us reading and searching if you can." in checked.output
    for missing in ("retract", "unchanged", "`corrected`", "DeviceAssociations", "erase"):
        assert missing in checked.output
    assert "`ohx ehr mode clinic blind` changes it" in checked.output
    kept = store.ehr_by_name(clinic)
    assert (kept.write_mode, kept.check_answer["write_mode"]) == ("put-id", "blind")
    assert kept.check_answer["reads"] is False


def test_where_we_may_read_nothing_is_said_of_blind_mode(ohx, ehr, clinic):
    assert "blind" not in ohx("check", clinic).output
    ehr.faults.add("entry_status", status=422)
    assert "blind" not in ohx("check", clinic).output


def test_types_that_the_ehr_does_not_know_are_advised_to_be_left_out_unless_they_are(
    ohx, store, ehr
):
    def spared(environ, start_response):
        if not environ["PATH_INFO"].endswith("/metadata"):
            return ehr.app(environ, start_response)
        parts, status, headers = run_wsgi_app(ehr.app, environ, buffered=True)
        statement = json.loads(b"".join(parts))
        listed = statement["rest"][0]["resource"]
        listed[:] = [one for one in listed if one["type"] not in {"DeviceAssociation", "Consent"}]
        kept = [one for one in headers if one[0] != "Content-Length"]
        return Response(json.dumps(statement), status, kept)(environ, start_response)

    with served(spared) as url:
        ohx("add", "young", url, "--leave-out", "Consent")
        checked = ohx("check", "young")
        advised = re.search(r"`ohx ehr (leave-out young \S+)`", checked.output)[1]
        assert ohx(*advised.split()).exit_code == 0
        again = ohx("check", "young")

    assert "does not know: DeviceAssociation, Consent" in checked.output
    assert store.ehr_by_name("young").leave_out == ("DeviceAssociation", "Consent")
    assert "leave-out" not in again.output
