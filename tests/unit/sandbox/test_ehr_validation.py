"""What the EHR stand-in accepts and refuses: base R5 and its invariants.

Belongs here: single resources, judged without HTTP. Not here: profiles
(`test_ehr_profiles.py`), references and requests.
"""

import json

import pytest

from sandbox.ehr.outcomes import Refused
from sandbox.ehr.units import is_ucum
from sandbox.ehr.validation import validate
from sandbox.ehr.wire import loads
from tests.unit.sandbox.ehr_parts import (
    ABSENT,
    CATEGORY,
    LOINC,
    PROFILE,
    concept,
    device,
    observation,
    pressure,
    quantity,
    side,
)

UNKNOWN = concept("unknown", ABSENT)
DAY = {"start": "2026-11-20T00:00:00+01:00", "end": "2026-11-21T00:00:00+01:00"}


def series(**more):
    sampled = {
        "origin": quantity(0, "/min"),
        "interval": 60,
        "intervalUnit": "s",
        "dimensions": 1,
        "data": "61 62 E 64.5",
    } | more
    sampled = {name: part for name, part in sampled.items() if part is not None}
    return observation(
        code="8867-4",
        meta={"profile": [f"{PROFILE}heartrate"]},
        effectiveDateTime=None,
        effectivePeriod=DAY,
        valueQuantity=None,
        valueSampledData=sampled,
    )


def without(quantity_part):
    made = quantity(72.5, "kg")
    del made[quantity_part]
    return made


ACCEPTED = {
    "series": series(),
    "irregular series": series(interval=None, offsets="0 5 20 65"),
    "no profile, beats": observation(code="8867-4", valueQuantity=quantity(64, "{beats}/min")),
    "no effective without profile": observation(effectiveDateTime=None),
    "value range": observation(
        code="94122-9",
        category=[concept("exam", CATEGORY)],
        valueQuantity=None,
        valueRange={"low": quantity(44, "mL/min/kg"), "high": quantity(48, "mL/min/kg")},
    ),
    "device": device(),
}


@pytest.mark.parametrize("resource", ACCEPTED.values(), ids=ACCEPTED)
def test_what_r5_allows_is_accepted(resource):
    assert validate(resource, resource["resourceType"]) is resource


