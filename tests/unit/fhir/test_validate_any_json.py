"""Checks before sending, given anything at all: an answer, never an exception."""

import copy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.fhir.checks.definitions import schema
from ohx_pipelines.fhir.validate import Problem, problems
from tests.unit.fhir.valid_governance import examples

NAMES = sorted(
    {name for part in schema()["definitions"].values() for name in part.get("properties", {})}
)
TYPES = ["Observation", "Device", "DeviceAssociation", "Provenance", "Consent", "Bundle", "Patient"]
PROFILES = [f"http://hl7.org/fhir/StructureDefinition/{name}" for name in ("bp", "bmi", "Device")]
TEXTS = ["2026-11-20", "2026-11-20T07:31:02", "kg", "http://unitsofmeasure.org", "#", "1 E U", ""]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.sampled_from([*TEXTS, *TYPES, *PROFILES])
)
names = st.sampled_from(NAMES) | st.text(max_size=12)
anything = st.recursive(
    scalars,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(names, part, max_size=5),
    max_leaves=25,
)


@st.composite
def resources(draw):
    resource = draw(st.dictionaries(names, anything, max_size=8))
    if draw(st.booleans()):
        resource["meta"] = {"profile": draw(st.lists(st.sampled_from(PROFILES), max_size=2))}
    return {**resource, "resourceType": draw(st.sampled_from(TYPES))}


@st.composite
def damaged(draw):
    """A valid resource in which one part has become anything."""
    resource = copy.deepcopy(draw(st.sampled_from(list(examples().values()))))
    home = resource
    while True:
        key = draw(st.sampled_from(sorted(home) if isinstance(home, dict) else range(len(home))))
        inner = home[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            home[key] = draw(anything)
            return resource
        home = inner


@given(anything | resources())
def test_anything_gets_an_answer(value):
    assert all(isinstance(one, Problem) for one in problems(value))


@given(damaged())
def test_a_damaged_resource_gets_an_answer(resource):
    assert all(one.expression.isprintable() for one in problems(resource))


def test_endless_nesting_gets_an_answer():
    resource = inner = {"resourceType": "Observation"}
    for _ in range(100_000):
        inner["extension"] = [{}]
        inner = inner["extension"][0]

    assert problems(resource) == [Problem("not-json", "Observation")]


@pytest.mark.parametrize("value", [{1, 2}, b"kg", "\ud800", {1: "one"}, object()])
def test_what_json_cannot_say_is_refused(value):
    resource = examples()["weight"]
    resource["valueQuantity"]["unit"] = value

    assert Problem("not-json", "Observation") in problems(resource)


@pytest.mark.parametrize("number", [Decimal("sNaN"), Decimal("1e999999"), 10**400])
def test_a_number_beyond_all_bounds_is_refused(number):
    resource = examples()["oxygen uptake, a range"]
    resource["valueRange"]["low"]["value"] = number

    assert problems(resource) != []
