"""The EHR stand-in and Bundles: batch, transaction, and what a strict server asks of both.

Belongs here: many resources in one request. Not here: single resources (`test_ehr_rest.py`).
"""

import time

import pytest

from tests.unit.sandbox.ehr_parts import device, entry, pressure, running_ehr, weight

URN = "urn:uuid:4c3d6c3e-6b0e-4b7e-9a8f-0d4b4f3f5f1a"


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [one["response"]["status"] for one in answer.json()["entry"]]


def places(outcome):
    return [place for one in outcome["issue"] for place in one["expression"]]


def test_each_entry_of_a_batch_has_its_own_answer(ehr):
    bundle = [entry(weight()), entry(weight("w2", status="finl")), entry(pressure())]
    answer = ehr.bundle("batch", *bundle)
    assert statuses(answer) == ["201 Created", "422 Unprocessable Entity", "201 Created"]
    assert answer.json()["type"] == "batch-response"
    refused = answer.json()["entry"][1]["response"]["outcome"]
    assert places(refused) == ["Bundle.entry[1].resource.status"]
    assert statuses(ehr.bundle("batch", *bundle))[0] == "200 OK"
    assert answer.json()["entry"][0]["response"]["etag"] == 'W/"1"'


def test_a_missing_reference_costs_only_its_own_entry(ehr):
    answer = ehr.bundle("batch", entry(weight(patient="nobody")), entry(weight("w2")))
    assert statuses(answer) == ["400 Bad Request", "201 Created"]


def test_a_batch_runs_in_order_and_resolves_nothing_between_entries(ehr):
    measured = weight(device={"reference": "Device/d1"})
    early = ehr.bundle("batch", entry(measured), entry(device()))
    assert statuses(early) == ["400 Bad Request", "201 Created"]
    by_url = weight(device={"reference": URN})
    assert statuses(ehr.bundle("batch", entry(device(), full_url=URN), entry(by_url))) == [
        "200 OK",
        "400 Bad Request",
    ]


def test_a_transaction_is_all_or_nothing(ehr):
    ehr.put(weight())
    changed = weight(status="amended")
    for bad, status in ((weight("w2", status="finl"), 422), (weight("w2", patient="nobody"), 400)):
        answer = ehr.bundle("transaction", entry(changed), entry(device()), entry(bad))
        assert answer.status_code == status
        assert all(place.startswith("Bundle.entry[2].resource") for place in places(answer.json()))
    stale = entry(weight("w1"), ifMatch='W/"9"')
    assert ehr.bundle("transaction", entry(device()), stale).status_code == 409
    assert ehr.server.snapshot() == {"Device": 0, "Observation": 1, "Patient": 2}
    assert ehr.get("Observation/w1").json()["meta"]["versionId"] == "1"


def test_a_transaction_resolves_references_between_its_entries(ehr):
    scale = device()
    del scale["id"]
    measured = weight(device={"reference": URN})
    answer = ehr.bundle("transaction", entry(measured), entry(scale, "POST", full_url=URN))
    assert statuses(answer) == ["201 Created", "201 Created"]
    reference = ehr.get("Observation/w1").json()["device"]["reference"]
    assert ehr.get(reference).json()["identifier"] == device()["identifier"]


def test_a_reference_follows_to_what_a_conditional_create_found(ehr):
    ehr.put(device("d7"))
    condition = "identifier=https://vendor.example/device|hash-1"
    scale = entry(device(), "POST", full_url=URN, ifNoneExist=condition)
    answer = ehr.bundle("transaction", scale, entry(weight(device={"reference": URN})))
    assert statuses(answer) == ["200 OK", "201 Created"]
    assert ehr.get("Observation/w1").json()["device"] == {"reference": "Device/d7"}


def test_a_transaction_does_not_write_the_same_resource_twice(ehr):
    twice = [entry(weight(), full_url=f"https://x.example/{n}") for n in range(2)]
    assert ehr.bundle("transaction", *twice).status_code == 400
    assert statuses(ehr.bundle("batch", *twice)) == ["201 Created", "200 OK"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"fullUrl": None}, "Bundle.entry[1].fullUrl"),
        ({"fullUrl": "Observation/w2"}, "Bundle.entry[1].fullUrl"),
        ({"fullUrl": "https://sender.example/Observation/w1"}, "Bundle.entry[1].fullUrl"),
        ({"request": None}, "Bundle.entry[1].request"),
        ({"request": {"method": "PATCH", "url": "Observation/w2"}}, "Bundle.entry[1].request"),
        ({"resource": None}, "Bundle.entry[1].resource"),
        ({"extra": 1}, "Bundle.entry[1].extra"),
    ],
)
def test_an_entry_without_its_obligations_costs_the_whole_bundle(ehr, kind, change, place):
    second = {k: v for k, v in (entry(weight("w2")) | change).items() if v is not None}
    answer = ehr.bundle(kind, entry(weight()), second)
    assert answer.status_code == 422
    assert place in places(answer.json())
    assert ehr.server.snapshot()["Observation"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Observation"}, 400),
        ([], 400),
        ({"resourceType": "Bundle"}, 422),
        ({"resourceType": "Bundle", "type": "collection"}, 422),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 422),
        ({"resourceType": "Bundle", "type": "batch", "entry": [7]}, 422),
        ({"resourceType": "Bundle", "type": "batch", "entry": []}, 422),
    ],
)
def test_what_is_no_bundle_to_carry_out_is_refused(ehr, body, status):
    assert ehr.call("POST", json=body).status_code == status


def test_an_empty_batch_is_answered_without_entries(ehr):
    assert ehr.bundle("batch").json() == {"resourceType": "Bundle", "type": "batch-response"}


def test_a_batch_reads_searches_and_deletes(ehr):
    ehr.put(weight())
    asked = [
        {"fullUrl": f"https://x.example/{n}", "request": {"method": method, "url": url}}
        for n, (method, url) in enumerate(
            [
                ("GET", "Observation/w1"),
                ("GET", "Observation?patient=anna&_count=5"),
                ("DELETE", "Observation/w1"),
                ("GET", "Observation/w1"),
                ("GET", "Observation/w1/x/y"),
            ]
        )
    ]
    answer = ehr.bundle("batch", *asked)
    assert statuses(answer) == [
        "200 OK",
        "200 OK",
        "204 No Content",
        "410 Gone",
        "400 Bad Request",
    ]
    assert answer.json()["entry"][0]["resource"]["id"] == "w1"
    assert answer.json()["entry"][1]["resource"]["total"] == 1


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_hundred_observations_take_well_below_a_second(ehr, kind):
    ehr.put(weight("first"))  # definitions are loaded with the first one
    bundle = [entry(weight(f"w{number}")) for number in range(100)]
    start = time.process_time()
    answer = ehr.bundle(kind, *bundle)
    assert time.process_time() - start < 0.8
    assert statuses(answer) == ["201 Created"] * 100
