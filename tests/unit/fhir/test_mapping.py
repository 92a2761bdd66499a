"""The mapping table: whole, and a fault in it is named."""

from importlib.resources import files

import pytest
import yaml

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.mapping import load_mapping, parse_mapping
from ohx_pipelines.measurements import Metric


@pytest.fixture
def table():
    return yaml.safe_load(files("ohx_pipelines.fhir").joinpath("mapping.yaml").read_text())


def test_every_metric_has_a_row():
    assert set(load_mapping().metrics) == set(Metric)


def test_a_missing_row_is_named(table):
    del table["metrics"]["bone_mass"]

    with pytest.raises(ConfigurationError, match="bone_mass"):
        parse_mapping(yaml.safe_dump(table))


def test_a_misspelt_key_is_named_with_its_place(table):
    table["metrics"]["body_weight"]["colour"] = "red"

    with pytest.raises(ConfigurationError, match=r"metrics\.body_weight\.colour"):
        parse_mapping(yaml.safe_dump(table))


def test_text_that_is_no_yaml_is_named_with_its_line():
    with pytest.raises(ConfigurationError, match="line 2"):
        parse_mapping("version: 1\n\tmetrics: {}\n")


def test_the_loinc_notice_ships_with_the_codes():
    assert "Regenstrief" in files("ohx_pipelines.fhir").joinpath("NOTICE").read_text()
