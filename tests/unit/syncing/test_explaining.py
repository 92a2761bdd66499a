"""Why something was written: with it in one transaction, after it where the EHR does not take that."""

from dataclasses import replace
from io import BytesIO

import pytest
import requests

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.outcomes import Outcome
from tests.unit.fhir.serving import Counted, served, serving_ehr
from tests.unit.made_up import MadeUpVendor, weighing
from tests.unit.one_link import CONTEXT, WEEK, synced

DAYS = WEEK[:2]
# One window, read; what changed together with why.
READ_AND_WRITTEN = ["GET", "POST"]


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def vendor():
    return MadeUpVendor(rows=[weighing(day) for day in DAYS])


@pytest.fixture
def run(ehr, vendor):
    def run_sync(url=None, *, run="run-1", **options):
        client = connect(FhirConnection(url=url or ehr.url))
        publisher = Publisher(client, **options)
        try:
            return synced(vendor, publisher, DAYS, context=replace(CONTEXT, run=run))
        finally:
            client.close()

    return run_sync


@pytest.fixture
def found(ehr):
    def searched(kind, **query):
        answer = requests.get(f"{ehr.url}/{kind}", params=query, timeout=10).json()
        return [one["resource"] for one in answer.get("entry", [])]

    return searched


def told(found):
    """Activity, run and targets of every Provenance."""
    return sorted(
        (
            one["activity"]["coding"][0]["code"],
            one["meta"]["tag"][-1]["code"],
            len(one["target"]),
        )
        for one in found("Provenance", patient="Patient/p1")
    )


def outcomes(results):
    return {one.outcome for one in results}


def test_a_change_and_why_it_was_made_are_one_transaction(run, vendor, ehr, found):
    standing = {}
    run(standing=standing)
    vendor.rows = [weighing(DAYS[0], "72.40"), weighing(DAYS[1])]
    ehr.asked.clear()

    results = run(run="run-2", standing=standing)

    assert outcomes(results) == {Outcome.SYNCED}
    assert [method for method, _ in ehr.asked] == READ_AND_WRITTEN
    assert told(found) == [("amend", "run-2", 1), ("receive", "run-1", 2)]
    [amended] = [o for o in found("Provenance") if o["activity"]["coding"][0]["code"] == "amend"]
    [target] = amended["target"]
    history = requests.get(f"{ehr.url}/{target['reference']}/_history", timeout=10).json()
    versions = [one["resource"] for one in history["entry"]]
    assert [(one["meta"]["versionId"], one["status"]) for one in versions] == [
        ("2", "corrected"),
        ("1", "final"),
    ]
    [agent] = amended["agent"]
    software = requests.get(f"{ehr.url}/{agent['who']['reference']}", timeout=10).json()
    assert software["category"][0]["coding"][0]["code"] == "software"


def test_an_unchanged_window_is_one_request_and_explains_nothing(run, ehr, found):
    run()
    before = told(found)
    ehr.asked.clear()
    run(run="run-2")

    assert [method for method, _ in ehr.asked] == ["GET"]
    assert told(found) == before


def test_where_one_entry_is_refused_the_others_are_explained_after_a_batch(run, vendor, ehr, found):
    ehr.settings.change({"limits": {"29463-7": 90}})
    vendor.rows = [weighing(DAYS[0]), weighing(DAYS[1], "99.90")]

    fine, refused = run()

    assert (fine.outcome, refused.outcome) == (Outcome.SYNCED, Outcome.EHR_REJECTED)
    assert told(found) == [("receive", "run-1", 1)]


def _answering(app, status):
    """The EHR, but transactions are answered with this status."""

    def asked(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(body)
            if b'"transaction"' in body:
                start_response(f"{status} No", [("Content-Length", "0")])
                return [b""]
        return app(environ, start_response)

    return asked


@pytest.mark.parametrize("status", [400, 405, 409, 422, 500, 501])
def test_an_ehr_that_takes_no_transaction_gets_a_batch_and_the_reasons_after_it(
    run, ehr, found, status, monkeypatch
):
    monkeypatch.setattr("ohx_pipelines.fhir.client._backoff", lambda _: 0)
    with served(_answering(Counted(ehr.app), status)) as url:
        results = run(url)

    assert outcomes(results) == {Outcome.SYNCED}
    assert told(found) == [("receive", "run-1", 2)]


@pytest.mark.parametrize("mode", ["conditional-update", "conditional-create"])
def test_where_the_server_gives_the_ids_the_reasons_name_them(run, vendor, ehr, found, mode):
    run(write_mode=mode)
    vendor.rows = [weighing(DAYS[0], "72.40")]
    run(write_mode=mode, run="run-2")

    assert told(found) == [
        ("amend", "run-2", 1),
        ("deprecate", "run-2", 1),
        ("receive", "run-1", 2),
    ]
    held = {f"Observation/{one['id']}" for one in found("Observation", patient="p1")}
    named = {t["reference"] for one in found("Provenance") for t in one["target"]}
    assert named == held


def test_an_ehr_that_is_given_no_provenance_gets_none(run, ehr, found):
    results = run(leave_out=["Provenance", "DeviceDefinition"])

    assert outcomes(results) == {Outcome.SYNCED}
    assert (found("Provenance"), found("DeviceDefinition")) == ([], [])
    # And so no Device of this program either, which only they name.
    assert len(found("Device")) == 1


def test_reasons_that_an_ehr_refuses_make_the_changed_days_red_and_cost_no_reading(run, ehr, found):
    def refusing(app):
        def asked(environ, start_response):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = BytesIO(body)
            if b'"Provenance"' in body:
                start_response("422 No", [("Content-Length", "0")])
                return [b""]
            return app(environ, start_response)

        return asked

    with served(refusing(ehr.app)) as url:
        results = run(url)

    assert {(one.outcome, one.error, one.counts.created) for one in results} == {
        (Outcome.EHR_REJECTED, "provenance_refused", 1)
    }
    assert len(found("Observation", patient="p1")) == 2


def test_a_device_that_had_to_be_written_again_meanwhile_is_no_change_of_a_reading(run, ehr, found):
    first = {}
    with serving_ehr() as other:
        run(other.url, standing=first)

    # The run has seen the devices, and this EHR lost them since.
    results = run(standing=first)

    assert outcomes(results) == {Outcome.SYNCED}
    named = {t["reference"].partition("/")[0] for o in found("Provenance") for t in o["target"]}
    assert (named, told(found)) == ({"Observation"}, [("receive", "run-1", 2)])
