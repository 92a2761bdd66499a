"""The processes' common ground: addresses, environment, and Dagster's own files."""

from contextlib import ExitStack
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._core.workspace.load import location_origins_from_yaml_paths

from ohx_pipelines.cli import stack
from ohx_pipelines.cli.stack import beside, child_environment, open_databases, with_databases
from ohx_pipelines.links.migrate import ensure_database
from tests.unit.dagster_settings import some_settings

REPOSITORY = Path(__file__).resolve().parents[3]
OURS = (
    "postgresql+psycopg2://u:p%40w@db.example:5433/ohx?sslmode=require"  # pragma: allowlist secret
)
DAGSTERS = "postgresql+psycopg2://u:p%40w@db.example:5433/ohx_dagster?sslmode=require"  # pragma: allowlist secret


@pytest.fixture
def dagster_yaml(monkeypatch):
    monkeypatch.setenv("OHX_DAGSTER__DATABASE_URL", DAGSTERS)
    return yaml.safe_load((REPOSITORY / "dagster.yaml").read_text())


def test_dagsters_database_lies_beside_ours_with_the_same_server_user_and_options():
    assert beside(OURS) == DAGSTERS


def test_dagsters_own_address_wins_over_the_one_beside_ours():
    other = "postgresql+psycopg2://other@db.example/elsewhere"
    settings = some_settings(database_url=OURS, dagster={"database_url": other})

    with ExitStack() as exits:
        found = open_databases(settings, exits)

    assert (found.ohx, found.dagster) == (OURS, other)


def test_no_server_is_started_when_a_database_is_named(tmp_path):
    with ExitStack() as exits:
        found = open_databases(some_settings(database_url=OURS, state_dir=tmp_path), exits)

    assert (found.ohx, found.dagster) == (OURS, DAGSTERS)
    assert list(tmp_path.iterdir()) == []


def test_children_know_the_databases_and_dagster_keeps_no_text_of_errors(tmp_path):
    settings = some_settings(database_url=OURS, state_dir=tmp_path)
    with ExitStack() as exits:
        settings = with_databases(settings, open_databases(settings, exits))

    env = child_environment(settings, {"PATH": "/bin", "DAGSTER_HOME": "/elsewhere"})

    assert env["PATH"] == "/bin"
    assert (env["OHX_DATABASE_URL"], env["OHX_DAGSTER__DATABASE_URL"]) == (OURS, DAGSTERS)
    assert env["DAGSTER_HOME"] == str(tmp_path / "dagster")
    assert (env["DAGSTER_REDACT_USER_CODE_ERRORS"], env["DAGSTER_DISABLE_TELEMETRY"]) == ("1", "1")


def test_dagster_takes_the_instances_configuration(dagster_yaml):
    config, custom = dagster_instance_config(str(REPOSITORY))

    assert custom is None
    assert set(config) == set(dagster_yaml)


@pytest.mark.parametrize("retries", [0, 5])
def test_the_settings_say_how_often_a_run_with_a_dead_worker_is_started_again(
    monkeypatch, tmp_path, dagster_yaml, retries
):
    monkeypatch.setenv("OHX_DAGSTER__DATABASE_URL", DAGSTERS)
    text = stack.instance_configuration(some_settings(dagster={"run_retries": retries}))
    (tmp_path / "dagster.yaml").write_text(text)

    config, _ = dagster_instance_config(str(tmp_path))

    assert config["run_retries"]["max_retries"] == retries
    assert yaml.safe_load(text) == dagster_yaml | {"run_retries": config["run_retries"]}


def test_a_run_is_started_again_twice_when_nothing_is_said():
    text = stack.instance_configuration(some_settings())
    assert yaml.safe_load(text)["run_retries"]["max_retries"] == 2


def test_dagster_opens_the_instance_on_a_real_database(monkeypatch, tmp_path, new_database):
    url = new_database()
    ensure_database(url)
    monkeypatch.setenv("OHX_DAGSTER__DATABASE_URL", url)
    (tmp_path / "dagster.yaml").write_text((REPOSITORY / "dagster.yaml").read_text())

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.add_dynamic_partitions("acme_links", ["a"])

        assert instance.get_dynamic_partitions("acme_links") == ["a"]
        assert instance.run_monitoring_enabled
        assert not instance.telemetry_enabled
        assert type(instance.compute_log_manager).__name__ == "NoOpComputeLogManager"
        assert type(instance.run_coordinator).__name__ == "QueuedRunCoordinator"


def test_nothing_is_retried_but_a_crashed_worker_and_nothing_is_told_to_anybody(dagster_yaml):
    assert dagster_yaml["run_retries"]["enabled"] is True
    assert dagster_yaml["run_retries"]["retry_on_asset_or_op_failure"] is False
    assert dagster_yaml["run_monitoring"]["enabled"] is True
    assert dagster_yaml["telemetry"]["enabled"] is False
    assert dagster_yaml["concurrency"]["pools"]["granularity"] == "run"


def test_the_workspace_names_the_module_that_has_the_definitions():
    origins = location_origins_from_yaml_paths([str(REPOSITORY / "workspace.yaml")])

    [origin] = origins
    assert origin.location_name == "ohx_pipelines"
    assert origin.loadable_target_origin.module_name == "ohx_pipelines.definitions"


def test_the_workspace_of_ohx_up_names_its_code_server(tmp_path):
    file = tmp_path / "workspace.yaml"
    file.write_text(stack._workspace(4711))

    [origin] = location_origins_from_yaml_paths([str(file)])

    assert (origin.host, origin.port, origin.location_name) == ("127.0.0.1", 4711, "ohx_pipelines")
