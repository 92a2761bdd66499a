"""The independent reader against a real EHR stand-in: it finds every planted error, and only those.

Belongs here: errors planted in the EHR. Not here: how the vendor lists (`test_reader_takings.py`).
"""

import json

import pytest
import requests

from sandbox.reader.compare import compare
from tests.unit.sandbox.ehr_parts import ABSENT, concept, device, quantity, running_ehr, side
from tests.unit.sandbox.governance_parts import software
from tests.unit.sandbox.reader_parts import (
    ANNA,
    DAY,
    SCALE,
    at,
    difference,
    fill,
    judged,
    right_content,
)


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        yield running


@pytest.fixture
def ehr(server):
    return fill(server)


def test_right_content_has_no_difference(ehr):
    found = judged(ehr)
    assert found == {
        "differences": 0,
        "missing": 0,
        "extra": 0,
        "doubled": 0,
        "wrong": dict.fromkeys(("value", "unit", "offset", "end", "day", "device", "status"), 0),
        "versions": 0,
        "retracted": 0,
        "provenance": 0,
        "governance": 0,
        "why": {},
        "compared": 12,
        "devices": 2,
    }


GRAMS = {"valueQuantity": quantity(72300, "g")}
PLANTED = {
    "value": ("weight", {"valueQuantity": quantity(72.31, "kg")}, {"wrong value": 1}),
    "rounded": ("fat", {"valueQuantity": quantity(21.4, "%")}, {"wrong value": 1}),
    "not quite": ("fat", {"valueQuantity": quantity(21.450000000000003, "%")}, {"wrong value": 1}),
    "metres": (
        "height",
        {"valueQuantity": quantity(1.785, "m")},
        {"wrong value": 1, "wrong unit": 1},
    ),
    "unit": ("weight", {"valueQuantity": quantity(72.3, "g")}, {"wrong unit": 1}),
    "converted": ("weight", GRAMS, {"wrong value": 1, "wrong unit": 1}),
    "unit system": (
        "weight",
        {"valueQuantity": quantity(72.3, "kg") | {"system": "urn:units"}},
        {"wrong unit": 1},
    ),
    "comparator": (
        "weight",
        {"valueQuantity": quantity(72.3, "kg") | {"comparator": "<"}},
        {"wrong value": 1},
    ),
    "no value": (
        "weight",
        {"valueQuantity": None, "dataAbsentReason": concept("unknown", ABSENT)},
        {"wrong value": 1, "wrong unit": 1},
    ),
    "offset": ("weight", {"effectiveDateTime": "2026-11-20T06:31:02Z"}, {"wrong offset": 1}),
    "instant": (
        "weight",
        {"effectiveDateTime": "2026-11-20T06:31:02+01:00"},
        {"missing": 1, "extra": 1},
    ),
    "day only": ("weight", {"effectiveDateTime": "2026-11-20"}, {"missing": 1, "extra": 1}),
    "period": (
        "weight",
        {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-20T07:31:02+01:00"}},
        {"missing": 1, "extra": 1},
    ),
    "patient": ("weight", {"subject": {"reference": "Patient/bert"}}, {"missing": 1, "extra": 1}),
    "code": ("fat-mass", {"code": concept("73964-9")}, {"missing": 1, "extra": 1}),
    "two codes": (
        "weight",
        {"code": {"coding": [concept(c)["coding"][0] for c in ("29463-7", "73964-9")]}},
        {"missing": 1, "extra": 1},
    ),
    "device": ("weight", {"device": {"reference": "Device/cuff"}}, {"wrong device": 1}),
    "no device": ("weight", {"device": None}, {"wrong device": 1}),
    "device of what was typed in": (
        "height",
        {"device": {"reference": "Device/scale"}},
        {"wrong device": 1},
    ),
    "status": ("weight", {"status": "preliminary"}, {"wrong status": 1}),
    "corrected without reason": ("weight", {"status": "corrected"}, {"wrong status": 1}),
    "retracted": ("weight", {"status": "entered-in-error"}, {"missing": 1}),
    "component value": (
        "pressure",
        {"component": [side("8480-6", 129), side("8462-4", 81), side("8867-4", 64, "/min")]},
        {"wrong value": 1},
    ),
    "sides swapped": (
        "pressure",
        {"component": [side("8480-6", 81), side("8462-4", 128), side("8867-4", 64, "/min")]},
        {"wrong value": 1},
    ),
    "no pulse": (
        "pressure",
        {"component": [side("8480-6", 128), side("8462-4", 81)]},
        {"wrong value": 1, "wrong unit": 1},
    ),
    "twin changed": ("lean-again", {"valueQuantity": quantity(1, "kg")}, {"wrong value": 1}),
    "another's value": ("bert", {"valueQuantity": quantity(72.3, "kg")}, {"wrong value": 1}),
}


@pytest.mark.parametrize(("number", "change", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_error_is_found(ehr, number, change, expected):
    changed = {k: v for k, v in (right_content()[number] | change).items() if v is not None}
    ehr.put(changed).raise_for_status()
    found = judged(ehr)
    assert difference(found) == expected
    assert found["differences"] == sum(expected.values())


@pytest.mark.parametrize("number", right_content())
def test_every_missing_reading_is_found(ehr, number):
    ehr.call("DELETE", f"Observation/{number}").raise_for_status()
    assert difference(judged(ehr)) == {"missing": 1}


@pytest.mark.parametrize("number", right_content())
def test_every_doubled_reading_is_found(ehr, number):
    ehr.put(right_content()[number] | {"id": "once-more"}).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


@pytest.mark.parametrize(
    "more",
    [
        at("new", "29463-7", 55, "kg", effectiveDateTime="2026-11-20T21:00:00+01:00"),
        at("new", "29463-7", 71, "kg"),
        at("new", "8310-5", 36.6, "Cel", effectiveDateTime="2026-11-20T21:00:00+01:00"),
        at("new", "41950-7", 5000, "1", effectiveDateTime="2026-11-20"),
        at("new", "29463-7", 74, "kg", effectiveDateTime="2026-11-20T23:59:59+01:00"),
    ],
)
def test_an_observation_without_a_counterpart_is_extra(ehr, more):
    ehr.put(more).raise_for_status()
    assert difference(judged(ehr)) == {"extra": 1}


def test_other_days_and_other_people_are_not_judged(ehr):
    ehr.put(at("next", "29463-7", 74, "kg", effectiveDateTime="2026-11-21T00:00:00+01:00"))
    ehr.call("DELETE", "Observation/bert").raise_for_status()
    assert difference(judged(ehr, people=[ANNA])) == {}
    assert difference(judged(ehr)) == {"missing": 1}


def test_a_retracted_reading_that_the_vendor_no_longer_lists_is_right(ehr):
    gone = at("gone", "29463-7", 55, "kg", effectiveDateTime="2026-11-20T20:00:00+01:00")
    ehr.put(gone | {"status": "entered-in-error"}).raise_for_status()
    assert difference(judged(ehr)) == {}


def test_a_doubled_device_is_found(ehr):
    ehr.put(device("scale-again", SCALE)).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


def test_a_program_is_no_device_of_a_vendor(ehr):
    ehr.put(software()).raise_for_status()
    assert judged(ehr)["devices"] == 2


def test_in_a_shared_ehr_only_devices_that_these_people_name_count(ehr):
    ehr.put(device("scale-of-another-run", SCALE)).raise_for_status()
    found = judged(ehr, shared=True)
    assert (difference(found), found["devices"]) == ({}, 2)


def test_in_a_shared_ehr_a_doubled_device_that_these_people_name_is_found(ehr):
    ehr.put(device("scale-again", SCALE)).raise_for_status()
    other = {"device": {"reference": "Device/scale-again"}}
    ehr.put(right_content()["fat"] | other).raise_for_status()
    assert difference(judged(ehr, shared=True)) == {"doubled": 1}


def test_an_ehr_that_cannot_be_read_is_an_error_and_not_a_finding(ehr):
    with pytest.raises(requests.HTTPError):
        compare(ehr_url=f"{ehr.url}/nowhere", people=[ANNA], rows={}, first=DAY, last=DAY)


def test_planned_faults_of_the_ehr_do_not_reach_the_reader(ehr):
    ehr.faults.add("status", count=1)
    assert judged(ehr)["differences"] == 0
    assert ehr.get("metadata").status_code == 503


def test_a_report_shows_counts_and_no_value(ehr):
    ehr.put(right_content()["weight"] | {"valueQuantity": quantity(99.9, "kg")})
    said = json.dumps(judged(ehr))
    assert not any(value in said for value in ("99.9", "72.3", "anna", "29463"))


def test_a_device_that_names_its_id_twice_is_still_one(ehr):
    named_twice = device("scale", SCALE)
    named_twice["identifier"].append({"system": "urn:other", "value": SCALE})
    ehr.put(named_twice).raise_for_status()
    assert difference(judged(ehr)) == {}
