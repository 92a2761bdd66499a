"""OMRON's rows of scales, thermometers and oximeters, whose shapes no document shows."""

from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric
from tests.unit.providers.omron.omron_answers import (
    OXIMETER,
    SCALE,
    THERMOMETER,
    left_out,
    measurements,
    read,
    values,
)

COMPOSITION = {
    "bmiValue": (Metric.BODY_MASS_INDEX, "kg/m2"),
    "bodyFatPercentage": (Metric.FAT_RATIO, "%"),
    "skeletalMusclePercentage": (Metric.MUSCLE_RATIO, "%"),
    "visceralFatLevel": (Metric.VISCERAL_FAT_LEVEL, "{score}"),
    "restingMetabolism": (Metric.BASAL_METABOLIC_RATE, "kcal"),
    "bodyAge": (Metric.METABOLIC_AGE, "a"),
}


def scaled(**changes):
    return read("weight", SCALE | changes)


def test_a_scales_row_is_a_weight_and_what_it_is_made_of():
    result = scaled()

    assert values(result) == {
        Metric.BODY_WEIGHT: (Decimal("71.35"), "kg"),
        Metric.BODY_MASS_INDEX: (Decimal("22.5"), "kg/m2"),
        Metric.FAT_RATIO: (Decimal("18.1"), "%"),
        Metric.MUSCLE_RATIO: (Decimal("38.2"), "%"),
        Metric.VISCERAL_FAT_LEVEL: (Decimal(6), "{score}"),
        Metric.BASAL_METABOLIC_RATE: (Decimal(1610), "kcal"),
        Metric.METABOLIC_AGE: (Decimal(41), "a"),
    }
    assert {one.record for one in measurements(result)} == {"weight-55"}


@pytest.mark.parametrize(
    ("said", "unit"),
    [("kg", "kg"), ("KG", "kg"), ("lb", "[lb_av]"), ("lbs", "[lb_av]"), ("st", "[stone_av]")],
)
def test_a_weight_keeps_the_unit_that_the_row_names(said, unit):
    # Plausible in each.
    result = scaled(weight=Decimal("11.25"), weightUnits=said)

    assert values(result)[Metric.BODY_WEIGHT] == (Decimal("11.25"), unit)


@pytest.mark.parametrize(
    ("changes", "metric"),
    [
        ({"weight": Decimal("1.9")}, Metric.BODY_WEIGHT),
        ({"weight": Decimal("400.1")}, Metric.BODY_WEIGHT),
        ({"weight": 882, "weightUnits": "lb"}, Metric.BODY_WEIGHT),
        ({"weight": 63, "weightUnits": "st"}, Metric.BODY_WEIGHT),
        ({"bmiValue": Decimal("4.9")}, Metric.BODY_MASS_INDEX),
        ({"bmiValue": 121}, Metric.BODY_MASS_INDEX),
        ({"bodyFatPercentage": Decimal("100.1")}, Metric.FAT_RATIO),
        ({"bodyFatPercentage": -1}, Metric.FAT_RATIO),
        ({"skeletalMusclePercentage": 101}, Metric.MUSCLE_RATIO),
        ({"visceralFatLevel": 61}, Metric.VISCERAL_FAT_LEVEL),
        ({"restingMetabolism": 199}, Metric.BASAL_METABOLIC_RATE),
        ({"restingMetabolism": 10001}, Metric.BASAL_METABOLIC_RATE),
        ({"bodyAge": 121}, Metric.METABOLIC_AGE),
    ],
    ids=lambda one: "-".join(f"{k}={v}" for k, v in one.items()) if isinstance(one, dict) else "",
)
def test_what_no_scale_measures_of_a_person_is_left_out(changes, metric):
    result = scaled(**changes)

    assert left_out(result) == [(metric, "weight-55", "implausible")]
    assert len(values(result)) == len(COMPOSITION)


