"""Each row of the reaction table over real HTTP: what a status costs, and how often it is asked.

The rows are those of the specification's interactions and of the project's notes on servers; the
endpoint is a stub that answers what a row says.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import (
    ClientIdsRefused,
    CredentialsRefused,
    EhrConflict,
    EhrDown,
    EhrRejected,
    RightsMissing,
)
from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing import again
from tests.unit.fhir.readings import TAKEN, measurement
from tests.unit.fhir.serving import Scripted, served

CANARY = "CANARY-72.30"


def refusal(code="processing", text=CANARY, **more):
    issue = {"severity": "error", "code": code, "diagnostics": text, **more}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@pytest.fixture
def publish(build, monkeypatch):
    """Publish so many weighings to a stub; gives what came of it and the Bundles' sizes."""
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    monkeypatch.setattr(again, "PAUSE_SECONDS", (0.0, 0.01))

    def run(stub, *, count=1, mode="put-id", existing=None):
        rows = [
            measurement(
                "body_weight",
                f"7{n % 10}.5",
                "kg",
                record=str(n),
                group=str(n),
                device=None,
                start=TAKEN + timedelta(seconds=n),
            )
            for n in range(count)
        ]
        desired = build(*rows)
        there = {one["id"]: one | existing for one in desired} if existing else {}
        with served(stub) as url:
            client = connect(FhirConnection(url=url, timeout_seconds=10))
            try:
                written = Publisher(client, write_mode=mode).publish(desired, there)
            finally:
                client.close()
        return written

    return run


def bundles(stub):
    return [len(sent["entry"]) for method, sent in stub.asked if method == "POST"]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_an_entry_that_is_written_is_done(publish, status):
    stub = Scripted(entry=lambda _: (status, None, {}))

    written = publish(stub)

    assert (written.created, bundles(stub)) == (1, [1])


def test_an_entry_that_was_not_modified_is_unchanged(publish):
    stub = Scripted(entry=lambda _: (304, None, {}))

    assert (publish(stub).unchanged, bundles(stub)) == (1, [1])


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "other"), (422, "other"), (413, "size"), (410, "deleted")],
)
def test_an_entry_that_is_refused_is_reported_and_not_sent_again(publish, status, reason):
    stub = Scripted(entry=lambda _: (status, refusal(), {}))

    written = publish(stub, count=3)

    assert written.reasons == {f"ehr_processing/{reason}": 3}
    assert (written.status, bundles(stub)) == (status, [3])
    assert CANARY not in repr(written)


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (401, CredentialsRefused, 1),
        (403, RightsMissing, 1),
        (404, ClientIdsRefused, 1),
        (405, ClientIdsRefused, 1),
        (302, EhrRejected, 1),
        (0, EhrRejected, 1),
        (409, EhrConflict, 4),
        (412, EhrConflict, 4),
        (408, EhrDown, 4),
        (425, EhrDown, 4),
        (429, EhrDown, 4),
        (500, EhrDown, 4),
        (503, EhrDown, 4),
    ],
)
def test_an_entry_of_which_the_ehr_is_in_the_way_ends_the_day(publish, status, error, tries):
    stub = Scripted(entry=lambda _: (status or "", refusal(), {}))

    with pytest.raises(error) as caught:
        publish(stub)

    assert len(bundles(stub)) == tries
    assert CANARY not in str(caught.value)
    if status in {409, 412}:
        # Never written again before it was read.
        assert [method for method, _ in stub.asked] == ["POST", "GET"] * 3 + ["POST"]


def test_a_conflict_that_ends_costs_no_reading(publish):
    answers = iter([409, 409])
    stub = Scripted(entry=lambda _: (next(answers, 201), None, {}))

    assert (publish(stub, count=2).created, bundles(stub)) == (2, [2, 2])


@pytest.mark.parametrize("status", [409, 412])
def test_a_write_over_another_version_is_read_again(publish, status):
    # 412 is the specification's answer to a stale If-Match, 409 is HAPI's.
    stub = Scripted(entry=lambda _: (status, None, {}))
    existing = {"status": "preliminary", "meta": {"versionId": "3"}}

    with pytest.raises(EhrConflict):
        publish(stub, existing=existing)

    requests = [sent["entry"][0]["request"] for method, sent in stub.asked if sent]
    assert requests[0]["ifMatch"] == 'W/"3"'
    assert [method for method, _ in stub.asked][:3] == ["POST", "GET", "POST"]


def test_what_was_deleted_since_it_was_read_is_decided_anew(publish):
    answers = iter([404])
    stub = Scripted(entry=lambda _: (next(answers, 201), None, {}))

    written = publish(stub, existing={"status": "preliminary"})

    assert (written.created, [method for method, _ in stub.asked]) == (1, ["POST", "GET", "POST"])


def test_a_404_that_speaks_of_a_reference_is_no_server_that_refuses_our_ids(publish):
    said = "HAPI-1091: Invalid match URL - No resources match this search"
    stub = Scripted(entry=lambda _: (404, refusal(text=said), {}))

    assert publish(stub).reasons == {"ehr_processing/reference": 1}


def test_a_400_that_speaks_of_client_ids_is_a_server_that_refuses_them(publish):
    said = "HAPI-0960: Can not create entity with ID[x], client-assigned IDs are off"
    stub = Scripted(entry=lambda _: (400, refusal(text=said), {}))

    with pytest.raises(ClientIdsRefused):
        publish(stub)


