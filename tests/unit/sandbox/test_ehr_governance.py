"""Devices, associations, provenance and consents as a strict server takes, finds and keeps them.

Belongs here: these types in the EHR stand-in. Not here: Observations, and judging whether all of them
are right (`test_reader_governance.py`).
"""

import pytest

from sandbox.ehr.outcomes import Refused
from sandbox.ehr.validation import validate
from tests.unit.sandbox.ehr_parts import concept, entry, running_ehr, weight
from tests.unit.sandbox.governance_parts import (
    LIFECYCLE,
    REASON,
    STATUS,
    UNTIL,
    association,
    consent,
    definition,
    owned,
    provenance,
    reference,
    software,
)

TARGET = "Observation/w1"
WRITTEN = (
    definition(),
    owned("scale", "hash-1"),
    software(),
    association(),
    weight(),
    consent(),
    provenance("p1", TARGET),
)


@pytest.fixture
def ehr():
    with running_ehr() as running:
        for resource in WRITTEN:
            running.put(resource).raise_for_status()
        yield running


@pytest.mark.parametrize("resource", WRITTEN, ids=lambda one: one["resourceType"])
def test_each_is_kept_in_versions_and_read_back(ehr, resource):
    name = f"{resource['resourceType']}/{resource['id']}"
    assert ehr.put(resource).headers["ETag"] == 'W/"1"'
    changed = resource | {"language": "en"}
    assert ehr.put(changed).headers["ETag"] == 'W/"2"'
    versions = [one["resource"] for one in ehr.get(f"{name}/_history").json()["entry"]]
    assert [one.get("language") for one in versions] == ["en", None]


REFUSED = {
    "no target": (provenance("p") | {"target": []}, "Provenance.target"),
    "no agent": (provenance("p", TARGET, agent=None), "Provenance.agent"),
    "agent without who": (
        provenance("p", TARGET, agent=[{"type": concept("assembler")}]),
        "Provenance.agent[0].who",
    ),
    "recorded is no instant": (
        provenance("p", TARGET, recorded="2026-11-20"),
        "Provenance.recorded",
    ),
    "unknown activity": (
        provenance("p", TARGET, activity="correct"),
        "Provenance.activity.coding.code",
    ),
    "unknown role": (
        provenance("p", TARGET, entity=[{"role": "derivation", "what": {"display": "x"}}]),
        "Provenance.entity[0].role",
    ),
    "association of no device": (association(device=None), "DeviceAssociation.device"),
    "status of another system": (
        association(status=concept("attached", REASON)),
        "DeviceAssociation.status",
    ),
    "reason that is none": (
        association(statusReason=[concept("bored", REASON)]),
        "DeviceAssociation.statusReason[0]",
    ),
    "ends before it starts": (
        association(until="2026-09-01T00:00:00Z"),
        "DeviceAssociation.period",
    ),
    "consent without status": (consent(status=None), "Consent.status"),
    "R4 consent": (consent(scope=concept("patient-privacy")), "Consent.scope"),
    "unknown decision": (consent(decision="maybe"), "Consent.decision"),
    "R4 device": (software() | {"patient": reference("Patient/anna")}, "Device.patient"),
}


@pytest.mark.parametrize(("resource", "place"), REFUSED.values(), ids=REFUSED)
def test_what_r5_forbids_is_refused_with_its_place(resource, place):
    with pytest.raises(Refused) as refused:
        validate(resource, resource["resourceType"])
    places = {one.expression.replace("[0].code", ".code") for one in refused.value.issues}
    assert place in places | {one.expression for one in refused.value.issues}


LOST = {
    "target": provenance("p2", "Observation/nobody"),
    "agent": provenance("p2", TARGET, agent=[{"who": reference("Device/nobody")}]),
    "entity": provenance("p2", TARGET, entity=[{"role": "source", "what": reference("Device/no")}]),
    "authorization": provenance(
        "p2", TARGET, authorization=[{"reference": reference("Consent/nobody")}]
    ),
    "agent is no agent": provenance("p2", TARGET, agent=[{"who": reference(TARGET)}]),
    "device": association("a2", of="Device/nobody"),
    "subject": association("a2", patient="nobody"),
    "definition": owned("cuff", "hash-2", "nobody"),
    "definition is none": owned("cuff", "hash-2")
    | {"definition": {"reference": reference("Device/scale")}},
    "consent of nobody": consent("c2", patient="nobody"),
}


