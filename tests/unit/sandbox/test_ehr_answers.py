"""What comes with an answer of the EHR stand-in: included resources, bodies, its statement.

Belongs here: `_include`, `_revinclude`, Prefer, the CapabilityStatement. Not here: which resources
a search finds (`test_ehr_search.py`).
"""

import pytest

from sandbox.ehr.schema import structure_issues
from tests.unit.sandbox.ehr_parts import concept, device, entry, observation, running_ehr, weight

ABSENT_AGENT = {"who": {"display": "a program"}}


@pytest.fixture
def ehr():
    with running_ehr() as running:
        yield running


@pytest.fixture
def held(ehr):
    """Two readings of one scale, one without, and what says where a reading is from."""
    scale = {"reference": "Device/d1"}
    provenance = {
        "resourceType": "Provenance",
        "id": "p1",
        "target": [{"reference": "Observation/w1"}],
        "agent": [ABSENT_AGENT],
        "recorded": "2026-11-20T08:00:00Z",
    }
    resources = [
        device(),
        device("d2", "hash-2"),
        weight("w1", device=scale),
        weight("w2", device=scale),
        observation("w3", patient="bert"),
        provenance,
    ]
    ehr.bundle("transaction", *(entry(one) for one in resources)).raise_for_status()
    return ehr


def shown(answer, mode):
    entries = answer.json().get("entry", [])
    return sorted(
        f"{one['resource']['resourceType']}/{one['resource']['id']}"
        for one in entries
        if one["search"]["mode"] == mode
    )


@pytest.mark.parametrize(
    ("query", "included"),
    [
        ({"_include": "Observation:device"}, ["Device/d1"]),
        ({"_include": "Observation:subject"}, ["Patient/anna", "Patient/bert"]),
        ({"_include": "Observation:patient"}, ["Patient/anna", "Patient/bert"]),
        ({"_include": "Observation:subject:Device"}, []),
        ({"_include": ["Observation:device", "Observation:patient"]},
         ["Device/d1", "Patient/anna", "Patient/bert"]),
        ({"_revinclude": "Provenance:target"}, ["Provenance/p1"]),
        ({"_revinclude": "Provenance:target", "_id": "w2"}, []),
        ({"_include": "Observation:device", "_id": "w3"}, []),
    ],
)  # fmt: skip
def test_a_search_brings_along_what_it_is_asked_for_once(held, query, included):
    answer = held.get("Observation", **query)
    assert shown(answer, "include") == included
    matches = [f"Observation/{query['_id']}"] if "_id" in query else None
    assert shown(answer, "match") == (matches or [f"Observation/w{n}" for n in (1, 2, 3)])


def test_what_comes_along_is_neither_counted_nor_paged(held):
    answer = held.get("Observation", _include="Observation:device", _count=1, _total="accurate")
    assert answer.json()["total"] == 3
    assert len(shown(answer, "match")) == 1
    assert shown(answer, "include") == ["Device/d1"]
    second = held.get(answer.json()["link"][1]["url"])
    assert (len(shown(second, "match")), shown(second, "include")) == (1, ["Device/d1"])


def test_an_association_brings_its_device(held):
    status = concept("attached", "http://hl7.org/fhir/deviceassociation-status")
    held.put(
        {
            "resourceType": "DeviceAssociation",
            "id": "a1",
            "device": {"reference": "Device/d2"},
            "subject": {"reference": "Patient/anna"},
            "status": status,
        }
    )
    answer = held.get("DeviceAssociation", patient="anna", _include="DeviceAssociation:device")
    assert shown(answer, "include") == ["Device/d2"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_client_chooses_what_a_write_is_answered_with(ehr, method):
    def answer(number, prefer):
        path = "Device" if method == "POST" else f"Device/{number}"
        return ehr.call(method, path, json=device(number), headers={"Prefer": prefer})

    minimal = answer("d1", "respond-async, return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    assert minimal.headers["ETag"] == 'W/"1"'
    outcome = answer("d2", "return=OperationOutcome")
    assert outcome.json()["resourceType"] == "OperationOutcome"
    assert outcome.json()["issue"][0]["severity"] == "information"
    assert answer("d3", "return=representation").json()["resourceType"] == "Device"
    assert answer("d4", "").json()["resourceType"] == "Device"


def test_a_read_is_answered_with_the_resource_whatever_is_preferred(held):
    prefer = {"Prefer": "return=minimal"}
    assert held.call("GET", "Device/d1", headers=prefer).json()["id"] == "d1"


# The statement


def statement(ehr):
    found = ehr.get("metadata").json()
    assert structure_issues(found, "CapabilityStatement") == []
    return found


def of_type(ehr, name="Observation"):
    kept = {one["type"]: one for one in statement(ehr)["rest"][0]["resource"]}
    return kept[name]


def test_it_says_that_it_is_a_stand_in_and_what_it_can(ehr):
    found = statement(ehr)
    assert found["fhirVersion"] == "5.0.0"
    assert "stand-in" in found["software"]["name"]
    assert "security" not in found["rest"][0]
    observations = of_type(ehr)
    promised = {"updateCreate": True, "conditionalCreate": True, "conditionalUpdate": True}
    assert promised.items() <= observations.items()
    assert observations["versioning"] == "versioned-update"
    assert observations["conditionalDelete"] == "single"
    assert "date" in [one["name"] for one in observations["searchParam"]]
    assert {"Observation:device", "Observation:patient"} <= set(observations["searchInclude"])
    assert "Provenance:target" in observations["searchRevInclude"]
    assert "searchInclude" not in of_type(ehr, "Patient")


def test_its_statement_follows_its_settings(ehr):
    settings = ehr.server.settings
    settings.change({"client_ids": False, "ignore_if_none_exist": True, "token_required": True})
    assert of_type(ehr)["updateCreate"] is False
    assert of_type(ehr)["conditionalCreate"] is False
    security = statement(ehr)["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"


def test_a_server_may_promise_what_it_does_not_keep(ehr):
    settings = ehr.server.settings
    settings.change({"client_ids": False, "ignore_if_none_exist": True, "overclaims": True})
    assert of_type(ehr)["updateCreate"] is True
    assert of_type(ehr)["conditionalCreate"] is True
    assert ehr.put(device()).status_code == 404
