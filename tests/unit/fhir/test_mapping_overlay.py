"""A site's overlay: what it may change, and how every fault of it is told."""

from decimal import Decimal

import pytest

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.measurements import Metric


@pytest.fixture
def lay(tmp_path):
    def laid(text):
        file = tmp_path / "site.yaml"
        file.write_text(text)
        return load_mapping(file)

    return laid


@pytest.fixture
def faults(lay):
    """What is told of an overlay: (line, key, reason) of each fault, all in the site's file."""

    def told(text):
        with pytest.raises(ConfigurationError) as caught:
            lay(text)
        head, *lines = str(caught.value).split("\n  ")
        assert head == "the mapping is wrong:"
        parts = [line.split(": ", 2) for line in lines]
        return [
            (place.removeprefix("site.yaml, line "), key, reason) for place, key, reason in parts
        ]

    return told


def row(name, **keys):
    given = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    return f"metrics:\n  {name}:\n{given}"


def test_an_overlay_changes_what_it_names_and_nothing_else(lay, mapping):
    changed = lay(
        "metrics:\n"
        "  sleep_stage: {enabled: true}\n"
        "  vascular_age: {enabled: false, category: procedure, method: by the vendor}\n"
        "  heart_rate_series: {resolution_seconds: 300, status: preliminary}\n"
        "  steps_per_day: {open_day: omit}\n"
        "panels:\n"
        "  sleep: {category: social-history}\n"
    )

    assert changed.is_enabled(Metric.SLEEP_STAGE)
    age = changed.metrics[Metric.VASCULAR_AGE]
    assert (age.enabled, age.category, age.method) == (False, "procedure", "by the vendor")
    assert age.coding == mapping.metrics[Metric.VASCULAR_AGE].coding
    series = changed.metrics[Metric.HEART_RATE_SERIES]
    assert (series.resolution_seconds, series.status) == (300, "preliminary")
    assert changed.metrics[Metric.STEPS_PER_DAY].open_day == "omit"
    assert changed.panels["sleep"].category == "social-history"
    assert changed.metrics[Metric.BODY_WEIGHT] == mapping.metrics[Metric.BODY_WEIGHT]
    assert list(changed.metrics) == list(mapping.metrics)


def test_a_coding_is_replaced_whole_and_words_of_a_value_one_by_one(lay, mapping):
    changed = lay(
        "metrics:\n"
        "  visceral_fat_level:\n"
        "    coding: [{system: 'https://clinic.example/codes', code: VFAT, display: Fat}]\n"
        "  workout_type:\n"
        "    values:\n"
        "      yoga: {system: 'https://clinic.example/codes', code: Y, display: Yoga}\n"
    )

    assert [c.code for c in changed.metrics[Metric.VISCERAL_FAT_LEVEL].coding] == ["VFAT"]
    words = changed.metrics[Metric.WORKOUT_TYPE].values
    assert words["yoga"].code == "Y"
    assert words["running"] == mapping.metrics[Metric.WORKOUT_TYPE].values["running"]


def test_a_vital_sign_may_change_to_another_unit_that_its_profile_allows(lay):
    changed = lay(
        row("body_weight", unit="{code: '[lb_av]', text: lb, from: {kg: 100000000/45359237}}")
        + "  body_temperature:\n"
        + "    unit: {code: '[degF]', text: '°F', from: {Cel: x * 9/5 + 32}}\n"
    )

    weight = changed.metrics[Metric.BODY_WEIGHT]
    assert weight.in_unit(Decimal("157.3"), "[lb_av]") == Decimal("157.3")
    assert str(weight.in_unit(Decimal("71.350"), "kg")) == "157.30"
    # The shipped ways from grams and stones lead on from kilograms.
    assert str(weight.in_unit(Decimal(71350), "g")) == "157.30"
    assert weight.in_unit(Decimal("11.5"), "[stone_av]") == 161
    warm = changed.metrics[Metric.BODY_TEMPERATURE]
    assert str(warm.in_unit(Decimal("37.00"), "Cel")) == "98.6"


def test_a_unit_of_the_same_code_keeps_the_shipped_ways_to_it(lay):
    changed = lay(row("sleep_duration", unit="{code: min, text: Minuten}"))

    unit = changed.metrics[Metric.SLEEP_DURATION].unit
    assert unit.text == "Minuten"
    assert unit.convert(Decimal(120), "s") == 2


def test_an_empty_overlay_changes_nothing(lay, mapping):
    assert lay("") == mapping
    assert lay("# nothing yet\n") == mapping


