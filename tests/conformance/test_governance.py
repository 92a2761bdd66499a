"""What stands around the readings, at a real server: it validates, stores, and resolves references."""

import secrets

import pytest

from ohx_pipelines.fhir.governance.associations import ended
from ohx_pipelines.fhir.governance.provenance import Activity
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.wire import dump
from tests.conformance.mutants import mutants
from tests.conformance.strict_ehr import errors_of
from tests.conformance.test_differential import answer
from tests.unit.fhir.every_record import (
    BODY,
    PRESSURE,
    UNTIL,
    association,
    consent,
    definition,
    device,
    every_record,
    link_context,
    provenance,
    variants,
)

pytestmark = pytest.mark.slow

SID = "https://open-health-exchange.org/fhir/sid/"
WATCH = 2
READINGS = ("o1", "o2")
MUTANTS = 600
SEED = 20261125


@pytest.fixture
def context(patient):
    """A link of its own: ids, patient and link are nobody else's."""
    return link_context(
        patient=patient, link=secrets.token_hex(6), secret=patient.encode().ljust(32, b"-")
    )


@pytest.fixture
def readings(hapi, patient):
    """What Provenances are about."""
    for number in READINGS:
        hapi.put(
            {
                "resourceType": "Observation",
                "id": number,
                "status": "final",
                "code": {"text": "a reading"},
                "subject": {"reference": f"Patient/{patient}"},
            }
        )


def test_the_validator_has_no_error_for_any_of_them(referee):
    found = {name: errors_of(referee, dump(one)) for name, one in variants(link_context())}

    assert {name: errors for name, errors in found.items() if errors} == {}


@pytest.mark.parametrize(
    ("build", "broken"),
    [
        (device, {"status": "linked"}),
        (definition, {"manufacturer": "Withings"}),
        (association, {"statusReason": [{"coding": [{"code": "unlinked"}]}]}),
        (consent, {"decision": "allow"}),
        (provenance, {"identifier": [{"value": "1"}]}),
    ],
)
def test_the_validator_would_find_an_error(referee, build, broken):
    assert errors_of(referee, dump(build(link_context()) | broken))


def test_our_own_checks_and_the_validator_agree_on_what_is_spoiled(referee):
    spoiled = list(mutants(dict(every_record(link_context())), count=MUTANTS, seed=SEED))
    judged = [(one, answer(referee, one.resource), problems(one.resource)) for one in spoiled]

    refused = [str(one) for one, theirs, ours in judged if ours and not theirs]
    missed = [one.place for one, theirs, ours in judged if theirs and not ours]
    assert refused == []
    assert sum(bool(theirs) for _, theirs, _ in judged) > MUTANTS / 2
    # What type of resource an identifier is of: our checks do not read it.
    assert [place for place in missed if not place.endswith(("reference.type", "what.type"))] == []


@pytest.mark.usefixtures("readings")
def test_the_server_stores_each_of_them_and_gives_back_what_was_written(hapi, context):
    for name, one in variants(context):
        hapi.put(one)

        assert without_meta(read(hapi, one)) == without_meta(without_versions(one)), name


@pytest.mark.usefixtures("readings")
def test_every_reference_leads_to_what_the_server_holds(hapi, context):
    for _, one in variants(context):
        hapi.put(one)

    led = {name for _, one in variants(context) for name in literal(without_versions(one))}

    assert {name.partition("/")[0] for name in led} == {
        "Patient", "Device", "DeviceDefinition", "Observation",
    }  # fmt: skip
    for name in led:
        kind, _, number = name.partition("/")
        held = hapi.call("GET", name)
        assert (held["resourceType"], held["id"]) == (kind, number)


def test_a_link_that_ends_and_begins_again_is_one_association_of_three_versions(hapi, context):
    for one in (definition(context, WATCH), device(context, WATCH), association(context, WATCH)):
        hapi.put(one)

    hapi.put(ended(read(hapi, association(context, WATCH)), UNTIL))
    hapi.put(association(context, WATCH))

    states = [state(one) for one in history(hapi, association(context, WATCH))]
    assert states == [
        ("attached", None, None),
        ("unknown", "disconnected", "2026-11-20T18:05:00+00:00"),
        ("attached", None, None),
    ]