@pytest.mark.parametrize("mode", ["conditional-update", "conditional-create"])
def test_several_matches_of_a_condition_are_quarantined(publish, mode):
    stub = Scripted(entry=lambda _: (412, refusal("multiple-matches"), {}))

    written = publish(stub, count=2, mode=mode)

    assert written.reasons == {"ehr_multiple-matches/duplicate": 2}
    assert bundles(stub) == [2]


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (401, CredentialsRefused, 1),
        (403, RightsMissing, 1),
        (404, EhrRejected, 1),
        (302, EhrRejected, 1),
        (409, EhrConflict, 4),
        (429, EhrDown, 3),
        (503, EhrDown, 3),
    ],
)
def test_a_bundle_of_which_the_ehr_is_in_the_way_ends_the_day(publish, status, error, tries):
    stub = Scripted(bundle=lambda _: (status, refusal(), {}))

    with pytest.raises(error) as caught:
        publish(stub, count=4)

    assert type(caught.value) is error
    assert bundles(stub) == [4] * tries


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_bundle_that_names_nothing_is_halved_until_the_bad_entry_is_alone(
    publish, status, mode
):
    def bundle(sent):
        bad = [one for one in sent["entry"] if one["resource"]["valueQuantity"]["value"] == 73.5]
        return (status, refusal(), {}) if bad else None

    stub = Scripted(bundle=bundle)

    written = publish(stub, count=8, mode=mode)

    assert (written.created, written.reasons) == (7, {"ehr_processing/other": 1})
    assert bundles(stub) == [8, 4, 2, 2, 1, 1, 4]


def test_a_refused_bundle_that_names_several_entries_is_sent_once_more_without_them(publish):
    def bundle(sent):
        if len(sent["entry"]) < 8:
            return None
        expressions = [f"Bundle.entry[{n}].resource/*Observation/1*/.code" for n in (1, 6)]
        issues = [refusal("invariant", expression=[one])["issue"][0] for one in expressions]
        return 422, refusal() | {"issue": issues}, {}

    stub = Scripted(bundle=bundle)

    written = publish(stub, count=8)

    assert (written.created, bundles(stub)) == (6, [8, 6])
    assert written.reasons == {"ehr_invariant/invariant/Observation.code": 2}


def test_a_bundle_that_is_too_large_is_halved(publish):
    stub = Scripted(bundle=lambda sent: (413, None, {}) if len(sent["entry"]) > 2 else None)

    written = publish(stub, count=8)

    assert (written.created, bundles(stub)) == (8, [8, 4, 2, 2, 4, 2, 2])


def test_a_single_resource_that_is_too_large_is_reported(publish):
    stub = Scripted(bundle=lambda _: (413, None, {}))

    assert publish(stub).reasons == {"ehr_http_413/size": 1}


def test_a_pause_that_ends_at_a_date_is_kept(publish):
    until = datetime.now(UTC) + timedelta(seconds=2)
    answers = iter([(503, None, {"Retry-After": format_datetime(until, usegmt=True)})])
    stub = Scripted(bundle=lambda _: next(answers, None))

    assert publish(stub).created == 1
    # The header's date has whole seconds.
    assert datetime.now(UTC) > until - timedelta(seconds=1)


def test_a_pause_that_ends_too_late_gives_the_day_back(publish):
    until = datetime.now(UTC) + timedelta(minutes=10)
    header = {"Retry-After": format_datetime(until, usegmt=True)}
    stub = Scripted(bundle=lambda _: (429, None, header))

    with pytest.raises(EhrDown) as caught:
        publish(stub)

    assert 500 < caught.value.retry_after_seconds <= 600
    assert bundles(stub) == [1]


@pytest.mark.parametrize("mode", ["conditional-update", "conditional-create"])
def test_in_the_conditional_modes_nothing_is_sent_twice_unread(publish, mode):
    stub = Scripted(bundle=lambda _: (503, None, {}))

    with pytest.raises(EhrDown) as caught:
        publish(stub, mode=mode)

    asked = [method for method, _ in stub.asked]
    assert ("POST", "POST") not in set(pairwise(asked))
    assert (asked.count("POST"), caught.value.attempts) == (4, 4)


@pytest.mark.parametrize("mode", ["conditional-update", "conditional-create"])
def test_while_the_ehr_is_down_no_further_bundle_is_sent_to_it(publish, mode):
    # Each would wait until its time-out, in each round, and the patient's lock with it.
    stub = Scripted(bundle=lambda _: (503, None, {}))

    with pytest.raises(EhrDown):
        publish(stub, count=250, mode=mode)

    assert bundles(stub) == [100] * 4


def test_what_was_not_sent_while_the_ehr_was_down_is_sent_afterwards(publish):
    answers = iter([(503, None, {})])
    stub = Scripted(bundle=lambda _: next(answers, None))

    assert publish(stub, count=250, mode="conditional-create").created == 250
    assert bundles(stub) == [100, 100, 100, 50]


def test_every_bundle_asks_a_server_that_can_to_retry_conflicts_itself(publish):
    seen = []

    class Seeing(Scripted):
        def __call__(self, environ, start_response):
            seen.append(environ.get("HTTP_X_RETRY_ON_VERSION_CONFLICT"))
            return super().__call__(environ, start_response)

    publish(Seeing())

    assert seen == ["retry; max-retries=10"]


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_every_entry_has_an_absolute_full_url(publish, mode):
    stub = Scripted()

    publish(stub, count=3, mode=mode)

    [sent] = [sent for method, sent in stub.asked if method == "POST"]
    urls = [one["fullUrl"] for one in sent["entry"]]
    assert len(set(urls)) == 3
    assert all(one.startswith(("http://", "urn:uuid:")) for one in urls)
    assert all(("id" in one["resource"]) is (mode == "put-id") for one in sent["entry"])