@pytest.mark.parametrize(
    ("name", "keys", "place", "reason"),
    [
        # A vital sign keeps code, category and unit of its profile.
        (
            "heart_rate",
            {"coding": "[{system: 'https://a.example', code: HR, display: Pulse}]"},
            "coding",
            "the profile heartrate needs LOINC 8867-4 exactly once",
        ),
        (
            "resting_heart_rate",
            {"coding": "[{system: loinc, code: 40443-4, display: Heart rate --resting}]"},
            "coding",
            "the profile heartrate needs LOINC 8867-4 exactly once",
        ),
        ("body_weight", {"category": "exam"}, "category", "needs the category vital-signs"),
        (
            "heart_rate",
            {"unit": "{code: '{beats}/min', text: bpm, from: {/min: 0}}"},
            "unit.code",
            "the profile heartrate allows /min only",
        ),
        (
            "oxygen_saturation",
            {"unit": "{code: '1', text: ratio, from: {'%': -2}}"},
            "unit.code",
            "the profile oxygensat allows % only",
        ),
        (
            "body_weight",
            {"unit": "{code: '[stone_av]', text: st, from: {kg: 50000000/317514659}}"},
            "unit.code",
            "the profile bodyweight allows kg, g, [lb_av] only",
        ),
        (
            "systolic_blood_pressure",
            {"unit": "{code: kPa, text: kPa, from: {'mm[Hg]': 66661/500000}}"},
            "unit.code",
            "a component of a vital-sign panel allows mm[Hg] only",
        ),
        (
            "diastolic_blood_pressure",
            {"coding": "[{system: mdc, code: '150022', display: Diastolic}]"},
            "coding",
            "the profile bp needs one component with LOINC 8462-4",
        ),
        (
            "skin_temperature_deviation",
            {"coding": "[{system: loinc, code: 8310-5, display: Body temperature}]"},
            "coding",
            "servers hold whatever carries 8310-5 to the profile bodytemp",
        ),
        (
            "systolic_blood_pressure",
            {"enabled": "false"},
            "enabled",
            "panels.blood_pressure instead",
        ),
        # Codes that mean something else.
        (
            "vo2_max",
            {"coding": "[{system: loinc, code: 60842-2, display: Oxygen uptake}]"},
            "coding.0.code",
            "60842-2 is an oxygen uptake, not a VO2max",
        ),
        (
            "heart_rate_variability_rmssd",
            {"coding": "[{system: loinc, code: 112429-6, display: SDNN}]"},
            "coding.0.code",
            "112429-6 is the code of heart_rate_variability_sdnn, heart_rate_variability_sdnn_series",
        ),
        (
            "vascular_age",
            {"coding": "[{system: loinc, code: 29463-8, display: Body weight}]"},
            "coding.0.code",
            "'29463-8' is no LOINC code: its check digit is off",
        ),
        (
            "vascular_age",
            {"coding": "[{system: local, code: vessels, display: Vessels}]"},
            "coding.0.code",
            "not in this product's CodeSystem",
        ),
        # What the checks before sending would refuse.
        (
            "vascular_age",
            {"coding": "[{system: 'urn:oid:2.16.840x', code: VA, display: Vessels}]"},
            "coding.0.system",
            "not the form of an OID",
        ),
        (
            "vascular_age",
            {
                "coding": "[{system: 'http://terminology.hl7.org/CodeSystem/observation-category',"
                " code: vessels, display: Vessels}]"
            },
            "coding.0.code",
            "'vessels' is no code of http://terminology.hl7.org",
        ),
        ("vascular_age", {"coding": "[]"}, "coding", "at least 1"),
        # Units.
        ("vascular_age", {"unit": "{code: years, text: years, from: {a: 0}}"}, "unit.code", "'a'"),
        ("distance", {"unit": "{code: km, text: km}"}, "unit.from", "needs a way from m"),
        (
            "distance",
            {"unit": "{code: km, text: km, from: {m: about 3}}"},
            "unit.from.m",
            "must be a power of ten",
        ),
        # Policies where they have no sense.
        ("body_weight", {"open_day": "omit"}, "open_day", "only a day's total"),
        ("body_weight", {"resolution_seconds": "60"}, "resolution_seconds", "only a series"),
        ("ecg_waveform", {"resolution_seconds": "1"}, "resolution_seconds", "whole or not at all"),
        (
            "steps_series",
            {"resolution_seconds": "60"},
            "resolution_seconds",
            "one left out is lost",
        ),
        ("heart_rate_series", {"resolution_seconds": "0"}, "resolution_seconds", "greater than"),
        ("heart_rate_series", {"resolution_seconds": "yes"}, "resolution_seconds", "integer"),
        (
            "body_weight",
            {"unit": "{code: g, text: g, from: {kg: 1000}}"},
            "unit.from.kg",
            "3 for a thousand",
        ),
        ("sleep_duration", {"category": "exam"}, "category", "set it at panels.sleep"),
        # What a site may not touch, and slips of the pen.
        ("body_weight", {"profile": "bmi"}, "profile", "a site may not set it; it may set enabled"),
        ("vo2_max", {"effective": "point"}, "effective", "a site may not set it"),
        ("body_weight", {"colour": "red"}, "colour", "a site may not set it"),
        ("vascular_age", {"category": "vitals"}, "category", "'vital-signs', 'exam'"),
        ("vascular_age", {"enabled": "perhaps"}, "enabled", "boolean"),
        (
            "workout_type",
            {"values": "{jogging: {system: local, code: running, display: Running}}"},
            "values.jogging",
            "is no word of the vocabulary",
        ),
    ],
)
def test_a_wrong_overlay_is_refused_with_line_key_and_reason(faults, name, keys, place, reason):
    told = faults(row(name, **keys))

    assert ("3", f"metrics.{name}.{place}") in [(line, key) for line, key, _ in told]
    assert any(reason in words for _, key, words in told if key == f"metrics.{name}.{place}")


