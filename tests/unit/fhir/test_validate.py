"""Checks before sending: what FHIR R5 and its vital-sign profiles accept and refuse, and how it is said.

The tables are read from the specification; `tests/conformance` asks HL7's own validator too.
"""

import copy
from decimal import Decimal

import pytest

from ohx_pipelines.fhir.validate import Problem, problems
from tests.unit.fhir.refused_base import REFUSED as REFUSED_BASE
from tests.unit.fhir.refused_series import REFUSED as REFUSED_SERIES
from tests.unit.fhir.refused_vital_signs import REFUSED as REFUSED_VITAL_SIGNS
from tests.unit.fhir.spoiled import changed, changed_value, plain
from tests.unit.fhir.valid_examples import (
    PROFILES,
    ecg,
    quantity,
    weight,
)
from tests.unit.fhir.valid_governance import examples, governance

REFUSED = [*REFUSED_BASE, *REFUSED_SERIES, *REFUSED_VITAL_SIGNS]


def place_of(resource, below):
    return f"{resource['resourceType']}.{below}" if below else resource["resourceType"]


@pytest.mark.parametrize("name", examples())
def test_a_valid_resource_has_no_problem(name):
    assert problems(examples()[name]) == []


@pytest.mark.parametrize(
    ("resource", "rule", "below"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_wrong_resource_is_refused_by_its_rule_at_its_place(resource, rule, below):
    found = problems(copy.deepcopy(resource))

    assert (rule, place_of(resource, below)) in {(one.rule, one.expression) for one in found}


@pytest.mark.parametrize(
    ("resource", "rule"),
    [row[1:3] for row in REFUSED_VITAL_SIGNS],
    ids=[row[0] for row in REFUSED_VITAL_SIGNS],
)
def test_what_a_profile_asks_is_not_asked_without_it(resource, rule):
    without = {**resource, "meta": {}}

    assert [one for one in problems(without) if one.rule == rule] == []


@pytest.mark.parametrize(
    ("resource", "rule"),
    [row[1:3] for row in REFUSED_VITAL_SIGNS],
    ids=[row[0] for row in REFUSED_VITAL_SIGNS],
)
def test_a_problem_names_the_profile_that_raises_it(resource, rule):
    [profile] = resource["meta"]["profile"]

    assert {one.profile for one in problems(resource) if one.rule == rule} == {profile}


def test_what_the_base_type_refuses_is_no_matter_of_the_profile():
    found = problems(changed(weight(), status="finl"))

    assert found == [Problem("binding", "Observation.status", None)]


def test_every_declared_profile_is_obeyed():
    both = weight()
    both["meta"]["profile"] = [f"{PROFILES}bodyweight", f"{PROFILES}heartrate|5.0.0"]

    assert {one.profile for one in problems(both)} == {f"{PROFILES}heartrate"}


def test_a_problem_says_no_word_of_what_the_resource_holds():
    held = "Muster-7141"
    resource = plain(**{held: held, "status": held, "method": {"text": [held], held: 1}})
    resource = changed_value(resource, value=held, code=held)
    resource["meta"] = {"profile": [held]}

    found = problems(resource)

    assert len(found) >= 7
    assert held not in str(found)


@pytest.mark.parametrize("number", [72, Decimal("72.30"), Decimal("0.00001"), Decimal("1e3"), 72.5])
def test_a_number_may_be_whole_decimal_or_float(number):
    assert problems(changed_value(weight(), value=number)) == []


@pytest.mark.parametrize(
    "number", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf")]
)
def test_a_number_without_end_is_none(number):
    assert problems(changed_value(weight(), value=number)) != []


@pytest.mark.parametrize("dimensions", [Decimal("1.0"), 1.0, 0, -1, 2**31, True])
def test_a_count_is_a_whole_number_above_zero(dimensions):
    resource = changed_value(ecg(), "valueSampledData", dimensions=dimensions)

    assert "Observation.valueSampledData.dimensions" in {
        one.expression for one in problems(resource)
    }


def test_checking_leaves_the_resource_as_it_was():
    resource = weight()
    problems(resource)

    assert resource == weight()
    assert str(resource["valueQuantity"]["value"]) == "72.30"


@pytest.mark.parametrize("found", [{"low": "5.5", "high": "5"}, {"low": "44", "high": "44"}])
def test_a_range_is_compared_no_finer_than_its_digits(found):
    low, high = (quantity(found[name], "%") for name in ("low", "high"))

    assert problems(plain(valueQuantity=None, valueRange={"low": low, "high": high})) == []


def test_a_period_within_one_day_may_be_given_to_the_day():
    period = {"start": "2026-11-20T07:00:00+01:00", "end": "2026-11-20"}

    assert problems(plain(effectiveDateTime=None, effectivePeriod=period)) == []


def test_samples_may_be_codes_where_a_code_map_says_what_they_mean():
    sampled = ecg()["valueSampledData"] | {"data": "deep rem", "codeMap": "https://x.org/map"}

    assert problems(changed(ecg(), valueSampledData=sampled)) == []


def test_points_of_two_dimensions_have_two_samples_each():
    sampled = ecg()["valueSampledData"] | {"data": "1 2 3 4", "dimensions": 2}

    assert problems(changed(ecg(), valueSampledData=sampled)) == []


@pytest.mark.parametrize(
    "unit", ["{steps}/d", "kcal/(24.h)", "mL/min/kg", "10*3/uL", "uS", "[in_i'H2O]", "1", "Ym"]
)
def test_any_unit_of_ucum_will_do_without_a_profile(unit):
    assert problems(changed_value(plain(), code=unit)) == []


@pytest.mark.parametrize(
    "unit",
    [
        "bpm",
        "mmHg",
        "kcals",
        "steps",
        "[kcal_IT]",
        "kh",
        "KG",
        "s/",
        "mL/(24.h",
        "kcal/(24.bpm)",
        "m{a}2",
    ],
)
def test_what_ucum_does_not_know_is_no_unit(unit):
    found = problems(changed_value(plain(), code=unit))

    assert found == [Problem("unknown-code", "Observation.valueQuantity")]


def test_an_extension_in_place_of_a_required_value_satisfies_it():
    reason = {"url": f"{PROFILES}data-absent-reason", "valueCode": "unknown"}
    resource = changed(plain(), status=None, _status={"extension": [reason]})

    assert problems(resource) == []


def test_the_resources_of_a_bundle_are_checked_where_they_are():
    wrong = changed(governance()["Device"], status="on")
    entries = [
        {
            "fullUrl": f"https://x.org/{n}",
            "resource": one,
            "request": {"method": "PUT", "url": f"X/{n}"},
        }
        for n, one in enumerate([weight(), wrong, {"resourceType": "Basic"}])
    ]

    found = problems({"resourceType": "Bundle", "type": "transaction", "entry": entries})

    assert found == [
        Problem("binding", "Bundle.entry[1].resource.status"),
        Problem("unknown-type", "Bundle.entry[2].resource"),
    ]


@pytest.mark.parametrize(
    "what", [{}, {"resourceType": "Weight"}, {"resourceType": ["Device"]}, [], None, "Device"]
)
def test_what_is_no_resource_of_ours_cannot_be_checked(what):
    assert problems(what) == [Problem("unknown-type", "")]
