"""Units: exact ways between them, never finer than the vendor's digits; UCUM and its traps."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.table.ucum import ucum_fault
from ohx_pipelines.fhir.table.units import Unit
from ohx_pipelines.measurements import Metric
from sandbox.ehr.units import is_ucum

# UCUM codes that occur in FHIR's and LOINC's material for home devices.
UCUM_CODES = [
    "kg",
    "g",
    "cm",
    "m",
    "km",
    "mm",
    "m/s",
    "kg/m2",
    "mm[Hg]",
    "kPa",
    "/min",
    "{beats}/min",
    "%",
    "Cel",
    "[degF]",
    "K",
    "ms",
    "s",
    "min",
    "h",
    "d",
    "a",
    "mV",
    "uV",
    "uS",
    "mg/dL",
    "mmol/L",
    "{steps}",
    "{steps}/d",
    "/d",
    "{flights}",
    "{score}",
    "{count}",
    "{events}/h",
    "kcal",
    "kcal/d",
    "mL/min/kg",
    "mL/(24.h)",
    "kcal/(24.h)",
    "[lb_av]",
    "[in_i]",
    "[stone_av]",
    "[mi_i]",
    "[foz_us]",
    "1",
    "Hz",
    "m2",
    "10*3/uL",
    "mL/kg/min",
    "kJ",
    "J",
    "L/(24.h)",
    "kg.m/s2",
]
NO_UCUM_CODES = [
    "",
    "/",
    "kg/",
    "kg//m",
    "mL/(24.h",
    "(kg)m",
    "kilogram",
    "°",
    "kg m",
    "{a b}",
    ".s",
]
TRAPS = {
    "C": "Cel",
    "F": "[degF]",
    "bpm": "/min",
    "steps": "{steps}",
    "mmHg": "mm[Hg]",
    "kcals": "kcal",
    "[kcal_IT]": "kcal",
    "lbs": "[lb_av]",
}


@pytest.mark.parametrize(
    ("metric", "sent", "unit", "expected"),
    [
        # A power of ten keeps every digit.
        ("body_height", "1.78", "m", "178"),
        ("body_height", "1780", "mm", "178.0"),
        ("body_weight", "72300", "g", "72.300"),
        ("ecg_waveform", "-130", "uV", "-0.130"),
        ("distance", "1284300", "mm", "1284.300"),
        ("sleep_efficiency", "0.9", "1", "90"),
        ("steps_per_day", "8412", "{steps}", "8412"),
        # A second is a sixtieth of a minute: tenths of a minute are the finest that it carries.
        ("sleep_duration", "24480", "s", "408.0"),
        ("sleep_duration", "100", "s", "1.7"),
        ("sleep_duration", "27960000", "ms", "466.0000"),
        ("time_in_bed", "7.5", "h", "450"),
        # 1 lb = 0.45359237 kg, 1 in = 2.54 cm, 1 mmHg = 133.322 Pa, 1 kcal = 4.184 kJ.
        ("body_weight", "157.3", "[lb_av]", "71.4"),
        ("body_height", "70", "[in_i]", "178"),
        # Whole units stay whole: 1 mi = 1609.344 m, 1 st = 6.35029318 kg, 1 fl oz = 29.5735 mL.
        ("distance", "3.1", "[mi_i]", "4989"),
        ("distance", "3", "[mi_i]", "4828"),
        ("body_weight", "12", "[stone_av]", "76"),
        ("fluid_intake_per_day", "8", "[foz_us]", "237"),
        ("sleep_duration", "8", "h", "480"),
        ("sleep_duration", "45", "s", "0.8"),
        ("systolic_blood_pressure", "16.0", "kPa", "120"),
        ("energy_expended", "1000", "kJ", "239"),
        # Fahrenheit has another zero, and a difference of temperatures has none.
        ("body_temperature", "98.6", "[degF]", "37.0"),
        ("body_temperature", "-40.0", "[degF]", "-40.0"),
        ("skin_temperature_deviation", "-0.3", "Cel", "-0.3"),
        ("skin_temperature_deviation", "0.9", "[degF]", "0.5"),
    ],
)
def test_a_value_comes_into_the_unit_of_its_metric(mapping, metric, sent, unit, expected):
    value = mapping.metrics[Metric(metric)].in_unit(Decimal(sent), unit)

    assert format(value, "f") == expected


@pytest.mark.parametrize(
    ("metric", "unit"), [("body_weight", "[oz_av]"), ("blood_glucose", "mmol/L"), ("steps", "")]
)
def test_a_unit_without_a_way_is_never_guessed(mapping, metric, unit):
    with pytest.raises(ConfigurationError, match="no way from"):
        mapping.metrics[Metric(metric)].in_unit(Decimal(1), unit)


def test_a_metric_without_a_unit_converts_nothing(mapping):
    with pytest.raises(ConfigurationError, match="no unit"):
        mapping.metrics[Metric.IRREGULAR_HEARTBEAT].in_unit(Decimal(1), "1")


def test_ways_lead_on_through_a_unit_whose_zero_is_elsewhere():
    celsius = Unit.model_validate(
        {"code": "Cel", "text": "°C", "from": {"[degF]": "(x - 32) * 5/9"}}
    )
    kelvin = Unit.model_validate({"code": "K", "text": "K", "from": {"Cel": "x * 1 + 273.15"}})
    doubled = Unit.model_validate({"code": "h", "text": "h", "from": {"Cel": "x * 2 + 1"}})

    assert str(kelvin.convert(Decimal("36.75"), "Cel")) == "309.90"
    assert str(kelvin.with_ways_of(celsius).convert(Decimal("98.60"), "[degF]")) == "310.15"
    assert str(doubled.with_ways_of(celsius).convert(Decimal("50.0"), "[degF]")) == "21"


@given(
    digits=st.integers(-(10**7), 10**7),
    places=st.integers(-4, 4),
    numerator=st.integers(1, 10**6),
    denominator=st.integers(1, 10**6),
)
def test_a_fraction_is_off_by_half_a_step_at_most_and_the_step_is_the_vendors_or_a_whole_unit(
    digits, places, numerator, denominator
):
    unit = Unit.model_validate(
        {"code": "b", "text": "b", "from": {"a": f"{numerator}/{denominator}"}}
    )
    value = Decimal(digits).scaleb(places)

    converted = unit.convert(value, "a")

    factor = Fraction(numerator, denominator)
    step = Fraction(10) ** converted.as_tuple().exponent
    carried = Fraction(10) ** places * factor
    assert step == 1 if carried > 1 else carried <= step < 10 * carried
    assert abs(Fraction(converted) - Fraction(value) * factor) <= step / 2


@pytest.mark.parametrize("power", [1000, -25])
def test_a_power_that_no_unit_has_is_taken_for_a_factor_and_refused(power):
    with pytest.raises(ValueError, match="3 for a thousand"):
        Unit.model_validate({"code": "g", "text": "g", "from": {"kg": power}})


@pytest.mark.parametrize("code", UCUM_CODES)
def test_a_ucum_code_is_taken(code):
    fault = ucum_fault(code)

    # The heartrate profile refuses {beats}/min; UCUM does not.
    assert fault is None


def test_every_unit_of_the_mapping_is_ucum_to_a_second_parser_too(mapping):
    codes = {row.unit.code for row in mapping.metrics.values() if row.unit is not None}

    assert [code for code in codes if not is_ucum(code)] == []


@pytest.mark.parametrize("code", NO_UCUM_CODES)
def test_what_is_no_ucum_code_is_refused(code):
    assert "not a UCUM code" in ucum_fault(code)


@pytest.mark.parametrize("spelt", TRAPS)
def test_a_spelling_that_only_looks_like_ucum_is_refused_with_the_right_one(spelt):
    assert ucum_fault(spelt).endswith(f"write {TRAPS[spelt]!r}")


@pytest.mark.parametrize("way", ["1/0", "0", "-3", "about 3", "(x + 1) * 2", 1.5, True, None, [1]])
def test_a_way_that_is_no_number_of_tens_and_no_fraction_is_refused(way):
    with pytest.raises(ValueError, match="must be a power of ten"):
        Unit.model_validate({"code": "b", "text": "b", "from": {"a": way}})
