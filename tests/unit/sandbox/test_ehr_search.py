"""Searching the EHR stand-in: parameters, dates, pages.

Belongs here: what is found. Not here: what may be stored.
"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.ehr.dates import PREFIXES, read_span
from tests.unit.sandbox.ehr_parts import (
    CATEGORY,
    LOINC,
    concept,
    device,
    entry,
    observation,
    pressure,
    running_ehr,
    weight,
)

VENDOR = "https://vendor.example/measure"


@pytest.fixture(scope="module")
def ehr():
    """One server for all: these tests only read, but for their own Devices."""
    day = {"start": "2026-11-21T00:00:00+01:00", "end": "2026-11-22T00:00:00+01:00"}
    resources = [
        device(),
        device("d2", "hash,2"),
        # Half past midnight in Auckland: the day before in UTC.
        weight("early", effectiveDateTime="2026-11-20T00:30:00+13:00", patient="bert"),
        weight(
            "noon",
            effectiveDateTime="2026-11-20T12:00:00+01:00",
            device={"reference": "Device/d1"},
            identifier=[{"system": VENDOR, "value": "61.1"}],
            meta={"source": "https://vendor.example"},
        ),
        pressure("evening", effectiveDateTime="2026-11-20T23:30:00-05:00"),
        observation(
            "steps", "41950-7", effectiveDateTime=None, effectivePeriod=day, valueQuantity=None,
            valueInteger=4000, category=[concept("activity", CATEGORY)], status="preliminary",
        ),
    ]  # fmt: skip
    with running_ehr() as running:
        running.bundle("transaction", *(entry(one) for one in resources)).raise_for_status()
        yield running


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"_id": "noon,steps"}, "noon steps"),
        ({"patient": "bert"}, "early"),
        ({"patient": "Patient/bert"}, "early"),
        ({"subject": "Patient/bert"}, "early"),
        ({"subject": "bert"}, "early"),
        ({"subject:Patient": "bert"}, "early"),
        ({"patient": "Device/bert"}, ""),
        ({"device": "Device/d1"}, "noon"),
        ({"identifier": f"{VENDOR}|61.1"}, "noon"),
        ({"identifier": "61.1"}, "noon"),
        ({"identifier": f"{VENDOR}|"}, "noon"),
        ({"identifier": "|61.1"}, ""),
        ({"code": f"{LOINC}|29463-7"}, "early noon"),
        ({"code": f"{LOINC}|29463-7,{LOINC}|85354-9"}, "early noon evening"),
        ({"code": "urn:x|29463-7"}, ""),
        ({"code": "8480-6"}, ""),
        ({"combo-code": "8480-6"}, "evening"),
        ({"category": "vital-signs"}, "early noon evening"),
        ({"category": f"{CATEGORY}|activity"}, "steps"),
        ({"status": "preliminary"}, "steps"),
        ({"_source": "https://vendor.example"}, "noon"),
        ({"_source": "https://vendor.exam"}, ""),
        ({"_lastUpdated": "gt2020"}, "early noon evening steps"),
        ({"_lastUpdated": "lt2020-06"}, ""),
        # Instants, not calendar texts.
        ({"date": "2026-11-19"}, "early"),
        ({"date": "2026-11-20"}, "noon"),
        ({"date": "2026-11-20T11:00:00Z"}, "noon"),
        ({"date": "2026-11-20T12:00:00+01:00"}, "noon"),
        ({"date": "2026-11-20T12:00+01:00"}, "noon"),
        ({"date": "2026-11"}, "early noon evening steps"),
        ({"date": "gt2026-11-20"}, "evening steps"),
        ({"date": "ge2026-11-20"}, "noon evening steps"),
        ({"date": "le2026-11-20"}, "early noon"),
        ({"date": "lt2026-11-20"}, "early"),
        ({"date": ["ge2026-11-20T00:00:00+13:00", "lt2026-11-21T00:00:00+13:00"]}, "early"),
        ({"date": ["ge2026-11-19", "lt2026-11-20"]}, "early"),
        ({"date": "sa2026-11-20"}, "evening"),
        ({"date": "eb2026-11-20"}, "early"),
        ({"date": "ge2026-11-20T11:00:01Z"}, "evening steps"),
        ({"patient": "anna", "code": "29463-7"}, "noon"),
    ],
)  # fmt: skip
def test_a_search_finds_these_and_no_others(ehr, query, ids):
    assert sorted(ehr.found("Observation", **query)) == sorted(ids.split())


def test_a_posted_search_finds_the_same(ehr):
    answer = ehr.call(
        "POST",
        "Observation/_search",
        data={"patient": "bert", "date": "2026-11-19"},
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert [one["resource"]["id"] for one in answer.json()["entry"]] == ["early"]


def test_a_plus_sign_that_was_not_escaped_is_still_an_offset(ehr):
    assert ehr.found("Observation?date=2026-11-20T12:00:00+01:00") == ["noon"]


def test_devices_and_patients_are_searched_too(ehr):
    assert ehr.found("Device", identifier="https://vendor.example/device|hash-1") == ["d1"]
    assert ehr.found("Device", identifier="hash\\,2") == ["d2"]
    assert ehr.found("Device", identifier="hash,2") == []
    assert ehr.found("Patient", _id="bert", active="true") == ["bert"]


@pytest.mark.parametrize(
    "query",
    [
        {"patinet": "anna"},
        {"date": "yesterday"},
        {"date": "xx2026"},
        {"date": "2026-13"},
        {"code:in": "x"},
        {"patient.name": "x"},
        {"patient": ""},
        {"_count": "many"},
        {"_sort": "code"},
        {"_summary": "true"},
        {"_include": "Observation:performer"},
        {"_include": "Device:patient"},
        {"_include": "Provenance:target"},
        {"_revinclude": "Provenance:signature"},
        {"_revinclude": "Medication:subject"},
    ],
)
def test_what_a_search_does_not_know_is_an_error_and_not_ignored(ehr, query):
    answer = ehr.get("Observation", **query)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_device_has_no_patient_to_search_by(ehr):
    assert ehr.get("Device", patient="anna").status_code == 400


def test_results_come_sorted(ehr):
    assert ehr.found("Observation", _sort="date") == ["early", "noon", "steps", "evening"]
    assert ehr.found("Observation", _sort="-date") == ["evening", "steps", "noon", "early"]
    assert ehr.found("Observation", _sort="_id", _count=1) == ["early", "evening", "noon", "steps"]


def test_elements_cut_the_resource_and_say_so(ehr):
    cut = ehr.get("Observation", _id="noon", _elements="identifier").json()["entry"][0]["resource"]
    assert cut.keys() == {"resourceType", "id", "meta", "identifier"}
    assert [one["code"] for one in cut["meta"]["tag"]] == ["SUBSETTED"]
    assert "tag" not in ehr.get("Observation/noon").json()["meta"]


def test_counts_are_told_when_asked_for(ehr):
    counted = ehr.get("Observation", _summary="count").json()
    assert counted == {"resourceType": "Bundle", "type": "searchset", "total": 4}
    assert ehr.get("Observation").json()["total"] == 4
    assert "total" not in ehr.get("Observation", _count=2).json()
    assert ehr.get("Observation", _count=2, _total="accurate").json()["total"] == 4


def test_pages_are_small_capped_and_steady_while_others_write():
    with running_ehr() as ehr:
        many = [entry(weight(f"w{number:03}")) for number in range(510)]
        ehr.bundle("batch", *many).raise_for_status()
        first = ehr.get("Observation", patient="anna").json()
        assert len(first["entry"]) == 20
        assert len(ehr.get("Observation", _count=5000).json()["entry"]) == 500
        ehr.call("DELETE", "Observation/w000")
        ehr.put(weight("later"))
        second = ehr.get(first["link"][1]["url"]).json()
        assert second["entry"][0]["resource"]["id"] == "w020"
        assert len(ehr.found("Observation")) == 510


def test_a_forgotten_page_is_gone(ehr):
    assert ehr.get("", _getpages="0" * 32, _getpagesoffset="20").status_code == 410


MOMENTS = st.datetimes(
    min_value=datetime(1950, 1, 1),  # noqa: DTZ001 (the zone is drawn apart)
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001 (the same)
    timezones=st.integers(-12 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n))),
)


@given(MOMENTS, MOMENTS)
def test_exactly_one_of_before_at_and_after_holds(one, other):
    sought, found = (
        read_span(moment.replace(microsecond=0).isoformat()) for moment in (one, other)
    )
    at = PREFIXES["eq"](sought, found)
    before, after = PREFIXES["lt"](sought, found), PREFIXES["gt"](sought, found)
    assert [at, before, after].count(True) == 1
    assert PREFIXES["ge"](sought, found) == (at or after)
    assert PREFIXES["le"](sought, found) == (at or before)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-02", 29 * 86_400),
        ("2023", 365 * 86_400),
        ("2026-12", 31 * 86_400),
        ("2026-11-20", 86_400),
        ("2026-11-20T01:02Z", 60),
        ("2026-11-20T01:02:03Z", 1),
        ("2026-11-20T01:02:03.25Z", 0.01),
        ("2026-12-31T23:59:60Z", 1),
    ],
)
def test_a_date_spans_as_much_time_as_it_leaves_open(text, seconds):
    span = read_span(text)
    assert (span.end - span.start).total_seconds() == seconds
    assert span.start.tzinfo is UTC
