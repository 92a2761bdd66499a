"""Withings' types, words, segments and models; expectations come from the vendor's reference."""

from datetime import date

import pytest

from ohx_pipelines.measurements import Coded, Metric
from ohx_pipelines.providers.withings.device_models import device_of, is_external
from ohx_pipelines.providers.withings.measure_types import types_of
from tests.unit.providers.measure_groups import MORNING, group, measure, normalize, values

NERVES = [
    (158, "left_foot_nerve_health_score", "{score}"),
    (159, "right_foot_nerve_health_score", "{score}"),
    (167, "nerve_health_score", "{score}"),
    (196, "electrodermal_activity", "uS"),
    (197, "left_foot_electrodermal_activity", "uS"),
    (198, "right_foot_electrodermal_activity", "uS"),
    (229, "electrochemical_skin_conductance", "uS"),
]
WATERS = [
    (168, "extracellular_water", "kg"),
    (169, "intracellular_water", "kg"),
    (170, "visceral_fat_level", "{score}"),
    (226, "basal_metabolic_rate", "kcal/d"),
    (227, "metabolic_age", "a"),
]
HEARTS = [
    (12, "body_temperature", "Cel"),
    (54, "oxygen_saturation", "%"),
    (71, "body_temperature", "Cel"),
    (73, "skin_temperature", "Cel"),
    (123, "vo2_max_sample", "mL/min/kg"),
    (135, "qrs_duration", "ms"),
    (136, "pr_interval", "ms"),
    (137, "qt_interval", "ms"),
    (138, "corrected_qt_interval", "ms"),
    (155, "vascular_age", "a"),
]


@pytest.mark.parametrize(("kind", "metric", "unit"), [*NERVES, *WATERS, *HEARTS])
def test_each_further_type_means_what_the_vendor_documents(kind, metric, unit):
    assert values(normalize(group(measure(kind, 41)))) == [(metric, "41", unit)]


@pytest.mark.parametrize(
    ("kind", "code", "word"),
    [
        (130, 0, "no_atrial_fibrillation"),
        (130, 1, "atrial_fibrillation"),
        (130, 2, "inconclusive"),
        (130, 3, "unreadable"),
        (130, 4, "other"),
        (130, 5, "unreadable"),
        (130, 6, "low_heart_rate"),
        (130, 7, "high_heart_rate"),
        (130, 8, "inconclusive"),
        (130, 9, "normal_sinus_rhythm"),
        (130, 10, "no_atrial_fibrillation_high_heart_rate"),
        (130, 11, "atrial_fibrillation"),
        (130, 12, "atrial_fibrillation_high_heart_rate"),
        (130, 13, "other"),
        (139, 0, "no_atrial_fibrillation"),
        (139, 1, "atrial_fibrillation"),
        (139, 2, "inconclusive"),
    ],
)
def test_each_code_of_a_rhythm_is_the_vendors_word(kind, code, word):
    metrics = {130: "atrial_fibrillation_classification", 139: "pulse_rhythm_classification"}

    [one] = normalize(group(measure(kind, code))).measurements

    assert (one.metric, one.value, one.unit) == (metrics[kind], Coded(word), None)


@pytest.mark.parametrize(("kind", "code", "unit"), [(130, 14, 0), (139, 3, 0), (130, 15, -1)])
def test_a_code_that_is_no_word_is_told_and_costs_only_itself(kind, code, unit):
    result = normalize(group(measure(kind, code, unit), measure(54, 97)))

    assert [one.metric for one in result.measurements] == [Metric.OXYGEN_SATURATION]
    assert [one.reason for one in result.unpublished] == ["unknown_word"]


@pytest.mark.parametrize(
    ("position", "segment"),
    [(2, "right_arm"), (3, "left_arm"), (10, "left_leg"), (11, "right_leg"), (12, "trunk")],
)
@pytest.mark.parametrize(
    ("kind", "mass"), [(173, "fat_free_mass"), (174, "fat_mass"), (175, "muscle_mass")]
)
def test_a_mass_of_a_segment_is_told_by_where_it_was_measured(kind, mass, position, segment):
    result = normalize(group(measure(kind, 812, -2) | {"position": position}))

    assert values(result) == [(f"{segment}_{mass}", "8.12", "kg")]


