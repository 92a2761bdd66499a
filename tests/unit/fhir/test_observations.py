"""Obligations of the R5 vital-sign profiles, shapes, times, ids: expectations from the standard."""

import hmac
import re
import struct
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fhir.resources.observation import Observation
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.building.effective import local_text
from ohx_pipelines.fhir.building.takings import count_observations
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.wire import dump, load
from ohx_pipelines.measurements import Metric, RecordingMethod
from sandbox.ehr.schema import structure_issues
from tests.unit.fhir.every_reading import every_context, every_frame, every_mapping
from tests.unit.fhir.readings import cuff, measurement, over
from tests.unit.fhir.tables import changed

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


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9
    ),
    st.integers(min_value=-12, max_value=6),
)
def test_any_number_reads_back_with_its_digits_and_is_never_in_powers(number, exponent):
    sent = number.scaleb(exponent)

    text = dump({"value": sent}).decode()

    assert re.fullmatch(r'\{"value":-?(0|[1-9][0-9]*)(\.[0-9]+)?\}', text)
    read = Decimal(load(text.encode())["value"])
    assert read == sent
    # As many places as came, and none that did not.
    assert read.as_tuple().exponent == min(sent.as_tuple().exponent, 0)


@pytest.mark.parametrize(
    ("metric", "sent", "unit", "written"),
    [
        # A power of ten moves the point and touches no digit.
        ("body_weight", "72300", "g", "72.300"),
        ("body_height", "1.780", "m", "178.0"),
        ("pr_interval", "0.162", "s", "162"),
        # 72.3 lb are 32.794728... kg; the vendor's step of 0.1 lb is 0.045 kg: none finer than 0.1.
        ("body_weight", "72.3", "[lb_av]", "32.8"),
        # 98.6 degF are 37 Cel; a step of 0.1 degF is 0.056 Cel.
        ("body_temperature", "98.6", "[degF]", "37.0"),
        ("sleep_duration", "25260", "s", "421.0"),
    ],
)
def test_a_converted_number_is_never_finer_than_it_came(build, metric, sent, unit, written):
    night = over("2026-11-20T00:10:00+01:00", "2026-11-20T07:20:00+01:00")
    times = night if metric == "sleep_duration" else {}

    [resource] = build(measurement(metric, sent, unit, **times))

    assert f'"valueQuantity":{{"value":{written},'.encode() in dump(resource)


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


def test_a_method_is_that_of_the_device_and_not_of_what_was_typed_in(build):
    measured, typed = (
        measurement("fat_mass", "20.1", "kg", record="1"),
        measurement(
            "fat_mass", "20.1", "kg", record="2", method=RecordingMethod.MANUAL, device=None
        ),
    )

    [by_scale, by_hand] = build(measured, typed)

    assert by_scale["method"]["text"] == "bioelectrical impedance"
    assert "method" not in by_hand


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


@pytest.mark.parametrize(
    ("readings", "name", "occurrence"),
    [
        ([measurement("body_weight", "70", "kg")], "body_weight", 0),
        ([measurement("fat_free_mass", "24", "kg", occurrence=1)], "fat_free_mass", 1),
        ([measurement("heart_rate", "61", "/min")], "heart_rate", 0),
        ([measurement("pulse_wave_velocity", "7.1", "m/s")], "pulse_wave_velocity", 0),
        (cuff(), "blood_pressure", 0),
        (cuff(systolic=None, occurrence=2), "blood_pressure", 2),
    ],
)
def test_an_id_never_changes_from_one_release_to_the_next(build, readings, name, occurrence):
    [resource] = build(*readings)

    # HMAC-SHA-256 over length and text of each part, its first 128 bits as a UUID.
    parts = ["Observation", "withings", "71234567", name, "6120", str(occurrence)]
    message = b"".join(struct.pack(">I", len(part)) + part.encode() for part in parts)
    digest = hmac.digest(b"s" * 32, message, "sha256")
    assert resource["id"] == str(uuid.UUID(digest.hex()[:32]))


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


def test_what_a_site_has_disabled_would_have_become_nothing(mapping):
    night = [(Metric.SLEEP_DURATION, "n", 0), (Metric.DEEP_SLEEP_DURATION, "n", 0)]
    stages = [(Metric.SLEEP_STAGE, "n", 0), (Metric.SLEEP_STAGE, "n", 1)]
    asked_for = changed(mapping, Metric.SLEEP_STAGE, enabled=True)

    assert count_observations([*night, *stages], mapping) == 1
    assert count_observations([*night, *stages], asked_for) == 3


def test_decimals_read_back_exactly():
    assert load(dump({"value": Decimal("72.30")})) == {"value": Decimal("72.30")}
    with pytest.raises(TypeError):
        dump({"value": Decimal("NaN")})


def test_every_metric_of_the_table_becomes_a_resource_that_structure_and_profiles_allow():
    frame, context = every_frame(), every_context()

    built = build_observations(frame, mapping=every_mapping(), context=context)

    assert set(frame["metric"]) == set(Metric)
    assert built.left_out == {}
    assert len({one.resource["id"] for one in built.desired}) == len(built.desired) > 100
    for one in built.desired:
        assert structure_issues(on_the_wire(one.resource), "Observation") == []
        assert problems(on_the_wire(one.resource)) == []


def test_what_is_referred_to_comes_before_what_refers_to_it():
    built = build_observations(every_frame(), mapping=every_mapping(), context=every_context())

    seen = set()
    referring = 0
    for one in built.desired:
        named = [*one.resource.get("derivedFrom", []), *one.resource.get("hasMember", [])]
        assert {each["reference"] for each in named} <= seen
        referring += bool(named)
        seen.add(f"Observation/{one.resource['id']}")
    assert referring > 30


def test_whoever_builds_the_same_readings_again_builds_the_same_resources():
    first, second = (
        build_observations(every_frame(), mapping=every_mapping(), context=every_context())
        for _ in range(2)
    )

    assert dump([one.resource for one in first.desired]) == dump(
        [one.resource for one in second.desired]
    )


def test_an_error_in_building_one_reading_leaves_out_that_reading_alone(build_all, mapping):
    # A table that lost its word for a code: nothing foresees it.
    table = changed(mapping, Metric.FAT_RATIO, coding=())

    built = build_all(
        measurement("fat_ratio", "21", "%"), measurement("body_weight", "70", "kg"), table=table
    )

    assert len(built.desired) == 1
    assert built.left_out == {date(2026, 11, 20): {"mapping_error": 1}}
    assert "21" not in repr(built.unpublished)


def test_a_context_without_a_zone_is_refused(context):
    with pytest.raises(ConfigurationError, match="offset"):
        replace(context, now=datetime(2026, 11, 24, 12))  # noqa: DTZ001 (the point of the case)