REFUSED = {
    "wrong status": (observation(status="finl"), "Observation.status"),
    "no status": (observation(status=None), "Observation.status"),
    "no code": (observation(code=None), "Observation.code"),
    "unknown element": (observation(foo=1), "Observation.foo"),
    "R4 element": ({**device(), "deviceName": []}, "Device.deviceName"),
    "two values": (observation(valueString="much"), "Observation"),
    "two times": (observation(effectivePeriod=DAY), "Observation"),
    "time without offset": (
        observation(effectiveDateTime="2026-11-20T07:31:02"),
        "Observation.effectiveDateTime",
    ),
    "no such day": (
        observation(effectiveDateTime="2026-02-30T07:31:02+01:00"),
        "Observation.effectiveDateTime",
    ),
    "period without offset": (
        series() | {"effectivePeriod": DAY | {"end": "2026-11-21T00:00:00"}},
        "Observation.effectivePeriod.end",
    ),
    "underscore in id": (observation("a_b"), "Observation.id"),
    "long id": (observation("a" * 65), "Observation.id"),
    "number as text": (
        observation(valueQuantity=quantity("72.5", "kg")),
        "Observation.valueQuantity.value",
    ),
    "qty-3": (observation(valueQuantity=without("system")), "Observation.valueQuantity"),
    "qty-3 in a component": (
        pressure(
            component=[
                side("8480-6"),
                {"code": concept("8462-4"), "valueQuantity": {"value": 1, "code": "mm[Hg]"}},
            ]
        ),
        "Observation.component[1].valueQuantity",
    ),
    "obs-6": (observation(dataAbsentReason=UNKNOWN), "Observation"),
    "obs-6 in a component": (
        pressure(component=[side("8480-6") | {"dataAbsentReason": UNKNOWN}, side("8462-4")]),
        "Observation.component[0]",
    ),
    "obs-7": (observation(component=[side("29463-7", 1, "kg")]), "Observation.component[0]"),
    "empty object": (observation(referenceRange=[{}]), "Observation.referenceRange[0]"),
    "empty array": (observation(note=[]), "Observation.note"),
    "empty text": (observation(code={"text": " "}), "Observation.code.text"),
    "null": (observation(valueQuantity={**quantity(1, "kg"), "unit": None}), None),
    "no subject": (observation(subject=None), "Observation.subject"),
    "unknown category code": (
        observation(category=[concept("vitals", CATEGORY)]),
        "Observation.category[0].coding[0].code",
    ),
    "no UCUM": (
        observation(valueQuantity=quantity(72, "kilos")),
        "Observation.valueQuantity.code",
    ),
    "per-1": (
        series() | {"effectivePeriod": {"start": DAY["end"], "end": DAY["start"]}},
        "Observation.effectivePeriod",
    ),
    "sdd-1 both": (series(offsets="0 5"), "Observation.valueSampledData"),
    "sdd-1 neither": (series(interval=None), "Observation.valueSampledData"),
    "no interval unit": (series(intervalUnit=None), "Observation.valueSampledData.intervalUnit"),
    "msec": (series(intervalUnit="msec"), "Observation.valueSampledData.intervalUnit"),
    "bad sample": (series(data="61 X 62"), "Observation.valueSampledData.data"),
    "comparator": (
        observation(valueQuantity=quantity(1, "kg") | {"comparator": "=="}),
        "Observation.valueQuantity.comparator",
    ),
    "device status": ({**device(), "status": "on"}, "Device.status"),
    "gender": ({"resourceType": "Patient", "gender": "m"}, "Patient.gender"),
    "association status": (
        {
            "resourceType": "DeviceAssociation",
            "device": {"reference": "Device/d1"},
            "status": concept("linked", "http://hl7.org/fhir/deviceassociation-status"),
        },
        "DeviceAssociation.status",
    ),
}


@pytest.mark.parametrize(("resource", "place"), REFUSED.values(), ids=REFUSED)
def test_what_r5_forbids_is_refused_at_its_element(resource, place):
    with pytest.raises(Refused) as refused:
        validate(loads(json.dumps(resource).encode()), resource["resourceType"])
    assert refused.value.status == 422
    assert place is None or place in [issue.expression for issue in refused.value.issues]


@pytest.mark.parametrize("resource", [case[0] for case in REFUSED.values()], ids=REFUSED)
def test_a_refusal_names_no_value(resource):
    with pytest.raises(Refused) as refused:
        validate(resource, resource["resourceType"])
    said = json.dumps(refused.value.outcome())
    assert not any(value in said for value in ("72.5", "finl", "much", "kilos", "2026-", LOINC))


def test_a_name_that_is_no_element_name_is_not_repeated():
    with pytest.raises(Refused) as refused:
        validate(observation(**{"72.5 kg": 1}), "Observation")
    assert "72.5" not in json.dumps(refused.value.outcome())


def test_another_type_than_the_address_says_is_refused_as_a_bad_request():
    with pytest.raises(Refused) as refused:
        validate(device(), "Observation")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "unit",
    ["kg", "/min", "{beats}/min", "mm[Hg]", "kg/m2", "%", "Cel", "C", "mL/min/kg", "{score}",
     "10*3/uL", "[lb_av]", "uS", "1", "kcal/d", "a", "mL/(24.h)", "((m.s))/kg"],
)  # fmt: skip
def test_a_ucum_code_is_known(unit):
    assert is_ucum(unit)


@pytest.mark.parametrize(
    "unit",
    ["bpm", "mmHg", "steps", "lb", "kcals", "[kcal_IT]", "msec", "foo/bar", "", "/", "kg/", "kg//m",
     "{score}{x}", "{", "kilos", "°C", "mL/()", "m(s)", "(m", "mL/(foo.h)"],
)  # fmt: skip
def test_what_is_no_ucum_code_is_refused(unit):
    assert not is_ucum(unit)
