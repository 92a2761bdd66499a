"""Planned misbehaviour of the EHR stand-in: whom it hits, how often, and what is left behind.

Belongs here: faults over real HTTP. Not here: how the control endpoint plans them.
"""

import time

import pytest
import requests

from tests.unit.sandbox.ehr_parts import entry, running_ehr, weight


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def test_a_status_is_answered_as_often_as_planned(ehr):
    ehr.faults.add("status", count=2, status=429, seconds=7)
    answers = [ehr.put(weight()) for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["issue"][0]["code"] == "throttled"


def test_a_status_without_a_count_lasts_until_it_is_cleared(ehr):
    ehr.faults.add("status")
    answers = [ehr.get("metadata") for _ in range(3)]
    assert {one.status_code for one in answers} == {503}
    assert "Retry-After" not in answers[0].headers
    ehr.faults.clear()
    assert ehr.get("metadata").status_code == 200


def test_a_fault_of_one_patient_spares_the_others(ehr):
    ehr.put(weight("w-anna"))
    ehr.faults.add("status", patient="anna")
    concerned = [
        ehr.get("Patient/anna"),
        ehr.get("Observation", patient="Patient/anna"),
        ehr.get("Observation", subject="anna"),
        ehr.get("Observation/w-anna"),
        ehr.put(weight()),
        ehr.bundle("batch", entry(weight("w2", patient="bert")), entry(weight())),
        ehr.call("DELETE", "Observation/w-anna"),
    ]
    assert {one.status_code for one in concerned} == {503}
    spared = [
        ehr.get("Patient/bert"),
        ehr.get("Observation", patient="bert"),
        ehr.put(weight("w3", patient="bert")),
        ehr.bundle("batch", entry(weight("w4", patient="bert"))),
        ehr.get("metadata"),
    ]
    assert [one.status_code for one in spared] == [200, 200, 201, 200, 200]


def test_a_dropped_connection_leaves_the_work_done(ehr):
    ehr.faults.add("drop_after_commit", count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ehr.put(weight())
    assert ehr.put(weight()).status_code == 200
    assert ehr.get("Observation/w1").json()["meta"]["versionId"] == "1"


def test_only_work_that_was_done_is_dropped(ehr):
    ehr.faults.add("drop_after_commit", count=1)
    assert ehr.put(weight(status="finl")).status_code == 422
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ehr.bundle("transaction", entry(weight()))
    assert ehr.server.snapshot()["Observation"] == 1


def test_a_slow_answer_comes_late_and_others_do_not_wait(ehr):
    ehr.faults.add("slow", patient="anna", seconds=1.5)
    start = time.perf_counter()
    ehr.get("Patient/bert")
    quick = time.perf_counter() - start
    ehr.get("Patient/anna")
    assert quick < 1.5 <= time.perf_counter() - start


@pytest.mark.parametrize(
    ("status", "line"), [(None, "422 Unprocessable Entity"), (409, "409 Conflict")]
)
def test_entries_of_one_patient_are_refused_inside_a_batch(ehr, status, line):
    ehr.faults.add("entry_status", patient="anna", status=status)
    bundle = [entry(weight()), entry(weight("w2", patient="bert")), entry(weight("w3"))]
    entries = ehr.bundle("batch", *bundle).json()["entry"]
    assert [one["response"]["status"] for one in entries] == [line, "201 Created", line]
    place = entries[2]["response"]["outcome"]["issue"][0]["expression"]
    assert place == ["Bundle.entry[2].resource"]
    assert ehr.put(weight()).status_code == 201


def test_an_entry_fault_costs_a_transaction(ehr):
    ehr.faults.add("entry_status", patient="anna", count=1, status=409)
    bundle = [entry(weight("w2", patient="bert")), entry(weight())]
    assert ehr.bundle("transaction", *bundle).status_code == 409
    assert ehr.server.snapshot()["Observation"] == 0
    assert ehr.bundle("transaction", *bundle).status_code == 200


def test_a_strict_server_refuses_a_batch_for_one_entry(ehr):
    ehr.faults.add("whole_bundle", count=1)
    bundle = [entry(weight()), entry(weight("w2", status="finl"))]
    refused = ehr.bundle("batch", *bundle)
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.status"]
    assert ehr.server.snapshot()["Observation"] == 0
    assert ehr.bundle("batch", *bundle).status_code == 200


def test_the_reader_neither_meets_faults_nor_uses_them_up(ehr):
    ehr.faults.add("status", count=1)
    assert ehr.call("GET", "metadata", headers={"X-Sandbox-Reader": "1"}).status_code == 200
    assert ehr.get("metadata").status_code == 503


def test_an_unknown_kind_or_a_count_of_nothing_is_refused_when_planned(ehr):
    with pytest.raises(ValueError, match="kind must be one of"):
        ehr.faults.add("explode")
    with pytest.raises(ValueError, match="count must be at least 1"):
        ehr.faults.add("status", count=0)