@pytest.mark.parametrize(
    "changes",
    [{"weight": 2}, {"weight": 400}, {"weight": Decimal("881.8"), "weightUnits": "lb"},
     {"weight": Decimal("62.9"), "weightUnits": "st"}, {"bmiValue": 5}, {"bmiValue": 120},
     {"bodyFatPercentage": 100}],
    ids=str,
)  # fmt: skip
def test_the_bounds_themselves_can_be_measured(changes):
    assert left_out(scaled(**changes)) == []


@pytest.mark.parametrize(
    ("given", "said", "is_plausible"),
    [
        ("25", "C", True), ("24.9", "C", False), ("45", "C", True), ("45.1", "C", False),
        ("77", "F", True), ("76.9", "F", False), ("113", "F", True), ("113.1", "F", False),
        ("-3", "C", False),
    ],
)  # fmt: skip
def test_a_temperature_is_one_of_a_body(given, said, is_plausible):
    row = THERMOMETER | {"temperature": Decimal(given), "temperatureUnits": said}

    result = read("temperature", row)

    refused = [(Metric.BODY_TEMPERATURE, "temperature-66", "implausible")]
    assert (len(values(result)), left_out(result)) == ((1, []) if is_plausible else (0, refused))


@pytest.mark.parametrize("said", [None, "", "g?", 3], ids=repr)
def test_a_weight_without_a_known_unit_is_never_guessed(said):
    result = scaled(weightUnits=said)

    assert Metric.BODY_WEIGHT not in values(result)
    assert left_out(result) == [(Metric.BODY_WEIGHT, "weight-55", "unit_unknown")]
    assert len(values(result)) == len(COMPOSITION)


@pytest.mark.parametrize("name", sorted(COMPOSITION))
@pytest.mark.parametrize("given", [0, None, "0"], ids=repr)
def test_what_the_scale_did_not_measure_is_no_reading(name, given):
    result = scaled(**{name: given})

    assert COMPOSITION[name][0] not in values(result)
    assert left_out(result) == []


@pytest.mark.parametrize("name", sorted(COMPOSITION))
def test_a_number_that_is_none_costs_itself_alone(name):
    result = scaled(**{name: "--"})

    assert left_out(result) == [(COMPOSITION[name][0], "weight-55", "number_unreadable")]
    assert len(values(result)) == len(COMPOSITION)


def test_a_body_mass_index_has_two_names():
    assert values(scaled(bmiValue=None, bmi=23))[Metric.BODY_MASS_INDEX] == (23, "kg/m2")


@pytest.mark.parametrize(
    ("said", "unit"),
    [("C", "Cel"), ("°C", "Cel"), ("Celsius", "Cel"), ("F", "[degF]"), ("°F", "[degF]"),
     ("Fahrenheit", "[degF]")],
)  # fmt: skip
def test_a_temperature_keeps_the_unit_that_the_row_names(said, unit):
    shown = Decimal("36.8") if unit == "Cel" else Decimal("98.2")
    row = THERMOMETER | {"temperature": shown, "temperatureUnits": said}

    assert values(read("temperature", row)) == {Metric.BODY_TEMPERATURE: (shown, unit)}


@pytest.mark.parametrize("said", [None, "K"])
def test_a_temperature_without_a_known_unit_is_never_guessed(said):
    result = read("temperature", THERMOMETER | {"temperatureUnits": said})

    assert left_out(result) == [(Metric.BODY_TEMPERATURE, "temperature-66", "unit_unknown")]


@pytest.mark.parametrize("name", ["oxygenSaturation", "spo2", "oxygen"])
def test_an_oximeters_row_is_a_saturation_and_a_pulse(name):
    row = OXIMETER | {"oxygenSaturation": None, name: 97}

    assert values(read("oxygen", row)) == {
        Metric.OXYGEN_SATURATION: (Decimal(97), "%"),
        Metric.HEART_RATE: (Decimal(61), "/min"),
    }


@pytest.mark.parametrize("given", [101, 49, -1])
def test_a_saturation_that_nobody_has_is_left_out(given):
    result = read("oxygen", OXIMETER | {"oxygenSaturation": given})

    assert left_out(result) == [(Metric.OXYGEN_SATURATION, "oxygen-77", "implausible")]
    assert set(values(result)) == {Metric.HEART_RATE}
