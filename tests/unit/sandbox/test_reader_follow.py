"""Versions and retractions that are wrong in the EHR, planted one by one: the reader finds each.

Belongs here: Observations over several syncs. Not here: the notes about them
(`test_reader_provenance.py`), and what a past asks for (`test_reader_memory.py`).
"""

import pytest

from tests.unit.sandbox.ehr_parts import quantity, running_ehr, side
from tests.unit.sandbox.following_parts import Followed, found, labelled
from tests.unit.sandbox.reader_parts import (
    ANNA,
    ROWS,
    at,
    judged,
    measures,
    regrouped,
)

# The vendor took Anna's lone pulse away, or corrected her pressure.
DELETED = regrouped(4)
CORRECTED = regrouped(3, measures=measures((10, 13000, -2), (9, 81, 0), (11, 64, 0)))
UPPER = {"component": [side("8480-6", 130), side("8462-4", 81), side("8867-4", 64, "/min")]}


@pytest.fixture
def followed():
    with running_ehr() as ehr:
        yield Followed(ehr)


def test_what_stands_right_is_right_however_often_it_is_looked_at(followed):
    assert [found(followed.judged()) for _ in range(3)] == [{}, {}, {}]


def test_a_correction_is_right_as_the_next_version(followed):
    followed.judged()
    followed.write("pressure", "corrected", **UPPER)
    assert found(followed.judged(CORRECTED)) == {}
    assert found(followed.judged(CORRECTED)) == {}


def test_a_retraction_is_right_with_the_values_that_it_had(followed):
    followed.judged()
    followed.write("pulse", "entered-in-error")
    assert found(followed.judged(DELETED)) == {}
    assert found(followed.judged(DELETED)) == {}


def test_what_is_doubted_later_is_right_as_it_was(followed):
    followed.judged()
    assert found(followed.judged(regrouped(4, attrib=1))) == {}


def test_what_is_listed_again_is_right_as_corrected(followed):
    followed.judged()
    followed.write("pulse", "entered-in-error")
    followed.judged(DELETED)
    followed.write("pulse", "corrected", before=2)
    assert found(followed.judged()) == {}


def test_a_pulse_that_came_is_right_as_amended(followed):
    without = regrouped(3, measures=measures((10, 12800, -2), (9, 81, 0)))
    sides = [side("8480-6", 128), side("8462-4", 81)]
    followed.delete("Provenance/first-anna", "Observation/pressure")
    number = followed.content["pressure"] | {"id": "pressure-2", "component": sides}
    followed.content = {n: c for n, c in followed.content.items() if n != "pressure"}
    followed.content["pressure-2"] = number
    followed.put(number, *followed.notes("again"))
    followed.delete("Provenance/again-bert")
    assert found(followed.judged(without)) == {}
    followed.write("pressure-2", "amended", component=[*sides, side("8867-4", 64, "/min")])
    assert found(followed.judged()) == {}


@pytest.mark.parametrize(
    ("number", "status", "changes", "rows", "expected"),
    [
        pytest.param("pressure", "final", UPPER, CORRECTED, {"wrong status": 1,
                     "versions: history": 1}, id="corrected as final"),
        pytest.param("pressure", "amended", UPPER, CORRECTED, {"wrong status": 1,
                     "versions: history": 1}, id="corrected as amended"),
        pytest.param("pressure", "corrected", {}, CORRECTED, {"wrong value": 1,
                     "versions: history": 1}, id="marked and not corrected"),
        pytest.param("pulse", "final", {"note": [{"text": "x"}]}, ROWS,
                     {"versions: number": 1}, id="written again for nothing"),
        pytest.param("pulse", "corrected", {}, ROWS, {"wrong status": 1, "versions: number": 1},
                     id="marked for nothing"),
        pytest.param("pulse", "entered-in-error", {}, ROWS, {"missing": 1, "retracted: unasked": 1},
                     id="retracted for nothing"),
        pytest.param("pulse", "entered-in-error", {}, regrouped(4, attrib=1),
                     {"missing": 1, "retracted: unasked": 1}, id="retracted when doubted"),
        pytest.param("pulse", "cancelled", {}, DELETED, {"retracted: not retracted": 1,
                     "versions: history": 1}, id="cancelled"),
        pytest.param("pulse", "entered-in-error", {"valueQuantity": quantity(62, "/min")}, DELETED,
                     {"retracted: changed": 1, "versions: history": 1}, id="another value"),
        pytest.param("pulse", "entered-in-error", {"effectiveDateTime": "2026-11-20T21:02:00+01:00"},
                     DELETED, {"retracted: changed": 1}, id="another time"),
    ],
)  # fmt: skip
def test_a_wrong_next_version_is_found(followed, number, status, changes, rows, expected):
    followed.judged()
    followed.write(number, status, **changes)
    assert found(followed.judged(rows)) == expected