@pytest.mark.parametrize(
    "spelt", ["C", "bpm", "steps", "mmHg", "kcals", "[kcal_IT]", "foo", "kg m"]
)
def test_a_unit_that_is_no_ucum_code_is_refused(faults, spelt):
    told = faults(row("vascular_age", unit=f"{{code: '{spelt}', text: x, from: {{a: 0}}}}"))

    assert [key for _, key, _ in told] == ["metrics.vascular_age.unit.code"]


def test_a_name_that_is_not_there_is_told_with_the_one_that_is_meant(faults):
    [(line, key, reason)] = faults("metrics:\n  body_hight: {enabled: false}\n")

    assert (line, key) == ("2", "metrics.body_hight")
    assert "'body_height'" in reason


def test_the_pressures_of_a_cuff_go_with_their_panel_alone(lay):
    changed = lay("panels:\n  blood_pressure: {enabled: false}\n")

    assert not changed.is_enabled(Metric.DIASTOLIC_BLOOD_PRESSURE)


def test_a_key_that_stands_twice_is_refused(faults):
    told = faults("metrics:\n  vo2_max: {enabled: true}\n  vo2_max: {enabled: false}\n")

    assert [(key, reason) for _, key, reason in told] == [("metrics.vo2_max", "stands twice")]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("version: 3\n", "version"),
        ("metrics: [body_weight]\n", "metrics"),
        ("metrics:\n  body_weight: off\n", "metrics.body_weight"),
        ("panels:\n  sleep: {joins: [steps]}\n", "panels.sleep.joins"),
        ("panels:\n  nap: {enabled: true}\n", "panels.nap"),
    ],
)
def test_what_is_no_row_of_the_table_is_refused(faults, text, key):
    assert [told for _, told, _ in faults(text)] == [key]


def test_all_faults_are_told_at_once_in_the_order_of_lines(faults):
    told = faults(
        "metrics:\n"
        "  body_weight:\n"
        "    category: exam\n"
        "    unit: {code: kgs, text: kg}\n"
        "  body_hight: {enabled: false}\n"
        "  sleep_score: {category: funny}\n"
        "extra: 1\n"
    )

    assert [(line, key) for line, key, _ in told] == [
        ("3", "metrics.body_weight.category"),
        ("4", "metrics.body_weight.unit.code"),
        ("4", "metrics.body_weight.unit.code"),
        ("5", "metrics.body_hight"),
        ("6", "metrics.sleep_score.category"),
        ("7", "extra"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "metrics: {\n",
        "a: b: c\n",
        "- 1\n- 2\n",
        "--- 1\n--- 2\n",
        "metrics: &a {b: *a}\n",
        "metrics:\n  vo2_max: {method: a\x07}\n",
        "[" * 3000,
    ],
)
@pytest.mark.usefixtures("collector_waits")
def test_text_that_is_no_overlay_is_refused_and_never_a_stack(lay, text):
    with pytest.raises(ConfigurationError, match=r"site\.yaml, line \d"):
        lay(text)


def test_a_control_character_is_told_with_its_line(lay):
    with pytest.raises(ConfigurationError, match=r"site\.yaml, line 2: .*control character"):
        lay("metrics:\n  vo2_max: {method: a\x07}\n")


def test_a_merge_key_may_bring_what_the_row_says_otherwise(lay):
    changed = lay(
        "metrics:\n"
        "  vascular_age:\n"
        "    coding: [&ours {system: 'https://a.example', code: VA, display: Vessels}]\n"
        "  metabolic_age:\n"
        "    coding: [{<<: *ours, code: MA}]\n"
    )

    [coding] = changed.metrics[Metric.METABOLIC_AGE].coding
    assert (coding.code, coding.display) == ("MA", "Vessels")


def test_a_fault_in_a_list_is_told_once(faults):
    told = faults(row("vo2_max", coding="[{system: 'https://a.example', code: 7, display: V}]"))

    assert [key for _, key, _ in told] == ["metrics.vo2_max.coding.0.code"]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.yaml cannot be read"):
        load_mapping(tmp_path / "gone.yaml")
