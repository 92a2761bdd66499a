"""What is written against what is there: only differences, and nobody else's."""

import copy
from decimal import Decimal

import pytest

from ohx_pipelines.fhir.content import same_content
from ohx_pipelines.fhir.reconcile import Action, decide
from ohx_pipelines.measurements import RecordingMethod
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


@pytest.mark.parametrize("status", ["final", "amended"])
def test_something_that_was_only_added_is_an_amendment(build, status):
    [with_pulse], [without] = build(*cuff()), build(*cuff(pulse=None))

    decision = decide(with_pulse, served(without, status=status))

    assert (decision.action, decision.resource["status"]) == (Action.UPDATE, "amended")


def test_an_amended_reading_that_changes_is_corrected_and_a_corrected_one_is_never_amended(build):
    [with_pulse], [without] = build(*cuff()), build(*cuff(pulse=None))
    [other] = build(*cuff(systolic="131"))

    assert decide(other, served(with_pulse, status="amended")).resource["status"] == "corrected"
    assert decide(with_pulse, served(without, status="corrected")).resource["status"] == "corrected"
    assert decide(without, served(with_pulse)).resource["status"] == "corrected"


def test_a_value_in_the_place_of_a_missing_one_is_an_amendment(build):
    [whole], [half] = build(*cuff()), build(*cuff(diastolic=None))

    assert any("dataAbsentReason" in one for one in half["component"])
    assert decide(whole, served(half)).resource["status"] == "amended"


@pytest.mark.parametrize("status", ["final", "corrected", "amended"])
def test_how_a_reading_is_filed_is_written_and_is_no_correction(weight, status):
    survey = [{"coding": [{"system": "http://terminology.hl7.org/x", "code": "survey"}]}]

    decision = decide(weight, served(weight, status=status, category=survey))

    assert (decision.action, decision.resource["status"]) == (Action.UPDATE, status)


def test_a_preliminary_value_becomes_final_without_being_a_correction(weight):
    other = weight["valueQuantity"] | {"value": Decimal(12)}

    decision = decide(weight, served(weight, status="preliminary", valueQuantity=other))

    assert (decision.action, decision.resource["status"]) == (Action.UPDATE, "final")


@pytest.mark.parametrize("status", ["final", "corrected", "amended"])
def test_what_was_final_never_becomes_preliminary_again(weight, status):
    early = weight | {"status": "preliminary"}

    assert decide(early, served(weight, status=status)).action is Action.LEAVE
    other = weight["valueQuantity"] | {"value": Decimal(12)}
    changed = decide(early, served(weight, status=status, valueQuantity=other))
    assert changed.resource["status"] == "corrected"


def test_what_others_added_stays_when_a_reading_is_corrected(weight):
    other = weight["valueQuantity"] | {"value": Decimal(12)}
    tag = {"system": "https://clinic.example/tags", "code": "reviewed"}
    confidential = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "code": "R",
    }
    there = served(weight, valueQuantity=other, note=[{"text": "seen"}], interpretation=[{}])
    there["meta"] |= {"tag": [tag], "security": [*there["meta"]["security"], confidential]}

    written = decide(weight, there).resource

    assert (written["note"], written["interpretation"]) == ([{"text": "seen"}], [{}])
    assert written["meta"]["tag"] == [tag]
    assert confidential in written["meta"]["security"]
    assert "text" not in written
    assert not {"versionId", "lastUpdated"} & written["meta"].keys()


def test_who_asserts_a_reading_replaces_who_did(build):
    [measured] = build(measurement("body_weight", "70", "kg"))
    [typed] = build(measurement("body_weight", "70", "kg", method=RecordingMethod.MANUAL))

    labels = decide(typed, served(measured)).resource["meta"]["security"]

    assert [one["code"] for one in labels] == ["PATAST"]


def test_a_retraction_keeps_all_that_is_there_and_says_why(weight):
    there = served(weight, note=[{"text": "seen"}])

    decision = decide(weight | {"status": "entered-in-error"}, there)

    assert decision.action is Action.RETRACT
    written = decision.resource
    assert written["status"] == "entered-in-error"
    assert [one["text"] for one in written["note"]] == [
        "seen",
        "Withdrawn: the source of this reading no longer lists it.",
    ]
    kept = {name for name in weight if name not in {"status", "meta"}}
    assert {name: written[name] for name in kept} == {name: weight[name] for name in kept}


@pytest.mark.parametrize("there", [None, {"status": "entered-in-error"}])
def test_what_is_gone_or_retracted_is_not_retracted_again(weight, there):
    existing = there and served(weight, **there)

    assert decide(weight | {"status": "entered-in-error"}, existing).action is Action.LEAVE


def test_what_we_retracted_comes_back_and_what_a_person_retracted_does_not(weight):
    ours = decide(weight | {"status": "entered-in-error"}, served(weight)).resource
    back = decide(weight, served(ours))

    assert (back.action, back.resource["status"]) == (Action.UPDATE, "corrected")
    assert "note" not in back.resource
    theirs = served(weight, status="entered-in-error", note=[{"text": "a dog"}])
    assert decide(weight, theirs).action is Action.LEAVE


@pytest.mark.parametrize("status", ["inactive", "active"])
def test_a_device_that_staff_put_aside_stays_so(status):
    device = {"resourceType": "Device", "id": "d", "status": "active", "displayName": "Body+"}

    assert decide(device, device | {"status": status}).action is Action.LEAVE
    renamed = decide(device, device | {"status": status, "displayName": "Body"})
    assert (renamed.action, renamed.resource["status"]) == (Action.UPDATE, status)


@pytest.mark.parametrize("kind", ["Device", "Consent", "DeviceAssociation"])
def test_what_staff_marked_as_entered_in_error_is_not_written_again(kind):
    ours = {"resourceType": kind, "id": "d", "status": "active", "date": "2026-11-20"}
    mark = (
        {"coding": [{"system": "urn:x", "code": "entered-in-error"}]}
        if kind == "DeviceAssociation"
        else "entered-in-error"
    )

    assert decide(ours, ours | {"status": mark}).action is Action.LEAVE
