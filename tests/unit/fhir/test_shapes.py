"""Every shape of a reading: what stands in the resource, written by hand from the standard."""

from decimal import Decimal

import pytest

from ohx_pipelines.fhir.reconcile import Action, decide
from ohx_pipelines.measurements import Coded, Mark, Metric, Range, Series
from tests.unit.fhir.readings import TAKEN, cuff, measurement, over, reading
from tests.unit.fhir.tables import changed, changed_panel

NIGHT = over("2026-11-19T23:04:00+01:00", "2026-11-20T07:10:00+01:00") | {"day": TAKEN.date()}
STRIP = over("2026-11-20T07:31:02+01:00", "2026-11-20T07:31:32+01:00")
WALK = over("2026-11-20T12:00:00+01:00", "2026-11-20T12:41:00+01:00")
DAY = over("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
UCUM = "http://unitsofmeasure.org"
LOCAL = "https://open-health-exchange.org/fhir/CodeSystem/home-readings"
MINUTES = {"unit": "min", "system": UCUM, "code": "min"}


def loinc(resource):
    return [
        one["code"] for one in resource["code"]["coding"] if one["system"].endswith("loinc.org")
    ]


def components(resource):
    """Give each component's first code with what stands under it, code left out."""
    return {
        one["code"]["coding"][0]["code"]: {k: v for k, v in one.items() if k != "code"}
        for one in resource["component"]
    }


def night(**changes):
    return [
        reading(metric, Decimal(value), "min", **NIGHT | changes)
        for metric, value in {
            "sleep_duration": 421,
            "deep_sleep_duration": 84,
            "light_sleep_duration": 230,
            "rem_sleep_duration": 107,
        }.items()
    ]


def stages(*words):
    times = [f"2026-11-20T0{hour}:00:00+01:00" for hour in range(len(words) + 1)]
    return [
        reading("sleep_stage", Coded(word), occurrence=n, **over(times[n], times[n + 1]))
        for n, word in enumerate(words)
    ]


def ecg():
    signal = tuple(Decimal(n % 700 - 200) for n in range(9000))
    strip = Series(samples=signal, interval_ms=Decimal("3.3333"))
    return [
        reading("atrial_fibrillation_classification", Coded("normal_sinus_rhythm")),
        reading("ecg_waveform", strip, "uV", **STRIP),
        measurement("ecg_heart_rate", "62", "/min"),
        measurement("qt_interval", "0.398", "s"),
    ]


def test_a_range_has_both_ends_in_the_rows_unit(build):
    [resource] = build(reading("vo2_max", Range(Decimal(44), Decimal(48)), "mL/min/kg", **DAY))

    unit = {"unit": "mL/min/kg", "system": UCUM, "code": "mL/min/kg"}
    assert resource["valueRange"] == {
        "low": {"value": Decimal(44)} | unit,
        "high": {"value": Decimal(48)} | unit,
    }
    assert loinc(resource) == ["94122-9"]
    assert resource["method"]["text"]
    assert not {"valueQuantity", "dataAbsentReason"} & set(resource)


def test_a_night_is_one_observation_with_its_stages_as_components(build):
    [resource] = build(*night())

    assert loinc(resource) == ["93832-4"]
    assert resource["category"][0]["coding"][0]["code"] == "activity"
    assert resource["effectivePeriod"] == {
        "start": "2026-11-19T23:04:00+01:00",
        "end": "2026-11-20T07:10:00+01:00",
    }
    assert resource["valueQuantity"] == {"value": Decimal(421)} | MINUTES
    assert components(resource) == {
        "93831-6": {"valueQuantity": {"value": Decimal(84)} | MINUTES},
        "93830-8": {"valueQuantity": {"value": Decimal(230)} | MINUTES},
        "93829-0": {"valueQuantity": {"value": Decimal(107)} | MINUTES},
    }
    assert not {"hasMember", "profile"} & {*resource, *resource["meta"]}


def test_a_nights_stages_are_observations_only_where_a_site_asks_for_them(build_all, mapping):
    told = [*night(), *stages("light", "deep", "rem")]
    table = changed(mapping, Metric.SLEEP_STAGE, enabled=True)

    without, with_stages = build_all(*told), build_all(*told, table=table)

    assert [len(without.desired), len(with_stages.desired)] == [1, 4]
    assert without.left_out == {TAKEN.date(): {"disabled": 3}}
    assert "hasMember" not in without.desired[0].resource
    *parts, whole = [one.resource for one in with_stages.desired]
    assert [one["valueCodeableConcept"]["coding"][0]["code"] for one in parts] == [
        "light-sleep",
        "deep-sleep",
        "rem-sleep",
    ]
    assert [one["effectivePeriod"]["start"][11:13] for one in parts] == ["00", "01", "02"]
    assert whole["hasMember"] == [{"reference": f"Observation/{one['id']}"} for one in parts]


def test_a_workout_is_its_kind_with_what_was_done_as_components(build):
    [resource] = build(
        reading("workout_type", Coded("nordic_walking"), **WALK),
        measurement("workout_duration", "2460", "s", **WALK),
        measurement("energy_expended", "214", "kcal", **WALK),
        measurement("distance", "3.412", "km", **WALK),
        measurement("mean_heart_rate", "118", "/min", **WALK),
    )

    assert loinc(resource) == ["73985-4"]
    assert resource["valueCodeableConcept"]["coding"] == [
        {"system": LOCAL, "code": "nordic-walking", "display": "Nordic walking"}
    ]
    written = {code: part["valueQuantity"] for code, part in components(resource).items()}
    assert {code: (str(q["value"]), q["code"]) for code, q in written.items()} == {
        "55411-3": ("41.0", "min"),
        "41981-2": ("214", "kcal"),
        "103208-5": ("3412", "m"),
        "103205-1": ("118", "/min"),
    }


def test_an_ecg_is_the_whole_signal_in_the_vendors_own_digits(build):
    resource, _ = build(*ecg())

    signal = resource["valueSampledData"]
    assert {name: value for name, value in signal.items() if name != "data"} == {
        "origin": {"value": 0, "unit": "mV", "system": UCUM, "code": "mV"},
        "interval": Decimal("3.3333"),
        "intervalUnit": "ms",
        "factor": Decimal("0.001"),
        "dimensions": 1,
    }
    numbers = signal["data"].split(" ")
    assert (len(numbers), numbers[0], numbers[200], numbers[8999]) == (9000, "-200", "0", "399")
    assert resource["code"]["coding"][0] == {
        "system": "urn:iso:std:iso:11073:10101",
        "code": "131329",
        "display": "MDC_ECG_ELEC_POTL_I",
    }
    assert {code: str(p["valueQuantity"]["value"]) for code, p in components(resource).items()} == {
        "8867-4": "62",
        "8634-8": "398",
    }


def test_a_classification_names_the_ecg_that_it_was_made_of_and_comes_after_it(build):
    recording, verdict = build(*ecg())

    assert verdict["derivedFrom"] == [{"reference": f"Observation/{recording['id']}"}]
    assert verdict["valueCodeableConcept"]["coding"][0]["code"] == "normal-sinus-rhythm"
    assert "component" not in verdict


def test_a_flag_of_a_cuff_is_a_component_with_a_boolean(build):
    [resource] = build(*cuff(), reading("irregular_heartbeat", True))  # noqa: FBT003 (a reading)

    assert components(resource)["irregular-heartbeat"] == {"valueBoolean": True}
    assert set(components(resource)) == {"8480-6", "8462-4", "8867-4", "irregular-heartbeat"}


def test_a_heart_rate_series_carries_the_profile_of_the_heart_rate(build):
    series = Series(
        samples=(Decimal(61), Decimal(62), Mark.MISSING, Decimal(64), Decimal(66)),
        interval_ms=Decimal(60000),
    )

    [resource] = build(reading("heart_rate_series", series, "/min", **DAY))

    # The profile's vs-1 is not true of a Period: samples count from the start that is given.
    assert resource["effectiveDateTime"] == "2026-11-20T00:00:00+01:00"
    assert "effectivePeriod" not in resource
    assert resource["meta"]["profile"] == ["http://hl7.org/fhir/StructureDefinition/heartrate"]
    assert loinc(resource) == ["8867-4"]
    assert resource["valueSampledData"] == {
        "origin": {"value": 0, "unit": "beats/minute", "system": UCUM, "code": "/min"},
        "interval": 60,
        "intervalUnit": "s",
        "dimensions": 1,
        "data": "61 62 E 64 66",
    }


@pytest.mark.parametrize(
    ("metric", "value", "unit"),
    [("body_mass_index", "22.4", "kg/m2"), ("fat_mass", "14.20", "kg")],
)
def test_what_a_scale_derives_names_the_weight_of_the_same_weighing(build, metric, value, unit):
    derived = measurement(metric, value, unit)
    elsewhere = measurement("body_weight", "69", "kg", record="1", group="1")

    first, weight, named = build(elsewhere, derived, measurement("body_weight", "70", "kg"))
    [alone] = build(derived)

    assert first["id"] != weight["id"]
    assert named["derivedFrom"] == [{"reference": f"Observation/{weight['id']}"}]
    assert "derivedFrom" not in alone


def test_nothing_derives_from_a_reading_that_was_left_out(build_all):
    built = build_all(
        measurement("fat_mass", "14", "kg"), measurement("body_weight", "1", "[stone_us]")
    )

    [fat] = [one.resource for one in built.desired]
    assert "derivedFrom" not in fat
    assert built.left_out == {TAKEN.date(): {"unit_not_mapped": 1}}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (measurement("body_weight", "150", "lb", record="2", group="2"), "unit_not_mapped"),
        (reading("workout_type", Coded("juggling"), **WALK), "unknown_word"),
        (reading("body_weight", Coded("heavy"), record="2", group="2"), "value_unfit"),
        (reading("heart_rate_series", Decimal(61), "/min", **DAY), "value_unfit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_reading_that_cannot_be_built_is_left_out_by_its_reason_and_costs_no_other(
    build_all, bad, reason
):
    built = build_all(measurement("body_weight", "70", "kg"), bad)

    assert built.left_out == {bad.day: {reason: 1}}
    assert [str(one.resource["valueQuantity"]["value"]) for one in built.desired] == ["70"]


def test_half_a_blood_pressure_is_none_and_a_pulse_that_cannot_be_read_costs_only_itself(build_all):
    kilopascal = measurement("systolic_blood_pressure", "17", "bar", record="2", group="2")
    diastolic = measurement("diastolic_blood_pressure", "81", "mm[Hg]", record="2", group="2")
    pulse = measurement("heart_rate", "1", "Hz", record="3", group="3")

    half = build_all(kilopascal, diastolic)
    whole = build_all(*cuff(pulse=None, record="3", group="3"), pulse)

    assert (half.desired, half.left_out) == ([], {TAKEN.date(): {"unit_not_mapped": 2}})
    assert set(components(whole.desired[0].resource)) == {"8480-6", "8462-4"}
    assert whole.left_out == {TAKEN.date(): {"unit_not_mapped": 1}}


def test_a_disabled_metric_is_no_observation_and_no_component(build_all, mapping):
    table = changed(mapping, Metric.HEART_RATE, enabled=False)

    built = build_all(*cuff(), measurement("heart_rate", "58", "/min", record="9"), table=table)

    [panel] = [one.resource for one in built.desired]
    assert set(components(panel)) == {"8480-6", "8462-4"}
    assert built.left_out == {TAKEN.date(): {"disabled": 2}}


def test_a_disabled_panel_takes_its_components_with_it_and_leaves_what_stands_alone(
    build_all, mapping
):
    table = changed_panel(mapping, "blood_pressure", enabled=False)

    built = build_all(*cuff(), table=table)

    assert [loinc(one.resource) for one in built.desired] == [["8867-4"]]
    assert built.left_out == {TAKEN.date(): {"disabled": 2}}


def test_a_night_without_a_duration_says_that_it_is_absent(build, mapping):
    table = changed_panel(mapping, "sleep", components=(Metric.DEEP_SLEEP_DURATION,))

    [resource] = build(reading("deep_sleep_duration", Decimal(84), "min", **NIGHT), table=table)

    assert resource["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert not {name for name in resource if name.startswith("value")}


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        (Range(Decimal(44), Decimal(48)), Decimal(46)),
        (Range(Decimal(44), Decimal(48)), Range(Decimal(45), Decimal(48))),
    ],
)
def test_a_value_that_changed_in_kind_or_in_part_is_written_again(build, was, is_now):
    [before] = build(reading("vo2_max", was, "mL/min/kg", **DAY))
    [after] = build(reading("vo2_max", is_now, "mL/min/kg", **DAY))

    assert decide(after, before).action is Action.UPDATE
    assert decide(after, after).action is Action.LEAVE


@pytest.mark.parametrize(
    "element",
    [
        "method",
        "valueQuantity",
        "valueRange",
        "valueSampledData",
        "valueCodeableConcept",
        "valueBoolean",
        "derivedFrom",
        "hasMember",
        "component",
    ],
)
def test_an_element_that_we_no_longer_write_is_a_difference(build, element):
    [wanted] = build(*cuff())
    wanted = {name: value for name, value in wanted.items() if name != "component"}

    assert decide(wanted, wanted | {"note": [{"text": "seen"}]}).action is Action.LEAVE
    assert decide(wanted, wanted | {element: ["as we wrote it"]}).action is Action.UPDATE
