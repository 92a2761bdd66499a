"""What is written against what is there: only differences, and nobody else's."""

import copy
from decimal import Decimal

import pytest

from ohx_pipelines.fhir.reconcile import Action, decide, same_content
from tests.unit.fhir.readings import cuff, measurement


@pytest.fixture
def weight(build):
    [resource] = build(measurement("body_weight", "72.30", "kg"))
    return resource


def served(resource, **changes):
    """The resource as a server gives it back: a version, a narrative, a request id."""
    there = copy.deepcopy(resource)
    there["meta"] |= {"versionId": "3", "lastUpdated": "2026-11-21T00:00:00Z"}
    there["meta"]["source"] += "#aBc"
    there["text"] = {"status": "generated", "div": "<div/>"}
    return there | changes


def test_what_is_not_there_is_created(weight):
    decision = decide(weight, None)

    assert decision.action is Action.CREATE
    assert decision.resource == weight


def test_what_a_server_adds_is_no_difference(weight):
    assert decide(weight, served(weight)).action is Action.LEAVE


def test_a_server_that_drops_trailing_zeros_is_not_written_to_every_night(weight):
    quantity = weight["valueQuantity"] | {"value": Decimal("72.3")}

    assert same_content(weight, served(weight, valueQuantity=quantity))


def test_a_changed_value_is_a_correction(weight):
    there = served(weight, valueQuantity=weight["valueQuantity"] | {"value": Decimal("72.4")})

    decision = decide(weight, there)

    assert decision.action is Action.UPDATE
    assert decision.resource["status"] == "corrected"
    assert decision.resource["valueQuantity"]["value"] == Decimal("72.30")


def test_a_corrected_reading_is_left_alone_and_never_final_again(weight):
    assert decide(weight, served(weight, status="corrected")).action is Action.LEAVE


@pytest.mark.parametrize(
    "change",
    [
        {"effectiveDateTime": "2026-11-20T07:31:02+02:00"},
        {"effectiveDateTime": "2026-11-20T06:31:02+00:00"},
        {"subject": {"reference": "Patient/p2"}},
        {"device": {"reference": "Device/other"}},
        {"performer": [{"reference": "Patient/p1"}]},
        {"code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]}},
        {"identifier": []},
        {"status": "preliminary"},
    ],
    ids=lambda change: f"{next(iter(change))}",
)
def test_any_other_difference_is_written(weight, change):
    assert decide(weight, served(weight, **change)).action is Action.UPDATE


def test_a_component_that_came_or_went_is_a_difference(build):
    [with_pulse], [without] = build(*cuff()), build(*cuff(pulse=None))

    assert not same_content(with_pulse, served(without))
    assert not same_content(without, served(with_pulse))


def test_the_same_instant_written_another_way_is_no_difference(build):
    [utc] = build(measurement("body_weight", "70", "kg", offset_minutes=0))

    assert same_content(utc, served(utc, effectiveDateTime="2026-11-20T06:31:02.000Z"))


def test_a_profile_that_is_missing_is_a_difference_and_a_further_label_is_none(weight):
    bare = served(weight)
    bare["meta"] = {"source": weight["meta"]["source"], "security": weight["meta"]["security"]}
    labelled = served(weight)
    labelled["meta"]["security"] = [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"},
        *labelled["meta"]["security"],
    ]

    assert not same_content(weight, bare)
    assert same_content(weight, labelled)


@pytest.mark.parametrize(
    "written",
    ["https://ehr.example/fhir/{}", "{}/_history/2", "https://ehr.example/r5/{}/_history/2"],
)
def test_a_reference_written_another_way_is_no_difference(weight, written):
    reference = weight["subject"]["reference"]

    assert same_content(weight, served(weight, subject={"reference": written.format(reference)}))


@pytest.mark.parametrize(
    "other", ["https://ehr.example/fhir/Patient/p2", "Group/p1", "#p1", 1, None]
)
def test_a_reference_to_somebody_else_is_a_difference(weight, other):
    assert not same_content(weight, served(weight, subject={"reference": other}))


def test_what_somebody_marked_as_entered_in_error_stays_so(weight):
    assert decide(weight, served(weight, status="entered-in-error")).action is Action.LEAVE


def test_a_clinicians_note_is_no_difference(weight):
    assert decide(weight, served(weight, note=[{"text": "seen"}])).action is Action.LEAVE
