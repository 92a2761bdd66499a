"""Runs of the devices asset: for which links they are asked for, when, and how often."""

import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.test_utils import create_run_for_test

from ohx_pipelines.assets import build_devices
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.sensors import build_devices_daily, build_records_sensor, devices_job
from ohx_pipelines.sensors.link_needs import Needs, links_in_flight, run_needs
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpVendor

INSTANCE = Path(__file__).resolve().parents[3] / "dagster.yaml"
LINKS = link_partitions("acme").name
DEVICES, PUBLISHED = dg.AssetKey(["acme", "devices"]), dg.AssetKey(["acme", "published"])
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
NOON = datetime(2026, 11, 24, 11, 35, tzinfo=UTC)
GIVEN = dict.fromkeys(("links", "vendors", "ehr"), object())


@pytest.fixture(scope="module")
def instance_on_disk():
    # A schedule opens the instance a second time by its reference: one in memory has none.
    with dg.instance_for_test() as given:
        yield given


@pytest.fixture
def instance(instance_on_disk):
    for key in instance_on_disk.get_dynamic_partitions(LINKS):
        instance_on_disk.delete_dynamic_partition(LINKS, key)
    for run in instance_on_disk.get_runs():
        instance_on_disk.delete_run(run.run_id)
    return instance_on_disk


@pytest.fixture
def tick(instance, store):
    """Evaluate the provider's sensor once."""

    def evaluated(**sync):
        settings = some_settings(sync=sync)
        devices = build_devices(MadeUpVendor().facts, settings)
        sensor = build_records_sensor("acme", devices_job("acme", devices), settings)
        repository = dg.Definitions(
            assets=[devices], sensors=[sensor], resources=GIVEN
        ).get_repository_def()
        with dg.build_sensor_context(
            instance=instance, resources={"links": store}, repository_def=repository
        ) as context:
            return sensor.evaluate_tick(context)

    return evaluated


@pytest.fixture
def day(instance, store):
    """Evaluate the provider's daily schedule once."""

    def evaluated(at=NOON, **sync):
        settings = some_settings(sync=sync)
        devices = build_devices(MadeUpVendor().facts, settings)
        schedule = build_devices_daily("acme", devices_job("acme", devices), settings)
        repository = dg.Definitions(
            assets=[devices], schedules=[schedule], resources=GIVEN
        ).get_repository_def()
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=at,
            resources={"links": store},
            repository_def=repository,
        ) as context:
            return schedule.evaluate_tick(context)

    return evaluated


@pytest.fixture
def links(store, instance):
    """Five active links with their partitions, in order; the copy of each is due."""
    made = [link_account(store, f"account-{n}").id for n in range(5)]
    instance.add_dynamic_partitions(LINKS, made)
    return made


def ranges(data):
    return [(request.tags[START], request.tags[END]) for request in data.run_requests or []]


def written(store, *links):
    for link in links:
        store.note_record_written(link, store.record_to_copy(link).version)


def devices_run(instance, first, last, *, status=dg.DagsterRunStatus.STARTED, job="acme_devices"):
    # A queued run must say where its code is.
    repository = RemoteRepositoryOrigin(
        code_location_origin=GrpcServerCodeLocationOrigin(host="localhost", port=9),
        repository_name="acme",
    )
    create_run_for_test(
        instance,
        job_name=job,
        status=status,
        remote_job_origin=RemoteJobOrigin(repository_origin=repository, job_name=job),
        tags={START: first, END: last},
    )


def test_links_whose_copy_is_due_and_that_stand_together_are_one_run(tick, links):
    data = tick()

    assert ranges(data) == [(links[0], links[4])]


def test_a_copy_that_is_due_comes_before_syncs_and_a_days_refresh_does_not(tick, day, links):
    def priorities(data):
        return [int(request.tags["dagster/priority"]) for request in data.run_requests]

    assert priorities(tick()) == [1]
    assert priorities(day()) == [0]


def test_runs_of_the_asset_carry_the_tag_that_lets_one_at_a_time_be_under_way(instance):
    devices = build_devices(MadeUpVendor().facts, some_settings())
    defs = dg.Definitions(assets=[devices], jobs=[devices_job("acme", devices)], resources=GIVEN)
    [limit] = yaml.safe_load(INSTANCE.read_text())["concurrency"]["runs"]["tag_concurrency_limits"]

    tags = defs.resolve_job_def("acme_devices").tags

    assert (limit["key"] in tags, limit["limit"]) == (True, 1)


def test_a_link_whose_copy_is_written_is_not_asked_for(tick, store, links):
    written(store, *links[1:])

    assert ranges(tick()) == [(links[0], links[0])]


def test_when_every_copy_is_written_the_tick_says_so(tick, store, links):
    written(store, *links)

    data = tick()

    assert not data.run_requests
    assert data.skip_message == "Every active link's record is copied to its EHR."


def test_a_change_of_sharing_makes_the_copy_due_again(tick, store, links):
    written(store, *links)
    store.share(links[2], ["pulse"], who="patient x")

    assert ranges(tick()) == [(links[2], links[2])]


