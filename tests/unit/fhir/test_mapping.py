"""The mapping table: every metric as the standard's tables say, and a fault in it is named."""

from importlib.resources import files

import pytest
import yaml

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.mapping import parse_mapping
from ohx_pipelines.measurements import Metric
from tests.unit.fhir.mapping_facts import COMPOSITION_BY_SEGMENT, FACTS, PANELS

SYSTEMS = {
    "loinc": "http://loinc.org",
    "mdc": "urn:iso:std:iso:11073:10101",
    "local": "https://open-health-exchange.org/fhir/CodeSystem/home-readings",
}
PROFILES = "http://hl7.org/fhir/StructureDefinition/"
# Codes that stand for something else in R5's vital signs or in public projects.
WRONG = {"8494-7", "8628-0", "60842-2", "97891-6", "73707-2", "80404-7", "101687-2", "69429-9"}
WRONG_UNITS = {"C", "bpm", "steps", "mmHg", "kcals", "[kcal_IT]", "{beats}/min"}


@pytest.fixture
def table():
    return yaml.safe_load(files("ohx_pipelines.fhir").joinpath("mapping.yaml").read_text())


def test_every_metric_has_a_row_and_a_fact_to_hold_it_against(mapping):
    assert set(mapping.metrics) == set(Metric)
    assert {name for name, *_ in FACTS} | set(COMPOSITION_BY_SEGMENT) == set(Metric)


@pytest.mark.parametrize("fact", FACTS, ids=[name for name, *_ in FACTS])
def test_a_metric_has_code_unit_profile_category_and_time_of_the_standard(mapping, fact):
    name, codes, unit, profile, category, effective = fact
    row = mapping.metrics[Metric(name)]

    expected = [tuple(code.split(" ")) for code in codes.split(", ")]
    assert [(c.system, c.code) for c in row.coding] == [(SYSTEMS[s], c) for s, c in expected]
    assert (row.unit.code if row.unit else row.shape) == unit
    assert row.profile == (PROFILES + profile if profile else None)
    assert (row.category, row.effective) == (category, effective)


@pytest.mark.parametrize("name", COMPOSITION_BY_SEGMENT)
def test_body_composition_by_segment_is_local_and_in_kilograms(mapping, name):
    row = mapping.metrics[Metric(name)]

    assert [(c.system, c.code) for c in row.coding] == [(SYSTEMS["local"], name.replace("_", "-"))]
    assert (row.unit.code, row.category, row.derived_from) == ("kg", "exam", "body_weight")


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_has_the_parts_that_belong_to_one_taking(mapping, name):
    code, value, components, joins, members = PANELS[name]
    row = mapping.panels[name]

    assert row.coding[0].code == code
    assert (row.value, row.members) == (value, members)
    assert set(row.components) == components
    assert set(row.joins) == joins


def test_the_series_coded_and_boolean_metrics_are_of_that_shape(mapping):
    by_shape = {}
    for metric, row in mapping.metrics.items():
        by_shape.setdefault(row.shape, set()).add(metric.value)

    assert by_shape["series"] == {
        name for name in by_shape["series"] if name.endswith("_series")
    } | {"ecg_waveform"}
    assert by_shape["coded"] == {
        "sleep_stage",
        "workout_type",
        "atrial_fibrillation_classification",
        "pulse_rhythm_classification",
        "irregular_rhythm_notification",
    }
    assert by_shape["boolean"] == {
        "irregular_heartbeat",
        "movement_during_measurement",
        "possible_atrial_fibrillation",
    }


def test_sleep_stages_alone_are_off_until_a_site_asks_for_them(mapping):
    assert [m.value for m in Metric if not mapping.is_enabled(m)] == ["sleep_stage"]


def test_no_code_and_no_unit_is_one_of_the_known_wrong_ones(mapping):
    rows = mapping.metrics.values()

    assert {c.code for row in rows for c in row.coding} & WRONG == set()
    assert {row.unit.code for row in rows if row.unit} & WRONG_UNITS == set()


