"""What a home device can have measured, bounds included, in any unit that files have."""

from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.plausible import BOUNDS, is_plausible

STEP = Decimal("0.1")
EXPECTED = {
    Metric.BODY_WEIGHT: ("2", "400", "kg"),
    Metric.SYSTOLIC_BLOOD_PRESSURE: ("40", "300", "mm[Hg]"),
    Metric.DIASTOLIC_BLOOD_PRESSURE: ("20", "200", "mm[Hg]"),
    Metric.MEAN_BLOOD_PRESSURE: ("20", "250", "mm[Hg]"),
    Metric.HEART_RATE: ("20", "250", "/min"),
    Metric.MEAN_HEART_RATE: ("20", "250", "/min"),
    Metric.OXYGEN_SATURATION: ("50", "100", "%"),
    Metric.MEAN_OXYGEN_SATURATION: ("50", "100", "%"),
    Metric.MINIMUM_OXYGEN_SATURATION: ("50", "100", "%"),
    Metric.MAXIMUM_OXYGEN_SATURATION: ("50", "100", "%"),
    Metric.BODY_TEMPERATURE: ("34", "42.2", "Cel"),
    Metric.FAT_RATIO: ("0", "100", "%"),
    Metric.WATER_RATIO: ("0", "100", "%"),
    Metric.MUSCLE_RATIO: ("0", "100", "%"),
    Metric.BONE_MASS: ("0", "20", "kg"),
    Metric.BODY_MASS_INDEX: ("5", "120", "kg/m2"),
    Metric.VISCERAL_FAT_LEVEL: ("1", "60", "{score}"),
    Metric.METABOLIC_AGE: ("1", "120", "a"),
    Metric.BASAL_METABOLIC_RATE: ("200", "10000", "kcal"),
    Metric.BLOOD_GLUCOSE: ("10", "700", "mg/dL"),
    Metric.BLOOD_GLUCOSE_MOLAR: ("0.5", "40", "mmol/L"),
}


def test_every_metric_that_files_have_is_bounded():
    assert BOUNDS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("metric", EXPECTED, ids=str)
def test_bounds_are_included_and_nothing_beyond_them(metric):
    low, high, unit = EXPECTED[metric]

    assert is_plausible(metric, Decimal(low), unit)
    assert is_plausible(metric, Decimal(high), unit)
    assert not is_plausible(metric, Decimal(low) - STEP, unit)
    assert not is_plausible(metric, Decimal(high) + STEP, unit)


def test_a_vendor_may_have_other_bounds_in_the_main_unit():
    wide = (Decimal(25), Decimal(45))

    assert is_plausible(Metric.BODY_TEMPERATURE, Decimal(77), "[degF]", bounds=wide)
    assert not is_plausible(Metric.BODY_TEMPERATURE, Decimal("76.9"), "[degF]", bounds=wide)


@pytest.mark.parametrize(
    ("metric", "value", "unit", "plausible"),
    [
        (Metric.BODY_WEIGHT, "881.8", "[lb_av]", True),
        (Metric.BODY_WEIGHT, "881.9", "[lb_av]", False),
        (Metric.BODY_WEIGHT, "4.4", "[lb_av]", False),
        (Metric.BODY_WEIGHT, "62.9", "[stone_av]", True),
        (Metric.BODY_WEIGHT, "63", "[stone_av]", False),
        (Metric.BODY_TEMPERATURE, "93.2", "[degF]", True),
        (Metric.BODY_TEMPERATURE, "93.1", "[degF]", False),
        (Metric.BODY_TEMPERATURE, "107.96", "[degF]", True),
        (Metric.BODY_TEMPERATURE, "108", "[degF]", False),
    ],
    ids=str,
)
def test_other_units_are_held_to_the_same_bounds(metric, value, unit, plausible):
    assert is_plausible(metric, Decimal(value), unit) is plausible


def test_a_metric_without_bounds_is_not_judged():
    assert is_plausible(Metric.STEPS_PER_DAY, Decimal(10**9), "{steps}")
