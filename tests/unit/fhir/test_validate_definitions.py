"""The vendored definitions: complete for what we send, and none of their rules forgotten."""

import subprocess
import sys

import pytest

from ohx_pipelines.fhir.checks.definitions import (
    CANONICAL,
    is_resource_type,
    schema,
    structures,
    value_set,
)
from ohx_pipelines.fhir.checks.invariants import INVARIANTS
from ohx_pipelines.fhir.checks.places import root_place
from tests.unit.fhir.valid_examples import UCUM

WE_SEND = [
    "Bundle",
    "CodeSystem",
    "Consent",
    "Device",
    "DeviceAssociation",
    "DeviceDefinition",
    "Observation",
    "Patient",
    "Provenance",
]
VITAL_SIGNS = [
    "vitalsigns",
    "bodyheight",
    "bodytemp",
    "bodyweight",
    "bmi",
    "bp",
    "heartrate",
    "oxygensat",
    "resprate",
]
# Invariants of the definitions that are not checked, and why a resource of ours cannot break them.
NOT_CHECKED = {
    "we send no documents, messages, histories or search results": [
        *("bdl-9", "bdl-10", "bdl-11", "bdl-12", "bdl-13", "bdl-14", "bdl-15", "bdl-16"),
        *("bdl-17", "bdl-18", "bdl-3a", "bdl-3b", "bdl-3d"),
    ],
    "we send no contained resources": ["dom-3"],
    "we send no narrative": ["txt-1", "txt-2"],
    "we send no Count, Duration, Expression or Timing": [
        *("cnt-3", "drt-1", "exp-2", "tim-4", "tim-5", "tim-9"),
    ],
    "only who reads the referenced resources can tell": ["obs-9", "prov-1", "prov-2", "prov-3"],
}


def stated_invariants():
    elements = (element for one in structures().values() for element in one["elements"])
    return {key for element in elements for key in element.get("rules", {})}


def test_every_invariant_is_checked_or_named_with_a_reason():
    excused = {key for keys in NOT_CHECKED.values() for key in keys}

    assert stated_invariants() == INVARIANTS.keys() | excused
    assert not INVARIANTS.keys() & excused


@pytest.mark.parametrize("name", WE_SEND)
def test_each_type_that_we_send_is_defined(name):
    assert is_resource_type(name)
    assert name in schema()["definitions"]


@pytest.mark.parametrize("name", [*WE_SEND, *VITAL_SIGNS])
def test_a_structure_can_be_read_to_its_last_element(name):
    waiting, seen = [root_place(f"{CANONICAL}{name}")], set()
    while waiting:
        place = waiting.pop()
        # Concepts hold concepts, and extensions extensions: each element once.
        known_by = (id(place.home), place.node.element["id"], place.type)
        if place.shape is None or known_by in seen:
            continue
        seen.add(known_by)
        assert place.tests is not None
        inner = place.shape.places.values()
        waiting += inner
        waiting += [one.place for p in inner if p.slicing for one in p.slicing.slices]

    assert len(seen) > 5


def test_the_units_of_a_vital_sign_are_those_of_the_specification():
    common = ["%", "cm", "[in_i]", "kg", "g", "[lb_av]", "Cel", "[degF]", "mm[Hg]", "/min"]
    address = "http://hl7.org/fhir/ValueSet/ucum-vitals-common|5.0.0"

    assert value_set(address) == {UCUM: frozenset([*common, "kg/m2", "m2"])}


def test_nothing_is_loaded_before_it_is_asked_for():
    program = (
        "import ohx_pipelines.fhir.validate\n"
        "from ohx_pipelines.fhir.checks import definitions, schema\n"
        "loaded = [definitions.structures, definitions.schema, schema._validator]\n"
        "print(sum(one.cache_info().currsize for one in loaded))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "0"