@pytest.mark.parametrize("resource", LOST.values(), ids=LOST)
def test_a_reference_must_lead_to_what_is_there(ehr, resource):
    assert ehr.put(resource).status_code == 400
    assert ehr.bundle("transaction", entry(resource)).status_code == 400
    assert resource["id"] not in ehr.found(resource["resourceType"])


SEARCHES = {
    "Provenance?patient=Patient/anna": ["p1"],
    f"Provenance?target={TARGET}": ["p1"],
    "Provenance?target=Observation/w2": [],
    "Provenance?agent=Device/software": ["p1"],
    f"Provenance?activity={LIFECYCLE}|receive": ["p1"],
    "DeviceAssociation?patient=anna": ["a1"],
    "DeviceAssociation?device=Device/scale": ["a1"],
    f"DeviceAssociation?status={STATUS}|attached": ["a1"],
    "Consent?patient=anna&status=active": ["c1"],
    "Consent?patient=bert": [],
    "Device?definition=DeviceDefinition/model": ["scale"],
    "Device?identifier=hash-1": ["scale"],
}


@pytest.mark.parametrize(("query", "ids"), SEARCHES.items())
def test_each_is_found_by_what_it_refers_to(ehr, query, ids):
    assert ehr.found(query) == ids


def test_the_notes_come_along_with_what_they_are_about(ehr):
    found = ehr.found("Observation", patient="anna", _revinclude="Provenance:target")
    assert found == ["w1", "p1"]


def test_each_is_found_by_its_tag(ehr):
    label = {"system": "urn:link", "code": "l1"}
    for resource in (consent(), association(), provenance("p1", TARGET)):
        ehr.put(resource | {"meta": {"tag": [label]}}).raise_for_status()
    for resource_type in ("Consent", "DeviceAssociation", "Provenance"):
        assert len(ehr.found(resource_type, _tag="urn:link|l1")) == 1
        assert ehr.found(resource_type, _tag="urn:link|l2") == []


def test_what_is_still_referred_to_stays_until_the_last_note_of_it_is_gone(ehr):
    held = ("Observation/w1", "Device/software", "Device/scale", "DeviceDefinition/model")
    assert [ehr.call("DELETE", one).status_code for one in held] == [409] * 4
    free = ("Provenance/p1", "DeviceAssociation/a1", "Consent/c1", *held)
    assert [ehr.call("DELETE", one).status_code for one in free] == [204] * 7
    assert ehr.get("Observation/w1").status_code == 410


# A server that lets nobody read, and one that deletes nothing


def test_a_server_may_take_writes_and_let_nobody_read(ehr):
    ehr.server.settings.write_only = True
    reads = ("Observation/w1", "Observation/w1/_history", "Observation?patient=anna", "Consent")
    assert [ehr.get(one).status_code for one in reads] == [403] * 4
    posted = ehr.call("POST", "Observation/_search", data={"patient": "anna"})
    assert posted.status_code == 403
    read = {"fullUrl": "urn:uuid:1", "request": {"method": "GET", "url": "Observation/w1"}}
    batch = ehr.bundle("batch", entry(weight("w2")), read).json()
    assert [one["response"]["status"][:3] for one in batch["entry"]] == ["201", "403"]
    assert ehr.put(weight("w3")).status_code == 201
    assert ehr.get("metadata").status_code == 200


def test_a_page_of_a_search_is_not_read_either(ehr):
    ehr.put(weight("w2")).raise_for_status()
    page = ehr.get("Observation", patient="anna", _count=1).json()
    following = next(one["url"] for one in page["link"] if one["relation"] == "next")
    ehr.server.settings.write_only = True
    assert ehr.get(following).status_code == 403


def test_the_reader_reads_where_nobody_else_may(ehr):
    ehr.server.settings.write_only = True
    assert ehr.call("GET", "Observation/w1", headers={"X-Sandbox-Reader": "1"}).status_code == 200


def test_a_server_may_delete_nothing_and_says_so(ehr):
    ehr.server.settings.deletes = False
    assert ehr.call("DELETE", "Consent/c1").status_code == 405
    assert ehr.call("DELETE", "Consent?patient=anna").status_code == 405
    assert ehr.get("Consent/c1").status_code == 200
    said = ehr.get("metadata").json()["rest"][0]["resource"][0]["interaction"]
    assert {"code": "delete"} not in said
    assert ehr.put(consent(until=UNTIL)).status_code == 200
