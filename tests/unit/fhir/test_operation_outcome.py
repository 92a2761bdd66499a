"""What is kept of an EHR's refusal: words of FHIR's and ours, and never a word of the server's."""

import pytest

from ohx_pipelines.fhir.answers.operation_outcome import issues_of, main_issue
from ohx_pipelines.fhir.answers.refusal_reasons import REASONS

WEIGHT = {
    "resourceType": "Observation",
    "id": "b-6bb4d361",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "effectiveDateTime": "2026-11-20T07:31:02+01:00",
    "device": {"reference": "Device/nope"},
    "valueQuantity": {"value": 72, "code": "lb"},
    "component": [{"code": {}}, {"valueQuantity": {}}],
}
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [{"resource": {"resourceType": "Device"}}, {"resource": WEIGHT}],
}
# As HAPI FHIR 8.8.0 answers (request validation), shortened to what is read.
HAPI_UNIT = {
    "severity": "error",
    "code": "processing",
    "diagnostics": "The value provided ('lb') was not found in the value set 'Body Weight Units' "
    "(http://hl7.org/fhir/ValueSet/ucum-bodyweight|5.0.0), and a code is required",
    "expression": [
        "Bundle.entry[1].resource/*Observation/b-6bb4d361*/.value.ofType(Quantity).code"
    ],
}
HAPI_REFERENCE = {
    "severity": "error",
    "code": "exception",
    "diagnostics": "HAPI-1094: Resource Device/nope not found, specified in path: Observation.device",
}
HAPI_NOISE = {
    "severity": "warning",
    "code": "invariant",
    "diagnostics": "Constraint failed: dom-6: 'A resource should have narrative'",
    "expression": ["Bundle.entry[0].resource/*Device/1*/"],
}


def outcome(*issues):
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def test_a_strict_servers_refusal_names_the_entry_the_element_and_the_reason():
    [issue] = issues_of(outcome(HAPI_NOISE, HAPI_UNIT), sent=BUNDLE, status=422)

    assert (issue.entry, issue.code, issue.reason) == (1, "processing", "terminology")
    assert issue.expression == "Observation.valueQuantity.code"


@pytest.mark.parametrize(
    ("diagnostics", "code", "status", "reason"),
    [
        ("HAPI-1094: Resource Device/nope not found, specified in path: x", "exception", 400, "reference"),
        ("Value is 'x' but is fixed to '/min' in the profile http://hl7.org/fhir/StructureDefinition/heartrate|5.0.0", "processing", 422, "profile"),
        ("Observation.effective[x]: minimum required = 1, but only found 0 (from http://hl7.org/fhir/StructureDefinition/vitalsigns|5.0.0)", "processing", 422, "profile"),
        ("Error processing unit 'foo/bar': The unit 'foo' is unknown' at position 0", "processing", 422, "terminology"),
        ("Unknown code 'http://…#vitals'", "processing", 422, "terminology"),
        ("Constraint failed: obs-6: 'dataAbsentReason SHALL only be present'", "invariant", 422, "invariant"),
        ("Unrecognized property 'foo'", "processing", 422, "structure"),
        ("HAPI-0960: Can not create entity with ID[x], a client-assigned ID is not allowed", "processing", 400, "client-id"),
        ("", "duplicate", 409, "duplicate"),
        ("", "deleted", 410, "deleted"),
        ("", "processing", 410, "deleted"),
        ("", "too-long", 422, "size"),
        ("", "processing", 413, "size"),
        ("", "structure", 400, "structure"),
        ("no such phrase", "business-rule", 422, "other"),
    ],
)  # fmt: skip
def test_each_refusal_has_one_of_ten_reasons(diagnostics, code, status, reason):
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}

    [found] = issues_of(outcome(issue), sent=WEIGHT, status=status)

    assert found.reason == reason
    assert found.reason in REASONS


def test_a_known_profile_is_named_and_another_ones_name_is_not():
    known = {
        "severity": "error",
        "diagnostics": "see http://hl7.org/fhir/StructureDefinition/bp|5.0.0",
    }
    other = {
        "severity": "error",
        "diagnostics": "see http://x.org/StructureDefinition/Hypertension",
    }

    found = issues_of(outcome(known, other), sent=WEIGHT, status=422)

    assert [one.profile for one in found] == ["bp", None]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("Observation.device", "Observation.device"),
        ("Observation.component[1].value.ofType(Quantity).code", "Observation.component[1].valueQuantity.code"),
        ("Observation", "Observation"),
        ("Observation.value[x]", "Observation"),
        ("Bundle.entry[7].resource.valueQuantity.code", "Observation.valueQuantity.code"),
        ("Observation.Hypertension", "Observation"),
        ("Observation.code.72.30", "Observation.code"),
        ("Hypertension", "Observation"),
        ("Observation/*CANARY 72.30*/.device", "Observation.device"),
        ("Observation.device CANARY", "Observation"),
        ("Observation.component[72].CANARY[30]", "Observation.component[72]"),
        ("Observation.component[99999999].code", "Observation"),
    ],
)  # fmt: skip
def test_of_a_path_only_steps_stay_whose_element_we_sent(expression, told):
    issue = {"severity": "error", "code": "value", "expression": [expression]}

    [found] = issues_of(outcome(issue), sent=WEIGHT, status=422)

    assert found.expression == told


@pytest.mark.parametrize(
    "answer",
    [None, [], "CANARY", {}, {"issue": "CANARY"}, {"issue": ["CANARY", None]}, {"issue": [{"severity": "error", "code": ["CANARY"], "diagnostics": 7, "expression": "CANARY"}]}],
)  # fmt: skip
def test_an_outcome_of_any_other_shape_says_nothing(answer):
    found = issues_of(answer, sent=BUNDLE, status=422)

    assert "CANARY" not in repr(found)
    assert main_issue(found, status=422).code == "http_422"


def test_an_entry_that_was_not_sent_is_not_named():
    issue = HAPI_UNIT | {"expression": ["Bundle.entry[44].resource.code"]}

    [found] = issues_of(outcome(issue), sent=BUNDLE, status=422)

    assert (found.entry, found.expression) == (None, None)


def test_the_issue_that_says_most_is_told():
    vague = {"severity": "error", "code": "processing", "diagnostics": "no"}

    found = issues_of(outcome(vague, HAPI_REFERENCE), sent=WEIGHT, status=400)

    assert main_issue(found, status=400).reason == "reference"
