"""What `ohx doctor` says of Dagster, for each answer that its web server can give."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.cli.checks.dagster import (
    check_daemons,
    check_partitions,
    check_tickers,
    check_web_server,
)
from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.links.records import LinkState
from tests.unit.cli.doctor_parts import (
    SCHEDULES,
    SENSORS,
    daemon,
    grid,
    health,
    ticker,
    workspace,
)
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, link_file

NO_FILES = {"apps": "none"}
TICKERS = (*SCHEDULES, *SENSORS)


@pytest.fixture
def dagster(site):
    """Have Dagster answer so, and give the API to ask it by."""

    def give(data):
        site.answer_json("/graphql", {"data": data})
        return DagsterApi(site.url)

    return give


def test_a_web_server_that_is_not_there_says_what_to_start(closed_port):
    [finding] = check_web_server(DagsterApi(f"http://127.0.0.1:{closed_port}"))

    assert finding.level == "failed"
    assert "Start `ohx up`" in finding.advice


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        (workspace(), "ok", "Dagster 1.13.27 answers, our code is loaded"),
        (workspace(loaded=False), "failed", "our code is not loaded"),
        (workspace(name="somebody_elses"), "failed", "our code is not loaded"),
        ({"version": "1", "workspaceOrError": {}}, "failed", "our code is not loaded"),
    ],
)
def test_a_web_server_is_well_when_our_code_is_loaded(dagster, answer, level, said):
    [finding] = check_web_server(dagster(answer))

    assert finding.level == level
    assert said in finding.found


SILENT = 151


@pytest.mark.parametrize(
    ("daemons", "level", "said"),
    [
        ([daemon("SENSOR"), daemon("BACKFILL")], "ok", "2 daemons are healthy"),
        ([daemon("SENSOR"), daemon("ASSET", required=False, healthy=False)], "ok", "1 daemons"),
        ([daemon("SENSOR"), daemon("BACKFILL", healthy=False)], "failed", "not running: BACKFILL"),
        (
            [daemon("SENSOR", healthy=False, seconds_ago=None), daemon("BACKFILL", healthy=None)],
            "failed",
            "not running: SENSOR, BACKFILL",
        ),
        (
            [daemon("SENSOR", seconds_ago=SILENT), daemon("BACKFILL", seconds_ago=SILENT)],
            "failed",
            "no daemon was heard of for 150 s",
        ),
        (
            [daemon("SENSOR"), daemon("BACKFILL", seconds_ago=SILENT)],
            "warning",
            "not heard of for 150 s: BACKFILL",
        ),
        ([daemon("SENSOR", seconds_ago=140)], "ok", "1 daemons are healthy"),
        ([], "failed", "not running: any daemon"),
    ],
)
def test_a_daemon_that_stopped_is_named_long_before_dagster_says_so(dagster, daemons, level, said):
    [finding] = check_daemons(dagster(health(*daemons)))

    assert finding.level == level
    assert said in finding.found
    assert bool(finding.advice) is (level != "ok")


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "ok", "12 are on"),
        ({"withings_unlinking": None}, "failed", "Dagster does not know withings_unlinking"),
        ({"stranded_retries": None}, "failed", "Dagster does not know stranded_retries"),
        ({"withings_link_records": None}, "failed", "does not know withings_link_records"),
        ({"withings_devices": None}, "failed", "Dagster does not know withings_devices"),
        ({"withings_nightly": None}, "failed", "Dagster does not know withings_nightly"),
        ({"beurer_imports": None}, "failed", "Dagster does not know beurer_imports"),
        ({"beurer_unlinking": None}, "failed", "Dagster does not know beurer_unlinking"),
        ({"omron_connect_link_partitions": None}, "failed", "omron_connect_link_partitions"),
        ({"withings_unlinking": {"status": "STOPPED"}}, "failed", "off: withings_unlinking"),
        ({"withings_nightly": {"status": "STOPPED"}}, "failed", "off: withings_nightly"),
        ({"withings_devices": {"status": "STOPPED"}}, "failed", "off: withings_devices"),
        ({"another": {"status": "STOPPED"}}, "failed", "off: another"),
        (
            {"withings_link_partitions": {"tick": "FAILURE"}},
            "warning",
            "the last tick failed of withings_link_partitions",
        ),
        ({"withings_link_partitions": {"tick": "SKIPPED"}}, "ok", "12 are on"),
    ],
)
def test_what_should_start_by_itself_and_does_not_is_named(dagster, changes, level, said):
    tickers = {name: {} for name in TICKERS} | changes
    schedules, sensors = (
        [
            ticker(name, kind, **given)
            for name, given in tickers.items()
            if given is not None and (name in SCHEDULES) is (kind == "schedule")
        ]
        for kind in ("schedule", "sensor")
    )

    [finding] = check_tickers(
        dagster(workspace(schedules=schedules, sensors=sensors)), some_settings()
    )

    assert finding.level == level
    assert said in finding.found


@pytest.fixture
def confirmed_long_ago(database_url):
    def do(link, **ago):
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE provider_links SET confirmed_at = :at, linked_at = :at WHERE id = :id"
                ),
                {"at": datetime.now(UTC) - timedelta(**ago), "id": link.id},
            )
        engine.dispose()

    return do


@pytest.mark.parametrize(
    ("seconds", "state", "level"),
    [
        (50, LinkState.ACTIVE, "ok"),
        (70, LinkState.ACTIVE, "failed"),
        (70, LinkState.NEEDS_RELINK, "ok"),
        (70, LinkState.UNLINKED, "ok"),
    ],
)
def test_an_active_link_that_is_no_partition_after_a_minute_says_that_the_sensor_is_off(
    dagster, store, confirmed_long_ago, seconds, state, level
):
    link = link_account(store, "ada", provider="withings")
    confirmed_long_ago(link, seconds=seconds)
    store.set_state(link.id, state)
    settings = some_settings(sync={"partition_sensor_seconds": 5}, uploads=NO_FILES)

    [finding] = check_partitions(dagster(grid(["2026-11-20"], [])), store, settings)

    assert finding.level == level
    assert (link.id in finding.found) is (level == "failed")
    assert ("withings_link_partitions is off" in finding.advice) is (level == "failed")


def test_an_active_link_that_is_a_partition_is_well(dagster, store, confirmed_long_ago):
    link = link_account(store, "ada", provider="withings")
    confirmed_long_ago(link, days=1)

    answer = grid(["2026-11-20"], [link.id])

    [finding] = check_partitions(dagster(answer), store, some_settings(uploads=NO_FILES))

    assert finding.level == "ok"
    assert finding.found.startswith("1 links x 366 days = 366 partitions")


@pytest.mark.parametrize(("links", "level"), [(1000, "ok"), (1001, "warning")])
def test_more_partitions_than_dagster_advises_are_a_warning(dagster, store, links, level):
    answer = grid(["2026-11-20"], [f"link{n}" for n in range(links)])

    settings = some_settings(partition_days=100, uploads=NO_FILES)

    [finding] = check_partitions(dagster(answer), store, settings)

    assert finding.level == level
    assert finding.advice == ("" if level == "ok" else "Lower OHX_PARTITION_DAYS.")


def test_a_link_of_files_that_is_no_partition_after_a_minute_is_a_failure_as_well(
    dagster, store, confirmed_long_ago
):
    link = link_file(store, "ada", provider="beurer")
    confirmed_long_ago(link, seconds=70)

    found = check_partitions(dagster(grid(["2026-11-20"], [])), store, some_settings())

    assert {one.name: one.level for one in found} == {
        "partitions withings": "ok",
        "partitions beurer": "failed",
        "partitions omron_connect": "ok",
    }


def test_sensors_of_files_are_not_missed_where_no_files_are_taken(dagster):
    sensors = [ticker(name, "sensor") for name in SENSORS if "beurer" not in name]
    settings = some_settings(uploads={"apps": "omron_connect"})

    [finding] = check_tickers(dagster(workspace(sensors=sensors)), settings)

    assert finding.level == "ok"
