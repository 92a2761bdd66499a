"""What holds of every resource around the readings: it is valid, and says whose and whence it is."""

import json
from dataclasses import replace

import pytest
import requests

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.wire import dump
from sandbox.ehr.validation import validate
from tests.unit.fhir.every_record import (
    BODY,
    association,
    consent,
    definition,
    device,
    every_record,
    link_context,
    provenance,
    variants,
)
from tests.unit.fhir.serving import serving_ehr

JSON = {"Content-Type": "application/fhir+json"}
LINK_TAG = {"system": "https://open-health-exchange.org/fhir/sid/link", "code": "6f1d3c"}
HTEST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
OF_THE_LINK = {"DeviceAssociation", "Consent", "Provenance"}
OF_NOBODY = {"Device", "DeviceDefinition"}


def test_our_own_checks_find_nothing_in_any_of_them():
    found = {name: problems(one) for name, one in variants(link_context())}

    assert len(found) == 2 * (1 + 4 * 6 + 8 + 6)
    assert {name: errors for name, errors in found.items() if errors} == {}


def test_the_checks_of_another_hand_find_nothing_either():
    for _, one in variants(link_context()):
        sent = json.loads(dump(one))

        assert validate(sent, one["resourceType"]) == sent


@pytest.mark.parametrize(
    ("kind", "element", "value"),
    [
        ("DeviceAssociation", "statusReason", [{"coding": [{"code": "unlinked"}]}]),
        ("Provenance", "target", []),
        ("Provenance", "identifier", [{"value": "1"}]),
        ("Consent", "status", "withdrawn"),
        ("Consent", "decision", "allow"),
        ("DeviceDefinition", "manufacturer", "Withings"),
        ("Device", "patient", {"reference": "Patient/p1"}),
    ],
)
def test_our_checks_would_find_what_r5_does_not_allow(kind, element, value):
    found = [one for _, one in every_record(link_context()) if one["resourceType"] == kind]

    assert problems(found[0] | {element: value})


def test_a_server_that_follows_references_takes_each_of_them_in_the_order_of_writing():
    with serving_ehr() as ehr:
        for one in ("o1", "o2"):
            stored(ehr, weighing(one))
        answers = [stored(ehr, one) for _, one in variants(link_context())]

    assert set(answers) == {200, 201}


@pytest.mark.parametrize("build", [device, association, provenance])
def test_it_is_refused_before_what_it_refers_to_is_there(build):
    with serving_ehr() as ehr:
        assert stored(ehr, build(link_context())) == 400


def stored(ehr, resource):
    address = f"{ehr.url}/{resource['resourceType']}/{resource['id']}"
    return requests.put(address, data=dump(resource), headers=JSON, timeout=20).status_code


def weighing(number):
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "code": {"text": "a reading"},
        "subject": {"reference": "Patient/p1"},
    }


def test_what_is_of_a_link_carries_its_tag_and_what_a_household_shares_does_not():
    tagged = {
        one["resourceType"]
        for _, one in every_record(link_context())
        if LINK_TAG in one["meta"].get("tag", [])
    }

    assert tagged == OF_THE_LINK


def test_nothing_that_is_shared_names_the_patient_the_link_or_the_vendors_user():
    context = link_context()
    texts = [
        dump(one).decode() for _, one in every_record(context) if one["resourceType"] in OF_NOBODY
    ]

    assert texts
    for text in texts:
        assert not any(one in text for one in (context.link, context.vendor_user, "Patient"))


def test_test_data_is_labelled_in_all_of_them_and_real_data_in_none():
    context = link_context()
    real = [one["meta"].get("security", []) for _, one in every_record(context)]
    made = [one["meta"]["security"] for _, one in every_record(replace(context, test_data=True))]

    assert all(labels == [] for labels in real)
    assert all(labels == [HTEST] for labels in made)


def test_the_source_is_the_vendors_but_for_the_software_itself():
    records = dict(every_record(link_context()))
    software = records.pop("software")

    assert {one["meta"]["source"] for one in records.values()} == {
        "https://example.org/source/withings"
    }
    assert software["meta"]["source"] == (
        "https://open-health-exchange.org/fhir/source/ohx-pipelines"
    )


def test_the_link_alone_decides_the_ids_of_what_is_closed_when_its_users_key_is_gone():
    context = link_context()
    forgotten = replace(context, vendor_user="", run="", now=context.now)

    assert association(forgotten)["id"] == association(context)["id"]
    assert consent(forgotten, BODY)["id"] == consent(context, BODY)["id"]


def test_two_links_of_a_household_share_a_device_and_nothing_else():
    mine, theirs = link_context(), link_context(patient="p2", link="77aa", vendor_user="8")

    for build in (device, definition):
        assert build(mine) == build(theirs)
    for build in (association, consent):
        assert build(mine)["id"] != build(theirs)["id"]


def test_another_secret_gives_other_ids():
    context = link_context()
    other = replace(context, secret=b"t" * 32)
    ids = [{one["id"] for _, one in every_record(each)} for each in (context, other)]

    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize("build", [association, consent])
def test_a_record_of_no_link_is_not_built_as_it_would_be_everybodys(build):
    with pytest.raises(ConfigurationError):
        build(link_context(link=""))
