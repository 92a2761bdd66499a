"""Real deletions and corrections: versions, history, and the Provenance that says which run and why."""

import json
from decimal import Decimal

import pytest
import requests

from ohx_pipelines.fhir.validate import problems
from tests.integration.retracting.expected import assert_only_these_go, fill, first_panel, total

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_a_deleted_reading_is_a_second_version_that_says_why(empty, mode):
    scene = empty
    scene.in_mode(mode)
    grpids = fill(scene, 6)
    [before] = scene.of(grpids[2])
    scene.delete(grpids[2])

    results = scene.run()

    told_in = scene.run_id
    assert total(results, "retracted") == 1
    [after] = scene.of(grpids[2])
    assert not problems(after)
    versions = scene.history(after)
    assert [(one["meta"]["versionId"], one["status"]) for one in versions] == [
        ("1", "final"),
        ("2", "entered-in-error"),
    ]
    assert versions[1]["valueQuantity"] == versions[0]["valueQuantity"]
    assert after["effectiveDateTime"] == before["effectiveDateTime"]
    [first, second] = scene.provenances(after)
    assert_told(scene, first, activity="receive", run=None, former=None)
    former = f"Observation/{after['id']}/_history/1"
    assert_told(scene, second, activity="deprecate", run=told_in, former=("removal", former))
    assert_only_these_go(scene, grpids[2])


def test_an_edited_reading_is_a_second_version_that_says_why(scene, days):
    edited = scene.added[days[0]][0]
    scene.edit(edited, value=71_250)

    scene.run()

    told_in = scene.run_id
    [after] = scene.of(edited)
    assert not problems(after)
    versions = scene.history(after)
    assert [(one["meta"]["versionId"], one["status"]) for one in versions] == [
        ("1", "final"),
        ("2", "corrected"),
    ]
    assert after["valueQuantity"]["value"] == Decimal("71.25")
    [_, second] = scene.provenances(after)
    former = f"Observation/{after['id']}/_history/1"
    assert_told(scene, second, activity="amend", run=told_in, former=("revision", former))
    scene.edit(edited, value=71_750)
    scene.run()
    scene.delete(edited)
    assert scene.judge()["differences"] > 0
    scene.run()
    assert [one["status"] for one in scene.history(after)] == [
        "final",
        "corrected",
        "corrected",
        "entered-in-error",
    ]


def test_a_deleted_blood_pressure_goes_as_a_whole_and_stays_valid(scene):
    pressure = first_panel(scene)
    scene.delete(pressure)

    scene.run()

    [after] = scene.of(pressure)
    assert after["status"] == "entered-in-error"
    assert len(after["component"]) >= 2
    assert not problems(after)
    assert_only_these_go(scene, pressure)


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "drop_after_commit", "count": 1},
        {"kind": "drop", "count": 1},
        {"kind": "conflict", "status": 412, "count": 1},
        {"kind": "status", "status": 503, "count": 1},
    ],
    ids=lambda order: order["kind"],
)
def test_a_retraction_that_an_ehr_answers_badly_once_is_told_once(scene, days, order):
    deleted, edited = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    scene.edit(edited, value=71_250)
    scene.weigh(days[2], hour=20)
    scene.sandbox.post("faults", target="ehr", method="write", login=scene.person["login"], **order)

    scene.run()

    assert_only_these_go(scene, deleted)


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_what_was_written_is_told_also_when_the_answer_was_lost(empty, empty_days, mode):
    """Without Provenance in the conditional modes, without its count in all of them."""
    empty.in_mode(mode)
    grpids = fill(empty, 8)
    empty.delete(grpids[3])
    empty.edit(grpids[5], value=71_250)
    empty.weigh(empty_days[2], hour=21)
    lost = {"kind": "drop_after_commit", "method": "write", "count": 1}
    empty.sandbox.post("faults", target="ehr", login=empty.person["login"], **lost)

    results = empty.run()

    assert_only_these_go(empty, grpids[3])
    assert [total(results, name) for name in ("created", "updated", "retracted")] == [1, 1, 1]


def test_what_a_clinician_does_between_reading_and_writing_is_kept(empty):
    """The vendor is asked again in between: whatever was read of the chart is old by then."""
    noted, marked, other, *_ = grpids = fill(empty, 8)
    empty.delete(noted, marked)
    empty.edit(other, value=71_250)
    seen = {"text": "seen at the clinic"}
    empty.vendor.before[2] = lambda: [
        change(empty, noted, note=[seen]),
        change(empty, marked, status="entered-in-error"),
        change(empty, other, note=[seen]),
    ]

    empty.run()

    found = {grpid: empty.of(grpid)[0] for grpid in grpids[:3]}
    assert [found[one]["status"] for one in grpids[:3]] == [
        "entered-in-error",
        "entered-in-error",
        "corrected",
    ]
    assert seen in found[noted]["note"]
    assert "note" not in found[marked]
    assert found[other]["note"] == [seen]
    assert not any(problems(one) for one in found.values())


def change(scene, grpid, **elements):
    """Write elements into an Observation, as an EHR's own page does."""
    [there] = scene.of(grpid)
    answer = requests.put(
        scene.address(f"Observation/{there['id']}"),
        data=json.dumps(there | elements, default=float),
        headers={"Content-Type": "application/fhir+json"},
        timeout=10,
    )
    answer.raise_for_status()


def assert_told(scene, provenance, *, activity, run, former):
    """The Provenance of R5 as a reader of the chart would check it."""
    assert not problems(provenance)
    assert provenance["activity"]["coding"][0]["code"] == activity
    assert provenance["patient"]["reference"] == f"Patient/{scene.person['patient_id']}"
    [agent] = provenance["agent"]
    device = scene.get(agent["who"]["reference"])
    assert device["category"][0]["coding"][0]["code"] == "software"
    said = {
        one["what"]["identifier"]["value"]
        for one in provenance["entity"]
        if "identifier" in one["what"]
    }
    assert {"withings", run or "withings"} <= said
    literal = [
        (one["role"], one["what"]["reference"])
        for one in provenance["entity"]
        if "reference" in one["what"]
    ]
    assert former is None or former in literal