def test_energies_of_different_meaning_and_glucose_of_different_dimension_share_no_code(mapping):
    metrics = mapping.metrics
    apart = [
        ["energy_expended_per_day", "active_energy_per_day", "basal_energy_per_day"],
        ["blood_glucose", "blood_glucose_molar"],
        ["steps_per_day", "steps"],
        ["heart_rate_variability_rmssd", "heart_rate_variability_sdnn"],
        ["skin_temperature", "skin_temperature_deviation", "skin_temperature_baseline"],
        ["apnea_hypopnea_index", "breathing_disturbances"],
    ]

    for names in apart:
        codes = [c.code for name in names for c in metrics[Metric(name)].coding]
        assert len(set(codes)) == len(names)


def test_an_estimate_says_how_it_was_made(mapping):
    metrics = mapping.metrics
    estimated = ["vo2_max", "vascular_age", "fat_mass", "water_ratio", "trunk_muscle_mass"]

    assert [name for name in estimated if not metrics[Metric(name)].method] == []
    assert metrics[Metric.MEAN_OXYGEN_SATURATION].method == "mean of the session"


def test_what_derives_from_the_weigh_in_or_the_ecg_says_so(mapping):
    metrics = mapping.metrics

    for name in ("body_mass_index", "fat_ratio", "muscle_mass", "visceral_fat_level"):
        assert metrics[Metric(name)].derived_from is Metric.BODY_WEIGHT
    source = metrics[Metric.ATRIAL_FIBRILLATION_CLASSIFICATION].derived_from
    assert source is Metric.ECG_WAVEFORM


def test_a_disabled_panel_takes_its_value_and_components_along_and_leaves_what_may_join(table):
    table["panels"]["blood_pressure"]["enabled"] = False
    mapping = parse_mapping(yaml.safe_dump(table))

    assert not mapping.is_enabled(Metric.SYSTOLIC_BLOOD_PRESSURE)
    assert mapping.is_enabled(Metric.HEART_RATE)


def test_a_missing_row_is_named(table):
    del table["metrics"]["bone_mass"]

    with pytest.raises(ConfigurationError, match="bone_mass"):
        parse_mapping(yaml.safe_dump(table))


def test_a_misspelt_key_is_named_with_its_place(table):
    table["metrics"]["body_weight"]["colour"] = "red"

    with pytest.raises(
        ConfigurationError, match=r"line \d+: metrics\.body_weight\.colour: no such"
    ):
        parse_mapping(yaml.safe_dump(table))


@pytest.mark.parametrize(
    ("section", "row", "key", "value", "told"),
    [
        ("metrics", "steps", "unit", None, "a quantity has a unit"),
        ("metrics", "irregular_heartbeat", "unit", {"code": "1", "text": "x"}, "has no unit"),
        ("metrics", "workout_type", "values", {}, "a coded metric has values"),
        ("metrics", "body_weight", "profile", "bodyweigth", "is not one of R5's"),
        ("metrics", "ecg_heart_rate", "profile", None, "8867-4 to the profile heartrate"),
        ("metrics", "mean_blood_pressure", "unit", {"code": "kPa", "text": "x"}, "mm\\[Hg\\]"),
        ("panels", "blood_pressure", "components", ["systolic_blood_pressure"], "8462-4"),
        ("panels", "sleep", "joins", ["sleep_duration"], "obs-7"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(table, section, row, key, value, told):
    table[section][row][key] = value

    with pytest.raises(ConfigurationError, match=told):
        parse_mapping(yaml.safe_dump(table))


def test_a_word_without_a_code_is_refused(table):
    del table["metrics"]["sleep_stage"]["values"]["deep"]

    with pytest.raises(ConfigurationError, match=r"metrics\.sleep_stage\.values: .*deep"):
        parse_mapping(yaml.safe_dump(table))


def test_text_that_is_no_yaml_is_named_with_its_line():
    with pytest.raises(ConfigurationError, match="line 2"):
        parse_mapping("version: 1\n\tmetrics: {}\n")


@pytest.mark.parametrize(
    "text", ["", "[]", "metrics: 3", "metrics: !!python/object:os.x {}", "{[a]: b}"]
)
def test_text_that_is_no_table_is_refused_with_a_place(text):
    with pytest.raises(ConfigurationError, match=r"mapping\.yaml, line 1"):
        parse_mapping(text)


def test_the_loinc_notice_ships_with_the_codes():
    assert "Regenstrief" in files("ohx_pipelines.fhir").joinpath("NOTICE").read_text()