def test_links_apart_are_runs_of_their_own_and_at_most_two_at_once(tick, store, links):
    written(store, links[1], links[3])

    assert ranges(tick()) == [(links[0], links[0]), (links[2], links[2])]


def test_a_run_covers_at_most_so_many_links(tick, links):
    assert ranges(tick(links_per_run=2)) == [(links[0], links[1]), (links[2], links[3])]


def test_a_link_without_a_partition_waits_for_one(tick, store, links):
    written(store, *links)
    late = link_account(store, "late").id

    assert ranges(tick()) == []
    assert late in store.due_records("acme", most=9, ended=False)


def test_neither_ended_links_nor_another_providers_are_asked_for(tick, store, links, instance):
    written(store, *links[:4])
    store.begin_unlink(links[4], who="patient x")
    other = link_account(store, "other", provider="other").id
    instance.add_dynamic_partitions(LINKS, [other])

    assert ranges(tick()) == []


@pytest.mark.parametrize(
    "status",
    [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
    ],
)
def test_no_run_is_asked_for_while_one_is_on_its_way_for_the_link(tick, instance, links, status):
    devices_run(instance, links[0], links[2], status=status)

    assert ranges(tick()) == [(links[3], links[4])]


def test_when_a_run_is_on_its_way_for_all_the_tick_says_so(tick, instance, links):
    devices_run(instance, links[0], links[4])

    data = tick()

    assert not data.run_requests
    assert data.skip_message == "5 links are due: a run or a partition is on its way."


def test_a_run_that_was_launched_from_the_ui_counts_as_well(tick, instance, links):
    create_run_for_test(
        instance,
        job_name="__ASSET_JOB",
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset({DEVICES}),
        tags={"dagster/partition": links[0]},
    )

    assert ranges(tick()) == [(links[1], links[4])]


def test_syncs_that_are_under_way_hold_no_copy_up(tick, instance, links):
    devices_run(instance, f"2026-11-20|{links[0]}", f"2026-11-23|{links[4]}", job="acme_nightly")
    create_run_for_test(
        instance,
        job_name="__ASSET_JOB",
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset({PUBLISHED}),
        tags={START: f"2026-11-20|{links[0]}", END: f"2026-11-23|{links[4]}"},
    )

    assert ranges(tick()) == [(links[0], links[4])]


def test_a_run_that_ended_well_holds_no_copy_up(tick, instance, links):
    devices_run(instance, links[0], links[4], status=dg.DagsterRunStatus.SUCCESS)

    assert ranges(tick()) == [(links[0], links[4])]


def test_a_run_that_failed_is_not_asked_for_again_within_a_minute(instance, links):
    devices_run(instance, links[0], links[2], status=dg.DagsterRunStatus.FAILURE)

    def busy(seconds_later):
        now = time.time() + seconds_later
        return links_in_flight(instance, DEVICES, "acme_devices", links, now=now)

    assert busy(50) == Needs(links=frozenset(links[:3]))
    assert busy(70) == Needs()


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({START: "b", END: "c"}, "bc"),
        ({"dagster/partition": "b"}, "b"),
        ({START: "x", END: "x"}, ""),
    ],
)
def test_a_run_over_links_alone_keeps_their_partitions(tags, kept):
    assert run_needs(tags, ["a", "b", "c", "d"]) == Needs(links=frozenset(kept))


def test_a_run_whose_links_cannot_be_read_holds_up_all(tick, instance, links):
    create_run_for_test(instance, job_name="acme_devices", status=dg.DagsterRunStatus.STARTED)

    assert ranges(tick()) == []


def test_a_copy_that_failed_is_asked_for_again_only_after_its_pause(tick, store, links):
    written(store, *links[1:])
    store.note_record_failed(links[0], "ehr_down")

    assert ranges(tick()) == []
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE provider_links SET record_tried_at = now() - interval '61 seconds' "
            f"WHERE id = '{links[0]}'"
        )
    assert ranges(tick()) == [(links[0], links[0])]


def test_a_day_asks_for_every_link_whether_or_not_its_copy_is_due(day, store, links):
    written(store, *links[:3])

    assert ranges(day()) == [(links[0], links[4])]


def test_a_day_leaves_ended_links_out_and_keeps_those_that_lost_their_permission(day, store, links):
    store.set_state(links[1], LinkState.UNLINKED)
    store.set_state(links[3], LinkState.NEEDS_RELINK)

    assert ranges(day()) == [(links[0], links[0]), (links[2], links[4])]


def test_the_same_day_asks_for_the_same_runs_and_the_next_one_for_others(day, links):
    def keys(at):
        return [request.run_key for request in day(at, links_per_run=2).run_requests]

    assert keys(NOON) == keys(NOON)
    assert len(set(keys(NOON))) == 3
    assert not set(keys(NOON)) & set(keys(NOON.replace(day=25)))


def test_a_day_without_links_says_so(day):
    assert day().skip_message == "No link is active."
