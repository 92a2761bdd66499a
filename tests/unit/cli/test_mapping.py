"""`ohx mapping`: the effective table in three forms, and the judgement of a site's file."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.measurements import Metric

PAGE = Path(__file__).resolve().parents[3] / "docs" / "mapping.md"
SITE = """
metrics:
  sleep_stage: {enabled: true}
  distance: {unit: {code: km, text: km, from: {m: -3}}}
  workout_type:
    values:
      yoga: {system: "https://clinic.example/codes", code: Y, display: Yoga}
panels:
  workout: {coding: [{system: "https://clinic.example/codes", code: W, display: Workout}]}
"""
WRONG = """
metrics:
  body_weight: {category: exam}
  body_temperature: {unit: {code: C, text: C, from: {Cel: 0}}}
"""


@pytest.fixture
def ohx(no_settings):
    return lambda *arguments: CliRunner().invoke(main, ["mapping", *map(str, arguments)])


@pytest.fixture
def site(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(SITE)
    return file


@pytest.fixture
def with_site(monkeypatch, site):
    monkeypatch.setenv("OHX_MAPPING_FILE", str(site))


def test_the_table_is_shown_without_any_setting(ohx):
    ended = ohx("show")

    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(Metric)]] == [metric.value for metric in Metric]
    weight = next(line for line in lines if line.split()[0] == "body_weight")
    assert "LOINC 29463-7 | kg | point | vital-signs" in weight
    assert "changed" not in ended.stdout


def test_what_the_sites_file_changed_is_marked(ohx, no_settings, with_site):
    lines = ohx("show").stdout.splitlines()

    marked = {line.split()[1]: line for line in lines if line.startswith("*")}
    assert set(marked) == {"sleep_stage", "distance", "workout_type", "workout"}
    assert "| km |" in marked["distance"]
    assert marked["distance"].endswith("[changed: unit]")


def test_one_row_is_shown_with_its_details(ohx):
    text = ohx("show", "--metric", "resting_heart_rate").stdout

    assert "LOINC 40443-4 Heart rate --resting" in text
    assert "LOINC 8867-4 Heart rate" in text
    assert re.search(r"profile +heartrate", text)
    assert "body_weight" not in text


def test_a_panel_is_shown_by_its_name(ohx):
    text = ohx("show", "--metric", "blood_pressure").stdout

    assert re.search(r"always +systolic_blood_pressure, diastolic_blood_pressure", text)


def test_an_unknown_name_is_a_wrong_use(ohx):
    ended = ohx("show", "--metric", "weigth")

    assert ended.exit_code == 2
    assert "no metric or panel 'weigth'" in ended.output


def test_the_json_is_one_object_with_what_the_site_changed(ohx, no_settings, with_site):
    shown = json.loads(ohx("show", "--json").stdout)

    assert set(shown) == {"version", "metrics", "panels"}
    assert shown["metrics"]["distance"]["unit"]["code"] == "km"
    assert shown["metrics"]["distance"]["changed"] == ["unit"]
    assert shown["metrics"]["body_weight"]["changed"] == []
    assert shown["panels"]["workout"]["coding"][0]["code"] == "W"


def test_a_right_file_is_judged_with_what_it_changes(ohx, site):
    ended = ohx("check", site)

    assert ended.exit_code == 0
    assert [line.split(":")[0].strip() for line in ended.stdout.splitlines()[1:]] == [
        "metrics.distance.unit",
        "metrics.workout_type.values",
        "metrics.sleep_stage.enabled",
        "panels.workout.coding",
    ]
    assert "metrics.sleep_stage.enabled: false -> true" in ended.stdout
    assert "metrics.workout_type.values: yoga" in ended.stdout


def test_a_file_that_changes_nothing_is_right(ohx, tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text("metrics:\n  body_weight: {enabled: true}\n")

    ended = ohx("check", file)

    assert (ended.exit_code, ended.stdout) == (0, f"{file} is right, and changes nothing.\n")


def test_a_wrong_file_is_judged_with_every_fault_and_status_1(ohx, tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(WRONG)

    ended = ohx("check", file)

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "site.yaml, line 3: metrics.body_weight.category: " in ended.stderr
    assert "site.yaml, line 4: metrics.body_temperature.unit.code: " in ended.stderr
    assert "write 'Cel'" in ended.stderr


def test_the_table_of_a_wrong_file_is_not_shown(ohx, no_settings, monkeypatch, tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(WRONG)
    monkeypatch.setenv("OHX_MAPPING_FILE", str(file))

    ended = ohx("show")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "metrics.body_weight.category" in ended.stderr


def test_the_local_code_system_is_printed_as_a_resource_for_a_server(ohx):
    printed = json.loads(ohx("code-system").stdout)

    assert printed["resourceType"] == "CodeSystem"
    codes = {concept["code"] for concept in printed["concept"]}
    assert {"heart-rate-variability-rmssd", "deep-sleep", "running"} <= codes


def test_the_page_has_the_tables_that_the_command_prints(ohx):
    page = PAGE.read_text()
    printed = re.search(r"begin of the printed tables -->\n\n(.*?)\n<!-- end", page, re.DOTALL)[1]

    assert printed == ohx("show", "--markdown").stdout


def test_the_example_of_the_page_is_a_right_file(ohx, tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text(re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[1])

    ended = ohx("check", file)

    assert ended.exit_code == 0
    named = {line.split(":")[0].strip() for line in ended.stdout.splitlines()[1:]}
    assert named == {
        "metrics.sleep_stage.enabled",
        "metrics.vascular_age.enabled",
        "metrics.heart_rate_series.resolution_seconds",
        "metrics.steps_per_day.open_day",
        "metrics.steps_per_day.unit",
        "metrics.visceral_fat_level.coding",
        "panels.sleep.category",
    }


def test_the_page_explains_every_key_that_a_site_may_set(ohx, tmp_path):
    """The keys that an overlay may set are those that a refusal names."""
    file = tmp_path / "site.yaml"
    file.write_text("metrics:\n  body_weight: {colour: red}\n")
    named = re.search(r"it may set (.*)", ohx("check", file).stderr)[1].split(", ")

    explained = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))
    assert set(named) <= explained
