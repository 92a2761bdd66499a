"""Transactions of the EHR stand-in: atomic, in R5's order, with references that are resolved.

Belongs here: entries that depend on one another. Not here: Bundles in general
(`test_ehr_bundles.py`).
"""

import pytest

from tests.unit.sandbox.ehr_parts import concept, device, entry, running_ehr, weight

URN = "urn:uuid:4c3d6c3e-6b0e-4b7e-9a8f-0d4b4f3f5f1a"
OTHER_URN = "urn:uuid:5d4e7d4f-7c1f-4c8f-8b9a-1e5c5a4a6a2b"
CONDITION = "identifier=https://vendor.example/device|hash-1"
BY_CONDITION = {"reference": f"Device?{CONDITION}"}


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [one["response"]["status"][:3] for one in answer.json()["entry"]]


def bare(method, url, number=0):
    full_url = f"https://sender.example/{number}"
    return {"fullUrl": full_url, "request": {"method": method, "url": url}}


def association(number="a1", target=URN):
    return {
        "resourceType": "DeviceAssociation",
        "id": number,
        "device": {"reference": target},
        "subject": {"reference": "Patient/anna"},
        "status": concept("attached", "http://hl7.org/fhir/deviceassociation-status"),
    }


def test_a_device_its_association_and_a_reading_are_written_in_one_go(ehr):
    made = ehr.bundle(
        "transaction",
        entry(weight(device={"reference": URN})),
        entry(association()),
        entry(device(), "POST", full_url=URN, ifNoneExist=CONDITION),
    )
    assert statuses(made) == ["201", "201", "201"]
    [number] = ehr.found("Device")
    assert ehr.get("Observation/w1").json()["device"] == {"reference": f"Device/{number}"}
    assert ehr.get("DeviceAssociation/a1").json()["device"] == {"reference": f"Device/{number}"}


def test_entries_run_in_the_order_of_their_methods(ehr):
    ehr.put(weight())
    answer = ehr.bundle(
        "transaction",
        bare("GET", "Observation?patient=anna", 1),
        entry(weight("w2", device={"reference": URN})),
        entry(device(), "POST", full_url=URN),
        bare("DELETE", "Observation/w1", 2),
    )
    assert statuses(answer) == ["200", "201", "201", "204"]
    # What was read is what the deletion and both writes left.
    seen = answer.json()["entry"][0]["resource"]["entry"]
    assert [one["resource"]["id"] for one in seen] == ["w2"]


def test_what_refers_to_each_other_is_deleted_together_in_either_order(ehr):
    for order in (("Device/d1", "Observation/w1"), ("Observation/w1", "Device/d1")):
        ehr.bundle("transaction", entry(device()), entry(weight(device={"reference": "Device/d1"})))
        deleted = ehr.bundle("transaction", *(bare("DELETE", url, url) for url in order))
        assert statuses(deleted) == ["204", "204"]
    assert ehr.found("Device") == ehr.found("Observation") == []


def test_a_deletion_that_leaves_a_dangling_reference_undoes_everything(ehr):
    ehr.bundle("transaction", entry(device()), entry(weight(device={"reference": "Device/d1"})))
    answer = ehr.bundle("transaction", bare("DELETE", "Device/d1"), entry(weight("w2")))
    assert answer.status_code == 409
    assert ehr.found("Device") == ["d1"]
    assert ehr.found("Observation") == ["w1"]


def test_a_conditional_reference_leads_to_the_one_match(ehr):
    ehr.put(device("d7"))
    assert statuses(ehr.bundle("transaction", entry(weight(device=BY_CONDITION)))) == ["201"]
    assert ehr.get("Observation/w1").json()["device"] == {"reference": "Device/d7"}


def test_a_conditional_reference_finds_what_the_same_transaction_creates(ehr):
    posted = entry(device(), "POST", full_url=URN)
    assert statuses(ehr.bundle("transaction", entry(weight(device=BY_CONDITION)), posted)) == [
        "201",
        "201",
    ]
    [number] = ehr.found("Device")
    assert ehr.get("Observation/w1").json()["device"] == {"reference": f"Device/{number}"}


def test_a_conditional_reference_without_one_match_costs_the_transaction(ehr):
    measured = entry(weight(device=BY_CONDITION))
    none = ehr.bundle("transaction", entry(device("d1", "hash-2")), measured)
    ehr.put(device("d7"))
    ehr.put(device("d8"))
    several = ehr.bundle("transaction", measured)
    assert (none.status_code, several.status_code) == (404, 412)
    assert none.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource"]
    assert ehr.found("Observation") == []
    assert sorted(ehr.found("Device")) == ["d7", "d8"]


def test_a_batch_resolves_no_condition(ehr):
    ehr.put(device("d7"))
    assert statuses(ehr.bundle("batch", entry(weight(device=BY_CONDITION)))) == ["400"]


def test_the_same_condition_twice_makes_one_resource_for_both(ehr):
    twice = [
        entry(device(), "POST", full_url=url, ifNoneExist=CONDITION) for url in (URN, OTHER_URN)
    ]
    measured = [
        entry(weight(f"w{n}", device={"reference": url})) for n, url in enumerate((URN, OTHER_URN))
    ]
    assert statuses(ehr.bundle("transaction", *twice, *measured)) == ["201", "200", "201", "201"]
    [number] = ehr.found("Device")
    for n in range(2):
        assert ehr.get(f"Observation/w{n}").json()["device"]["reference"] == f"Device/{number}"


def test_conditional_entries_update_and_delete_what_they_find(ehr):
    ehr.put(device("d7"))
    ehr.put(device("d8", "hash-2"))
    body = {name: part for name, part in device().items() if name != "id"}
    updated = entry(body | {"displayName": "Scale"}, url=f"Device?{CONDITION}", full_url=URN)
    gone = bare("DELETE", "Device?identifier=hash-2", 1)
    nothing = bare("DELETE", "Device?identifier=hash-3", 2)
    for kind in ("transaction", "batch"):
        assert statuses(ehr.bundle(kind, updated, gone, nothing)) == ["200", "204", "204"]
    assert ehr.found("Device") == ["d7"]
    assert ehr.get("Device/d7").json()["displayName"] == "Scale"


def test_two_matches_of_one_entry_cost_the_transaction_but_not_a_batch(ehr):
    for number in ("d7", "d8"):
        ehr.put(device(number))
    ambiguous = entry(device(), "POST", ifNoneExist=CONDITION)
    assert ehr.bundle("transaction", ambiguous, entry(weight())).status_code == 412
    assert ehr.found("Observation") == []
    assert statuses(ehr.bundle("batch", ambiguous, entry(weight()))) == ["412", "201"]


def test_a_stale_entry_conflicts_alone_in_a_batch_and_costs_a_transaction(ehr):
    ehr.put(device())
    stale = entry(device() | {"displayName": "Scale"}, ifMatch='W/"9"')
    assert statuses(ehr.bundle("batch", stale, entry(weight()))) == ["409", "201"]
    assert ehr.bundle("transaction", stale, entry(weight("w2"))).status_code == 409
    assert ehr.found("Observation") == ["w1"]


def test_a_bundle_is_answered_with_resources_when_it_asks_for_them(ehr):
    plain = ehr.bundle("transaction", entry(weight())).json()["entry"][0]
    prefer = {"Prefer": "return=representation"}
    full = ehr.bundle("transaction", entry(weight()), headers=prefer).json()["entry"][0]
    assert "resource" not in plain
    assert full["resource"]["id"] == "w1"
    assert plain["response"]["outcome"]["resourceType"] == "OperationOutcome"