def test_a_correction_that_was_not_carried_is_found(followed):
    followed.judged()
    assert found(followed.judged(CORRECTED)) == {
        "wrong value": 1, "wrong status": 1, "versions: number": 1,
    }  # fmt: skip


def test_a_retraction_that_was_not_carried_is_found(followed):
    followed.judged()
    assert found(followed.judged(DELETED)) == {
        "retracted: not retracted": 1, "versions: number": 1,
    }  # fmt: skip


def test_a_deleted_observation_is_no_retracted_one(followed):
    followed.delete("Provenance/first-anna")
    followed.judged()
    followed.delete("Observation/pulse")
    report = followed.judged(DELETED, left_out=["Provenance"])
    assert found(report) == {"retracted: missing": 1}


def test_a_retracted_observation_of_nothing_is_found(followed):
    never = at("never", "29463-7", 55, "kg", effectiveDateTime="2026-11-20T20:00:00+01:00")
    followed.put(never | {"status": "entered-in-error"})
    assert found(followed.judged(left_out=["Provenance"])) == {"retracted: unasked": 1}


def test_a_retracted_reading_that_came_back_to_life_is_found(followed):
    followed.judged()
    followed.write("pulse", "entered-in-error")
    followed.judged(DELETED)
    followed.write("pulse", "final", before=2)
    assert found(followed.judged(DELETED)) == {
        "retracted: not retracted": 1, "versions: number": 1,
    }  # fmt: skip


def test_two_writes_for_one_change_are_found(followed):
    followed.judged()
    followed.write("pressure", "corrected", **UPPER)
    followed.write("pressure", "corrected", before=2, note=[{"text": "x"}])
    assert found(followed.judged(CORRECTED)) == {"versions: number": 1}


def test_a_wrong_past_behind_a_right_present_is_found(followed):
    followed.judged()
    twice = regrouped(3, measures=measures((10, 13000, -2), (9, 82, 0), (11, 64, 0)))
    followed.judged(CORRECTED)
    lower = [side("8480-6", 130), side("8462-4", 82), side("8867-4", 64, "/min")]
    followed.write("pressure", "amended", **UPPER)
    followed.write("pressure", "corrected", before=2, component=lower)
    assert found(followed.judged(twice)) == {"versions: history": 1}


def test_an_identifier_that_changed_is_found(followed):
    identifier = [{"system": "urn:record", "value": "4.heart_rate.0"}]
    followed.delete("Provenance/first-anna", "Observation/pulse")
    named = followed.content.pop("pulse") | {"id": "named", "identifier": identifier}
    followed.content["named"] = named
    followed.put(named, *followed.notes("first"))
    assert found(followed.judged()) == {}
    other = [{"system": "urn:record", "value": "5.heart_rate.0"}]
    followed.write("named", "entered-in-error", identifier=other)
    assert found(followed.judged(DELETED)) == {
        "retracted: changed": 1, "versions: identifier": 1,
    }  # fmt: skip


def test_two_readings_that_are_alike_are_told_apart_by_what_stood_for_them(followed):
    followed.judged()
    kept = [one for one in ROWS[ANNA.login][0]["measures"] if one["type"] != 5]
    lean = measures((5, 56800, -3), (5, 57000, -3))
    followed.write("lean-again", "corrected", valueQuantity=quantity(57.0, "kg"))
    rows = regrouped(1, measures=[*kept, *lean])
    assert found(followed.judged(rows)) == {}
    assert found(followed.judged(rows)) == {}


def test_what_is_compared_without_follow_does_not_become_the_past(followed):
    judged(followed.ehr, CORRECTED)
    assert found(followed.judged()) == {}


@pytest.mark.parametrize("number", ["weight", "height"])
def test_a_label_that_says_the_wrong_thing_about_who_asserts_a_reading_is_found(followed, number):
    wrong = {"weight": "PATAST", "height": "DEVAST"}[number]
    followed.delete("Provenance/first-anna")
    followed.put(labelled(followed.content[number], wrong))
    assert found(followed.judged(left_out=["Provenance"])) == {
        "governance: label": 1, "versions: number": 1,
    }  # fmt: skip
