"""Obligations of the R5 vital-sign profiles, shapes, times, ids: expectations from the standard."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fhir.resources.observation import Observation
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.observations import count_observations, local_text
from ohx_pipelines.fhir.wire import dump, load
from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.fhir.readings import TAKEN, cuff, measurement

PROFILES = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
# Profile, LOINC code and UCUM unit that FHIR R5 fixes, by metric and what a vendor sends.
VITAL_SIGNS = [
    ("body_weight", "71.350", "kg", "bodyweight", "29463-7", "71.350", "kg"),
    ("body_height", "1.78", "m", "bodyheight", "8302-2", "178", "cm"),
    ("heart_rate", "61", "/min", "heartrate", "8867-4", "61", "/min"),
]
BODY_COMPOSITION = [
    ("fat_ratio", "%", "41982-0"),
    ("fat_mass", "kg", "73708-0"),
    ("fat_free_mass", "kg", "91557-9"),
    ("muscle_mass", "kg", "73964-9"),
    ("bone_mass", "kg", "101685-6"),
    ("water_mass", "kg", "101683-1"),
    ("pulse_wave_velocity", "m/s", "77196-4"),
]


def on_the_wire(resource):
    return load(dump(resource))


def check_vital_sign(resource, profile, code):
    """What FHIR R5's vitalsigns profile and its children ask of each of them."""
    assert resource["meta"]["profile"] == [PROFILES + profile]
    assert resource["status"] == "final"
    codes = [
        c["code"] for one in resource["category"] for c in one["coding"] if c["system"] == CATEGORY
    ]
    assert codes == ["vital-signs"]
    loinc = [c for c in resource["code"]["coding"] if c["system"] == "http://loinc.org"]
    assert [c["code"] for c in loinc] == [code]
    assert resource["subject"] == {"reference": "Patient/p1"}
    assert {name for name in resource if name.startswith("effective")} == {"effectiveDateTime"}
    Observation.model_validate(on_the_wire(resource))


@pytest.mark.parametrize(
    ("metric", "sent", "unit", "profile", "code", "value", "ucum"), VITAL_SIGNS
)
def test_a_vital_sign_meets_its_profile(build, metric, sent, unit, profile, code, value, ucum):
    [resource] = build(measurement(metric, sent, unit))

    check_vital_sign(resource, profile, code)
    quantity = resource["valueQuantity"]
    assert (str(quantity["value"]), quantity["code"]) == (value, ucum)
    assert quantity["system"] == "http://unitsofmeasure.org"
    assert quantity["unit"]
    assert "dataAbsentReason" not in resource


def test_a_blood_pressure_is_a_panel_with_its_pulse_and_no_value_of_its_own(build):
    [resource] = build(*cuff())

    check_vital_sign(resource, "bp", "85354-9")
    assert not {name for name in resource if name.startswith("value")}
    parts = [
        (
            c["code"]["coding"][0]["code"],
            str(c["valueQuantity"]["value"]),
            c["valueQuantity"]["code"],
        )
        for c in resource["component"]
    ]
    assert parts == [
        ("8480-6", "128", "mm[Hg]"),
        ("8462-4", "81", "mm[Hg]"),
        ("8867-4", "64", "/min"),
    ]


def test_a_missing_diastolic_is_said_to_be_absent(build):
    [resource] = build(*cuff(diastolic=None, pulse=None))

    systolic, diastolic = resource["component"]
    assert systolic["valueQuantity"]["value"] == 128
    assert "valueQuantity" not in diastolic
    assert diastolic["code"]["coding"][0]["code"] == "8462-4"
    assert diastolic["dataAbsentReason"]["coding"] == [
        {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}
    ]


def test_a_pulse_without_a_blood_pressure_stands_alone(build):
    first, second = build(
        *cuff(pulse=None), measurement("heart_rate", "58", "/min", record="9", group="9")
    )

    assert {first["code"]["coding"][0]["code"], second["code"]["coding"][0]["code"]} == {
        "8867-4",
        "85354-9",
    }


@pytest.mark.parametrize(("metric", "unit", "code"), BODY_COMPOSITION)
def test_body_composition_is_an_examination_without_a_vital_sign_profile(build, metric, unit, code):
    [resource] = build(measurement(metric, "21.45", unit))

    assert "profile" not in resource["meta"]
    assert resource["category"][0]["coding"][0]["code"] == "exam"
    assert resource["code"]["coding"][0]["code"] == code
    assert resource["valueQuantity"]["code"] == unit
    Observation.model_validate(on_the_wire(resource))


