"""What Dagster loads: the asset graph as a snapshot, and that it all fits together."""

import dagster as dg
import pytest

from ohx_pipelines.definitions import build_defs
from tests.unit.dagster_settings import some_settings

# Dagster reads a resource without fields the way pydantic 1 wanted it.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

# Each change of the graph shows here in review.
GRAPH = {
    "withings/devices": {
        "deps": [],
        "group": "withings",
        "kinds": ["fhir", "python"],
        "owners": ["team:integration"],
        "partitions": "withings_links",
        "pool": "withings",
        "skippable": True,
        "backfill_policy": "MULTI_RUN of 50",
    },
    "withings/fetched": {
        "deps": [],
        "group": "withings",
        "kinds": ["oauth2", "python"],
        "owners": ["team:integration"],
        "partitions": {"day": "daily", "link": "withings_links"},
        "pool": "withings",
        "skippable": True,
        "backfill_policy": "MULTI_RUN of 100",
    },
    "withings/normalized": {
        "deps": ["withings/fetched"],
        "group": "withings",
        "kinds": ["pandas", "python"],
        "owners": ["team:integration"],
        "partitions": {"day": "daily", "link": "withings_links"},
        "pool": "withings",
        "skippable": True,
        "backfill_policy": "MULTI_RUN of 100",
    },
    "withings/published": {
        "deps": ["withings/normalized"],
        "group": "withings",
        "kinds": ["fhir", "python"],
        "owners": ["team:integration"],
        "partitions": {"day": "daily", "link": "withings_links"},
        "pool": "withings",
        "skippable": True,
        "backfill_policy": "MULTI_RUN of 100",
    },
}
GRAPH |= {
    f"{app}/published": {
        "deps": [],
        "group": app,
        "kinds": ["fhir", "file"],
        "owners": ["team:integration"],
        "partitions": {"day": "daily", "link": f"{app}_links"},
        "external": True,
    }
    for app in ("beurer", "omron_connect")
}
AUTOMATION = {
    "sensors": {
        "beurer_imports": 30,
        "beurer_link_partitions": 30,
        "beurer_unlinking": 30,
        "omron_connect_imports": 30,
        "omron_connect_link_partitions": 30,
        "omron_connect_unlinking": 30,
        "stranded_retries": 30,
        "withings_link_partitions": 30,
        "withings_link_records": 30,
        "withings_unlinking": 30,
    },
    "schedules": {
        "withings_devices": ("35 11 * * *", "UTC"),
        "withings_nightly": ("5 12 * * *", "UTC"),
    },
}


@pytest.fixture(scope="module")
def defs():
    return build_defs(some_settings())


@pytest.fixture(scope="module")
def assets(defs):
    """The assets that are made here."""
    return [one for one in defs.assets if isinstance(one, dg.AssetsDefinition)]


@pytest.fixture(scope="module")
def external(defs):
    """The assets that are made elsewhere."""
    return [one for one in defs.assets if isinstance(one, dg.AssetSpec)]


def partitions(given):
    if isinstance(given, dg.MultiPartitionsDefinition):
        return {one.name: partitions(one.partitions_def) for one in given.partitions_defs}
    dynamic = isinstance(given, dg.DynamicPartitionsDefinition)
    return given.name if dynamic else given.schedule_type.name.lower()


def described_spec(spec, partitions_def):
    return {
        "deps": [dep.asset_key.to_user_string() for dep in spec.deps],
        "group": spec.group_name,
        "kinds": sorted(spec.kinds),
        "owners": list(spec.owners),
        "partitions": partitions(partitions_def),
    }


def described(spec, assets_def):
    return described_spec(spec, assets_def.partitions_def) | {
        "pool": assets_def.op.pool,
        "skippable": spec.skippable,
        "backfill_policy": (
            f"{assets_def.backfill_policy.policy_type.name} of "
            f"{assets_def.backfill_policy.max_partitions_per_run}"
        ),
    }


def test_the_asset_graph_is_the_one_that_was_reviewed(assets, external):
    graph = {
        spec.key.to_user_string(): described(spec, one) for one in assets for spec in one.specs
    }
    graph |= {
        spec.key.to_user_string(): described_spec(spec, spec.partitions_def) | {"external": True}
        for spec in external
    }

    assert graph == GRAPH


def test_sensors_and_schedules_are_the_ones_that_were_reviewed(defs):
    assert {
        "sensors": {one.name: one.minimum_interval_seconds for one in defs.sensors},
        "schedules": {
            one.name: (one.cron_schedule, one.execution_timezone) for one in defs.schedules
        },
    } == AUTOMATION


def test_sensors_and_schedules_run_without_anybody_starting_them(defs):
    assert {one.default_status.value for one in [*defs.sensors, *defs.schedules]} == {"RUNNING"}


def test_every_asset_sensor_and_schedule_says_what_it_is_in_plain_words(assets, external, defs):
    texts = [spec.description for one in assets for spec in one.specs]
    texts += [spec.description for spec in external]
    texts += [one.description for one in [*defs.sensors, *defs.schedules]]

    assert [text for text in texts if not text or "{" in text or len(text) < 30] == []
    assert [text for text in texts[:4] if "Withings" in text] == [texts[0], texts[3]]


def test_the_step_of_the_stages_may_be_run_for_any_of_its_assets(assets):
    assert {one.can_subset for one in assets if len(one.keys) > 1} == {True}


def test_the_definitions_can_be_loaded(defs):
    dg.Definitions.validate_loadable(defs)


def test_runs_stay_in_one_process(defs):
    assert defs.executor is dg.in_process_executor


def test_the_settings_reach_backfills_and_the_sensor():
    given = {"partitions_per_run": 7, "links_per_run": 9, "partition_sensor_seconds": 11}
    defs = build_defs(some_settings(sync=given | {"devices_cron": "1 2 * * *"}))

    made = [one for one in defs.assets if isinstance(one, dg.AssetsDefinition)]
    assert [one.backfill_policy.max_partitions_per_run for one in made] == [7, 9]
    assert {s.minimum_interval_seconds for s in defs.sensors if "withings" in s.name} == {11}
    assert "1 2 * * *" in [one.cron_schedule for one in defs.schedules]


def test_a_resource_that_is_given_takes_the_place_of_the_default_one():
    mine = object()

    given = build_defs(some_settings(), resources={"links": mine}).resources

    assert given["links"] is mine
    assert set(given) == {"links", "vendors", "ehr"}


def test_each_call_gives_fresh_definitions(defs):
    assert build_defs(some_settings()) is not defs


def test_a_vendor_alone_has_what_ends_its_links_and_what_copies_their_records():
    settings = some_settings(withings=None, google_health={"client_id": "a", "client_secret": "s"})
    definitions = build_defs(settings)
    names = {one.name for one in definitions.sensors or ()}

    assert {"google_health_unlinking", "google_health_link_records"} <= names
    assert not any(name.startswith("withings") for name in names)
    assert definitions.resolve_job_def("google_health_devices")


def test_only_apps_whose_files_are_taken_have_an_asset_and_sensors():
    definitions = build_defs(some_settings(uploads={"apps": "beurer"}))

    graph = definitions.get_repository_def().asset_graph
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert "beurer/published" in keys
    assert not any(key.startswith("omron_connect") for key in keys)
    assert not any("omron_connect" in one.name for one in definitions.sensors)


def test_nothing_of_an_apps_asset_can_be_run(defs):
    graph = defs.get_repository_def().asset_graph

    node = graph.get(dg.AssetKey(["beurer", "published"]))

    assert (node.is_external, node.is_executable) == (True, False)