def test_segments_of_one_group_stand_side_by_side_and_the_whole_body_is_their_sum():
    positions = (2, 3, 7, 10, 11, 12, 5, None, "2")
    result = normalize(group(*[measure(175, 3) | {"position": p} for p in positions]))

    assert len(result.measurements) == 5
    assert result.ignored == {
        date(2026, 11, 20): {
            "aggregate": 1, "unmapped_position_5": 1, "unmapped_position_None": 2,
        },
    }  # fmt: skip


def test_one_temperature_under_both_types_is_charted_once():
    both = group(measure(71, 366, -1), measure(12, 366, -1))
    old = group(measure(12, 371, -1), grpid=2, taken=MORNING + 60)

    result = normalize(both, old)

    assert [value for _, value, _ in values(result)] == ["36.6", "37.1"]
    assert result.ignored == {date(2026, 11, 20): {"other_source": 1}}


@pytest.mark.parametrize("kind", [11, 12, 54, 71, 73])
def test_what_a_living_body_has_never_at_zero_is_no_reading(kind):
    result = normalize(group(measure(10, 128), measure(9, 81), measure(kind, 0, -1)))

    assert {one.metric for one in result.measurements} == {
        Metric.SYSTOLIC_BLOOD_PRESSURE,
        Metric.DIASTOLIC_BLOOD_PRESSURE,
    }
    assert not result.unpublished
    assert result.ignored == {date(2026, 11, 20): {"no_value": 1}}


@pytest.mark.parametrize("kind", [1, 54, 170, 135])
def test_nothing_that_is_measured_is_below_zero(kind):
    result = normalize(group(measure(kind, -4)))

    assert [one.reason for one in result.unpublished] == ["unreadable_value"]
    assert not result.measurements


def test_a_device_without_a_name_is_called_as_the_vendor_calls_its_model():
    result = normalize(group(measure(1, 70), model=None))

    assert [(one.model, one.kind) for one in result.devices.values()] == [("Body Comp", "Scale")]


@pytest.mark.parametrize(
    ("metrics", "types"),
    [
        ({"left_arm_fat_mass"}, [174]),
        ({"trunk_muscle_mass", "right_leg_fat_free_mass", "body_weight"}, [1, 173, 175]),
        ({"body_temperature"}, [12, 71]),
        ({"steps_per_day"}, []),
    ],
)
def test_types_that_are_asked_for_are_those_that_may_give_the_metric(metrics, types):
    assert types_of(frozenset(map(Metric, metrics))) == types


@pytest.mark.parametrize(
    ("model_id", "named", "expected"),
    [
        (94, None, ("ScanWatch 2", "Activity Tracker")),
        (63, None, ("Aura Sensor V2", "Sleep Monitor")),
        (71, None, ("BeamO", "Smart Connected Thermometer")),
        (44, None, ("BPM Core", "Blood Pressure Monitor")),
        (45, "BPM Connect 2", ("BPM Connect 2", "Blood Pressure Monitor")),
        (4711, None, ("Unknown model", "Unknown")),
        (4711, "Newest", ("Newest", "Unknown")),
        ([94], None, ("Unknown model", "Unknown")),
        (True, {"name": 1}, ("Unknown model", "Unknown")),
    ],
)
def test_a_model_is_called_by_its_own_name_and_an_unknown_one_costs_nothing(
    model_id, named, expected
):
    assert device_of(model_id, model=named) == expected


def test_apps_of_phones_and_other_vendors_are_external():
    external = [number for number in range(2000) if is_external(number)]

    assert external == list(range(1051, 1064))
    assert not any(is_external(one) for one in (None, "1051", True, [1051]))