def test_the_time_carries_the_users_offset_of_that_instant(build):
    [resource] = build(measurement("body_weight", "70", "kg", offset_minutes=-480))

    # 2026-11-20T06:31:02Z is 22:31:02 of the day before at UTC-8.
    assert resource["effectiveDateTime"] == "2026-11-19T22:31:02-08:00"


@given(
    instant=st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds)
        max_value=datetime(2040, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    offset=st.sampled_from([-720, -210, 0, 330, 345, 525, 840]),
)
def test_a_written_time_reads_as_the_same_instant_with_that_offset(instant, offset):
    read = datetime.fromisoformat(local_text(instant, offset))

    assert read == instant
    assert read.utcoffset() == timedelta(minutes=offset)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("72.30", "72.30"),
        ("7E+1", "70"),
        ("1E-7", "0.0000001"),
        ("-0.5", "-0.5"),
        ("143.00", "143.00"),
    ],
)
def test_a_number_keeps_the_vendors_digits_on_the_wire(build, sent, written):
    [resource] = build(measurement("body_weight", sent, "kg"))

    assert f'"value":{written},'.encode() in dump(resource)


def test_a_device_reading_names_the_device_and_no_performer(build):
    [resource] = build(measurement("body_weight", "70", "kg"))

    assert resource["device"]["reference"].startswith("Device/")
    assert "performer" not in resource
    assert [label["code"] for label in resource["meta"]["security"]] == ["DEVAST"]


def test_a_typed_in_reading_is_the_patients_word_and_names_no_device(build):
    [resource] = build(
        measurement("body_weight", "70", "kg", method=RecordingMethod.MANUAL, device=None)
    )

    assert resource["performer"] == [{"reference": "Patient/p1"}]
    assert "device" not in resource
    assert [label["code"] for label in resource["meta"]["security"]] == ["PATAST"]


def test_an_id_is_a_uuid_that_depends_on_everything_but_the_value(build):
    [base] = build(measurement("body_weight", "70", "kg"))
    [other_value] = build(measurement("body_weight", "99", "kg"))
    others = [
        build(measurement("body_weight", "70", "kg", record="6121"))[0],
        build(measurement("body_weight", "70", "kg", occurrence=1))[0],
        build(measurement("fat_mass", "70", "kg"))[0],
        build(measurement("body_weight", "70", "kg"), vendor="other")[0],
        build(measurement("body_weight", "70", "kg"), vendor_user="8")[0],
        build(measurement("body_weight", "70", "kg"), secret=b"x" * 32)[0],
    ]

    assert str(uuid.UUID(base["id"])) == base["id"] == other_value["id"]
    assert len({base["id"], *(one["id"] for one in others)}) == 7


def test_a_type_that_a_scale_repeats_in_one_group_gives_two_observations(build):
    first, second = build(
        measurement("fat_free_mass", "55.1", "kg"),
        measurement("fat_free_mass", "24.0", "kg", occurrence=1),
    )

    assert first["id"] != second["id"]
    assert first["identifier"][0]["value"] == "6120.fat_free_mass.0"
    assert second["identifier"][0]["value"] == "6120.fat_free_mass.1"


def test_a_household_shares_the_device_and_no_reading(build):
    [mine] = build(measurement("body_weight", "70", "kg"))
    [theirs] = build(measurement("body_weight", "70", "kg"), vendor_user="8", patient="p2")

    assert mine["device"] == theirs["device"]
    assert mine["id"] != theirs["id"]


def test_a_unit_that_the_mapping_cannot_convert_is_an_error_and_never_a_guess(build):
    with pytest.raises(ConfigurationError, match="'lb'"):
        build(measurement("body_weight", "150", "lb"))


def test_a_value_over_a_period_is_refused_and_never_cut_to_its_start(build):
    with pytest.raises(ConfigurationError, match="over a period"):
        build(measurement("body_weight", "70", "kg", end=TAKEN + timedelta(hours=1)))


def test_readings_are_counted_as_the_observations_they_would_have_become(mapping):
    group = [
        (Metric.SYSTOLIC_BLOOD_PRESSURE, "g", 0),
        (Metric.DIASTOLIC_BLOOD_PRESSURE, "g", 0),
        (Metric.HEART_RATE, "g", 0),
    ]

    assert count_observations(group, mapping) == 1
    assert count_observations([(Metric.HEART_RATE, "alone", 0)], mapping) == 1
    assert count_observations([*group, (Metric.BODY_WEIGHT, "g", 0), (None, "g", 0)], mapping) == 3
    assert count_observations([], mapping) == 0


def test_decimals_read_back_exactly():
    assert load(dump({"value": Decimal("72.30")})) == {"value": Decimal("72.30")}
    with pytest.raises(TypeError):
        dump({"value": Decimal("NaN")})
