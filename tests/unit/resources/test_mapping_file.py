"""OHX_MAPPING_FILE: the site's changes reach a run, and a wrong file stops `ohx up` at once."""

import os

import dagster as dg
import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.measurements import Metric
from ohx_pipelines.resources.ehr import EhrResource

# Dagster reads a resource's fields the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")
SETTINGS = {
    "OHX_IDENTIFIER_SECRET": "i" * 32,
    "OHX_TOKEN_KEY": "a" * 43 + "=",
    "OHX_EHR__URL": "https://ehr.example/fhir",
    "OHX_OIDC__ISSUER": "https://login.example",
    "OHX_OIDC__CLIENT_ID": "portal",
    "OHX_OIDC__CLIENT_SECRET": "s",
    "OHX_WITHINGS__CLIENT_ID": "app",
    "OHX_WITHINGS__CLIENT_SECRET": "s",
    "OHX_PORTAL__SECRET_KEY": "p" * 32,
}


@pytest.fixture
def site(monkeypatch, tmp_path, database_url):
    """Writes the site's file and names it beside all that must be set."""
    for name in [name for name in os.environ if name.startswith("OHX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "site.yaml"
    for name, value in (SETTINGS | {"OHX_DATABASE_URL": database_url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OHX_MAPPING_FILE", str(file))
    return file


def mapping_of_a_run():
    with EhrResource().yield_for_execution(dg.build_init_resource_context()) as access:
        return access.mapping


def test_a_run_has_the_sites_changes(site):
    site.write_text("metrics:\n  bone_mass: {enabled: false}\n")

    assert not mapping_of_a_run().is_enabled(Metric.BONE_MASS)


def test_a_run_with_a_wrong_file_does_not_begin(site):
    site.write_text("metrics:\n  body_weight: {category: exam}\n")

    with pytest.raises(ConfigurationError, match=r"site\.yaml, line 2"):
        mapping_of_a_run()


def test_up_tells_a_wrong_file_and_starts_nothing(site, tmp_path):
    site.write_text("metrics:\n  body_weight: {category: exam}\n")

    ended = CliRunner().invoke(main, ["up"])

    assert ended.exit_code == 1
    assert "site.yaml, line 2: metrics.body_weight.category" in ended.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["site.yaml"]