def test_a_consent_that_is_withdrawn_and_given_again_is_one_of_three_versions(hapi, context):
    hapi.put(consent(context, BODY))
    hapi.put(consent(context, BODY, until=UNTIL))
    hapi.put(consent(context, BODY, PRESSURE))

    versions = history(hapi, consent(context))
    assert [(one["status"], one["period"].get("end")) for one in versions] == [
        ("active", None),
        ("inactive", "2026-11-20T18:05:00+00:00"),
        ("active", None),
    ]
    assert [len(one["provision"][0]["code"]) for one in versions] == [1, 1, 2]


def test_two_patients_of_a_household_have_one_device_and_an_association_each(hapi, context):
    partner = hapi.new_patient(f"partner-{secrets.token_hex(6)}")
    theirs = link_context(patient=partner, link=secrets.token_hex(6), secret=context.secret)
    for each in (context, theirs):
        for one in (definition(each), device(each), association(each)):
            hapi.put(one)

    name = f"Device/{device(context)['id']}"
    query = {"device": name, "_count": "50"}
    found = hapi.call("GET", "DeviceAssociation", params=query)["entry"]
    subjects = {one["resource"]["subject"]["reference"] for one in found}
    assert subjects == {f"Patient/{context.patient}", f"Patient/{partner}"}
    assert hapi.call("GET", name)["meta"]["versionId"] == "1"


@pytest.mark.usefixtures("readings")
def test_a_readings_history_of_changes_is_found_by_reading_patient_activity_and_run(hapi, context):
    run = secrets.token_hex(6)
    hapi.put(dict(variants(context))["software"])
    of_run = link_context(
        patient=context.patient, link=context.link, secret=context.secret, run=run
    )
    made = {}
    for activity in Activity:
        built = provenance(of_run, activity, revisions={"Observation/o1": "1"})
        hapi.put(built)
        made[activity] = built["id"]

    everything = set(made.values())
    assert found(hapi, _tag=f"{SID}run|{run}") == everything
    assert found(hapi, target="Observation/o1", _tag=f"{SID}link|{context.link}") == everything
    assert found(hapi, patient=context.patient) == everything
    assert found(hapi, patient=context.patient, activity="deprecate") == {made[Activity.RETRACT]}


def test_what_the_server_has_of_a_link_is_found_by_its_tag(hapi, context):
    for one in (definition(context), device(context), association(context), consent(context)):
        hapi.put(one)

    tag = f"{SID}link|{context.link}"
    for kind, built in (("DeviceAssociation", association), ("Consent", consent)):
        page = hapi.call("GET", kind, params={"_tag": tag})
        assert [one["resource"]["id"] for one in page["entry"]] == [built(context)["id"]]


def found(hapi, **query):
    page = hapi.call("GET", "Provenance", params=query)
    return {one["resource"]["id"] for one in page.get("entry", [])}


def state(resource):
    reasons = [one["coding"][0]["code"] for one in resource.get("statusReason", [])]
    status = resource["status"]["coding"][0]["code"]
    return status, next(iter(reasons), None), resource["period"].get("end")


def read(hapi, resource):
    return hapi.call("GET", f"{resource['resourceType']}/{resource['id']}")


def history(hapi, resource):
    page = hapi.call("GET", f"{resource['resourceType']}/{resource['id']}/_history")
    return [one["resource"] for one in page["entry"]][::-1]


def without_meta(resource):
    return {name: part for name, part in resource.items() if name != "meta"}


def without_versions(value):
    """Give a copy whose references name no version: this server does not keep it."""
    if isinstance(value, list):
        return [without_versions(part) for part in value]
    if isinstance(value, dict):
        return {name: without_versions(part) for name, part in value.items()}
    return value.partition("/_history/")[0] if isinstance(value, str) else value


def literal(value):
    """Give every reference by address."""
    if isinstance(value, list):
        for part in value:
            yield from literal(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "reference" and isinstance(part, str):
                yield part
            else:
                yield from literal(part)
