"""What the EHR stand-in asks of a resource that declares a vital-sign profile.

Belongs here: obligations of the R5 profiles, kept and broken. Not here: base R5
(`test_ehr_validation.py`).
"""

import pytest

from sandbox.ehr.outcomes import Refused
from sandbox.ehr.validation import validate
from tests.unit.sandbox.ehr_parts import (
    ABSENT,
    CATEGORY,
    PROFILE,
    concept,
    device,
    observation,
    pressure,
    quantity,
    side,
    weight,
)

UNKNOWN = concept("unknown", ABSENT)


def profiled(name, code, **more):
    return observation(code=code, meta={"profile": [PROFILE + name]}, **more)


def without(quantity_part):
    made = quantity(72.5, "kg")
    del made[quantity_part]
    return made


ACCEPTED = {
    "weight": weight(),
    "versioned profile": profiled("bodyweight|5.0.0", "29463-7"),
    "base profile": profiled("Observation", "29463-7"),
    "extra coding": weight(
        code={"coding": [*concept("29463-7")["coding"], {"system": "urn:iso:x", "code": "188736"}]}
    ),
    "extra category": weight(
        category=[concept("vital-signs", CATEGORY), concept("exam", CATEGORY)]
    ),
    "absent weight": weight(valueQuantity=None, dataAbsentReason=UNKNOWN),
    "blood pressure": pressure(),
    "pulse beside pressure": pressure(
        component=[side("8480-6"), side("8462-4"), side("8867-4", 64, "/min")]
    ),
    "flag beside pressure": pressure(
        component=[
            side("8480-6"),
            side("8462-4"),
            {"code": concept("irregular", "https://x.example"), "valueBoolean": True},
        ]
    ),
    "absent diastolic": pressure(
        component=[side("8480-6"), {"code": concept("8462-4"), "dataAbsentReason": UNKNOWN}]
    ),
    "retracted": weight(status="entered-in-error"),
    "date only": weight(effectiveDateTime="2026-11-20"),
    "component in a common unit": profiled(
        "vitalsigns", "29463-7", component=[side("73708-0", 15, "kg")]
    ),
}


@pytest.mark.parametrize("resource", ACCEPTED.values(), ids=ACCEPTED)
def test_what_the_profile_allows_is_accepted(resource):
    assert validate(resource, "Observation") is resource


REFUSED = {
    "unknown profile": (profiled("bodymass", "29463-7"), "Observation.meta.profile[0]"),
    "foreign profile": (
        observation(meta={"profile": ["https://x.example/bodyweight"]}),
        "Observation.meta.profile[0]",
    ),
    "profile of another type": (
        {**device(), "meta": {"profile": [f"{PROFILE}bodyweight"]}},
        "Device.meta.profile[0]",
    ),
    "no category": (weight(category=None), "Observation.category"),
    "wrong category": (weight(category=[concept("exam", CATEGORY)]), "Observation.category"),
    "wrong code": (weight(code=concept("3141-9")), "Observation.code"),
    "stone": (weight(valueQuantity=quantity(11, "[stone_av]")), "Observation.valueQuantity.code"),
    "no unit": (weight(valueQuantity=without("unit")), "Observation.valueQuantity.unit"),
    "vs-2": (weight(valueQuantity=None), "Observation.value"),
    "vs-1": (weight(effectiveDateTime="2026"), "Observation.effectiveDateTime"),
    "instant": (
        weight(effectiveDateTime=None, effectiveInstant="2026-11-20T07:31:02Z"),
        "Observation.effectiveDateTime",
    ),
    "no effective": (weight(effectiveDateTime=None), "Observation.effectiveDateTime"),
    "one side": (pressure(component=[side("8480-6")]), "Observation.component"),
    "two systolics": (
        pressure(component=[side("8480-6"), side("8480-6"), side("8462-4")]),
        "Observation.component",
    ),
    "kPa": (
        pressure(component=[side("8480-6"), side("8462-4", 10, "kPa")]),
        "Observation.component[1].valueQuantity.code",
    ),
    "pressure with a value": (
        pressure(valueQuantity=quantity(128, "mm[Hg]")),
        "Observation.valueQuantity",
    ),
    "diastolic without value": (
        pressure(component=[side("8480-6"), {"code": concept("8462-4")}]),
        "Observation.component[1]",
    ),
    "beats under heartrate": (
        profiled("heartrate", "8867-4", valueQuantity=quantity(64, "{beats}/min")),
        "Observation.valueQuantity.code",
    ),
    "coulomb": (
        profiled("bodytemp", "8310-5", valueQuantity=quantity(36.6, "C")),
        "Observation.valueQuantity.code",
    ),
    "resting rate alone": (
        profiled("heartrate", "40443-4", valueQuantity=quantity(60, "/min")),
        "Observation.code",
    ),
    "bmi without value": (
        profiled("bmi", "39156-5", valueQuantity=None, dataAbsentReason=UNKNOWN),
        "Observation.valueQuantity",
    ),
    "base profile of another type": (
        device() | {"meta": {"profile": [f"{PROFILE}Observation"]}},
        "Device.meta.profile[0]",
    ),
    "foreign unit system": (
        weight(valueQuantity=quantity(72.5, "kg") | {"system": "urn:units"}),
        "Observation.valueQuantity.system",
    ),
    "component in an uncommon unit": (
        profiled("vitalsigns", "29463-7", component=[side("8280-0", 1, "m")]),
        "Observation.component[0].valueQuantity.code",
    ),
}


@pytest.mark.parametrize(("resource", "place"), REFUSED.values(), ids=REFUSED)
def test_what_the_profile_forbids_is_refused_at_its_element(resource, place):
    with pytest.raises(Refused) as refused:
        validate(resource, resource["resourceType"])
    assert refused.value.status == 422
    assert place in [issue.expression for issue in refused.value.issues]
    assert "72.5" not in str(refused.value.outcome())


@pytest.mark.parametrize("resource", [case[0] for case in REFUSED.values()], ids=REFUSED)
def test_without_the_profile_the_same_resource_is_accepted(resource):
    plain = {name: part for name, part in resource.items() if name != "meta"}
    assert validate(plain, plain["resourceType"]) is plain
