"""Notes about who wrote what, wrong in one way each: the reader finds it."""

import pytest

from tests.unit.sandbox.ehr_parts import running_ehr, weight
from tests.unit.sandbox.following_parts import Followed, found
from tests.unit.sandbox.governance_parts import LIFECYCLE, RUN, concept, made, provenance, reference
from tests.unit.sandbox.reader_parts import ANNA, ROWS
from tests.unit.sandbox.test_reader_follow import CORRECTED, UPPER


@pytest.fixture
def followed():
    with running_ehr() as ehr:
        yield Followed(ehr)


SOURCE = {"role": "source", "what": {"display": "the vendor"}}
WHENCE = [SOURCE, RUN]
BERT = "Observation/bert"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recorded": None}, {"provenance: not recorded": 1}),
        ({"activity": None}, {"provenance: no activity": 1, "provenance: wrong activity": 1}),
        ({"agent": [{"who": reference("Device/scale")}]}, {"provenance: no program as agent": 1}),
        ({"agent": [{"who": {"display": "us"}}]}, {"provenance: no program as agent": 1}),
        ({"entity": None}, {"provenance: no source": 1, "provenance: no run": 1}),
        ({"entity": [SOURCE]}, {"provenance: no run": 1}),
        ({"activity": concept("amend", LIFECYCLE)}, {"provenance: wrong activity": 1}),
        ({"activity": concept("originate", LIFECYCLE)}, {"provenance: wrong activity": 1}),
        ({"patient": None}, {"provenance: no patient": 1, "provenance: number of notes": 1}),
        ({"patient": reference("Patient/anna")}, {"provenance: number of notes": 1}),
        (
            {"target": [reference(BERT), reference("Device/scale")]},
            {"provenance: other target": 1},
        ),
        (
            {"entity": [*WHENCE, {"role": "revision", "what": reference(f"{BERT}/_history/7")}]},
            {"provenance: leads nowhere": 1, "provenance: wrong role": 1},
        ),
    ],
)
def test_a_note_that_is_wrong_is_found(followed, changes, expected):
    right = provenance("first-bert", BERT, patient="bert")
    followed.put({k: v for k, v in (right | changes).items() if v is not None})
    assert found(followed.judged()) == expected


def test_a_version_without_a_note_is_found(followed):
    followed.delete("Provenance/first-bert")
    assert found(followed.judged()) == {"provenance: number of notes": 1}


def test_a_correction_without_a_note_is_found(followed):
    followed.judged()
    followed.write("pressure", "corrected", noted=False, **UPPER)
    assert found(followed.judged(CORRECTED)) == {"provenance: number of notes": 1}


def test_a_note_of_nothing_that_was_written_is_found(followed):
    followed.put(provenance("more", BERT, patient="bert"))
    assert found(followed.judged()) == {"provenance: number of notes": 1}


def test_a_correction_whose_note_does_not_say_what_stood_before_is_found(followed):
    followed.judged()
    followed.write("pressure", "corrected", noted=False, **UPPER)
    followed.put(provenance("vague", "Observation/pressure", activity="amend"))
    assert found(followed.judged(CORRECTED)) == {"provenance: no earlier version": 1}


@pytest.mark.parametrize("activity", ["amend", "receive"])
def test_a_retraction_whose_note_says_something_else_is_found(followed, activity):
    rows = {**ROWS, ANNA.login: [one for one in ROWS[ANNA.login] if one["grpid"] != 1]}
    followed.judged()
    gone = next(n for n, one in followed.content.items() if n == "pressure")
    followed.write(gone, "entered-in-error", noted=False)
    followed.put(provenance("why", f"Observation/{gone}", activity=activity, before=1))
    assert "provenance: wrong activity" in found(followed.judged(rows))


def test_a_note_about_another_day_is_no_finding(followed):
    followed.put(weight("old", effectiveDateTime="2026-11-01T07:00:00+01:00"))
    followed.put(provenance("old", "Observation/old"))
    assert found(followed.judged()) == {}


def test_notes_of_people_who_were_not_asked_about_are_not_judged(followed):
    followed.delete("Provenance/first-bert")
    assert found(followed.judged(people=[ANNA])) == {}


def test_a_shared_ehr_is_asked_by_patient_and_may_strip_versions(followed):
    followed.judged()
    followed.write("pressure", "corrected", noted=False, **UPPER)
    revised = {"role": "revision", "what": reference("Observation/pressure")}
    note = provenance(
        "stripped", "Observation/pressure", activity="amend", entity=[*WHENCE, revised]
    )
    followed.put(note)
    strangers = made("Provenance", "x", target=[reference("Device/cuff")],
                     agent=[{"who": reference("Device/cuff")}])  # fmt: skip
    followed.put(strangers)
    assert found(followed.judged(CORRECTED, shared=True)) == {}
    followed.delete("Provenance/stripped")
    assert found(followed.judged(CORRECTED, shared=True)) == {"provenance: number of notes": 1}


def test_an_ehr_that_is_given_no_notes_is_not_asked_for_them(followed):
    followed.delete("Provenance/first-bert", "Provenance/first-anna")
    assert found(followed.judged(left_out=["Provenance"])) == {}
