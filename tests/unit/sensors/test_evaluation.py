"""What sensor and schedule ask Dagster for, evaluated on an instance and a real store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from ohx_pipelines.assets import build_stages
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.sensors import build_link_sensor, build_nightly
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpVendor

NOON = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
LINKS = link_partitions("acme").name
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@pytest.fixture(scope="module")
def instance_on_disk():
    # A schedule opens the instance a second time by its reference: one in memory has none.
    with dg.instance_for_test() as given:
        yield given


@pytest.fixture
def instance(instance_on_disk):
    for key in instance_on_disk.get_dynamic_partitions(LINKS):
        instance_on_disk.delete_dynamic_partition(LINKS, key)
    return instance_on_disk


@pytest.fixture
def tick(instance, store):
    """Evaluate the provider's link sensor once."""

    def evaluated():
        sensor = build_link_sensor("acme", some_settings())
        with dg.build_sensor_context(instance=instance, resources={"links": store}) as context:
            return sensor.evaluate_tick(context)

    return evaluated


@pytest.fixture
def night(instance, store):
    """Evaluate the provider's nightly schedule once."""

    def evaluated(at=NOON, *, told_late=0, **sync):
        settings = some_settings(sync=sync)
        facts = replace(MadeUpVendor().facts, look_back_days=told_late)
        stages = build_stages(facts, settings)
        schedule = build_nightly(facts, stages, settings)
        defs = dg.Definitions(
            assets=[stages],
            schedules=[schedule],
            resources=dict.fromkeys(("links", "vendors", "ehr"), object()),
        )
        with dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=at,
            resources={"links": store},
            repository_def=defs.get_repository_def(),
        ) as context:
            return schedule.evaluate_tick(context)

    return evaluated


def added(data):
    return [key for request in data.dynamic_partitions_requests for key in request.partition_keys]


def linked(store, number):
    return [link_account(store, f"account-{n}").id for n in range(number)]


def ranges(data):
    return [(request.tags[START], request.tags[END]) for request in data.run_requests]


def test_the_link_sensor_adds_each_active_link_that_has_no_partition_in_order(
    tick, store, instance
):
    first, second, third = linked(store, 3)
    instance.add_dynamic_partitions(LINKS, [second])

    data = tick()

    assert added(data) == [first, third]
    assert {request.partitions_def_name for request in data.dynamic_partitions_requests} == {LINKS}


def test_the_link_sensor_adds_only_links_that_a_patient_has_confirmed(tick, store):
    for state in LinkState:
        link = link_account(store, state.value)
        store.set_state(link.id, state)
        if state is LinkState.ACTIVE:
            active = link.id

    assert added(tick()) == [active]


def test_the_link_sensor_leaves_other_providers_links_alone(tick, store):
    link_account(store, "ada", provider="other")

    assert added(tick()) == []


def test_the_link_sensor_skips_with_a_reason_when_nothing_is_missing(tick, store, instance):
    instance.add_dynamic_partitions(LINKS, linked(store, 2))

    data = tick()

    assert not data.dynamic_partitions_requests
    assert data.skip_message


def test_twenty_links_and_three_days_are_one_run_over_the_whole_rectangle(night, store, instance):
    links = linked(store, 20)
    instance.add_dynamic_partitions(LINKS, links)

    data = night(look_back_days=3, links_per_run=50)

    assert ranges(data) == [(f"2026-11-21|{links[0]}", f"2026-11-23|{links[-1]}")]


def test_a_night_goes_before_backfills_in_the_queue(night, store, instance):
    instance.add_dynamic_partitions(LINKS, linked(store, 1))

    [request] = night().run_requests

    # Dagster's documents: runs without the tag have priority 0, higher numbers start first.
    assert int(request.tags["dagster/priority"]) > 0


@pytest.mark.parametrize(
    ("at", "yesterday"),
    [
        (NOON, date(2026, 11, 23)),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2027, 1, 1, 12, 5, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_a_night_is_yesterday(night, store, instance, at, yesterday):
    [link] = linked(store, 1)
    instance.add_dynamic_partitions(LINKS, [link])

    data = night(at, look_back_days=2)

    assert ranges(data) == [(f"{yesterday - timedelta(days=1)}|{link}", f"{yesterday}|{link}")]


@pytest.mark.parametrize(
    ("asked", "told_late", "days"), [(2, 0, 2), (2, 7, 7), (9, 7, 9)], ids=["own", "late", "longer"]
)
def test_a_vendor_that_is_told_of_readings_late_is_looked_back_at_for_longer(
    night, store, instance, asked, told_late, days
):
    [link] = linked(store, 1)
    instance.add_dynamic_partitions(LINKS, [link])

    [(first, last)] = ranges(night(look_back_days=asked, told_late=told_late))

    assert last == f"2026-11-23|{link}"
    assert first == f"{date(2026, 11, 24) - timedelta(days=days)}|{link}"


def test_a_run_covers_at_most_so_many_links(night, store, instance):
    links = linked(store, 5)
    instance.add_dynamic_partitions(LINKS, links)

    found = ranges(night(look_back_days=1, links_per_run=2))

    assert found == [
        (f"2026-11-23|{links[0]}", f"2026-11-23|{links[1]}"),
        (f"2026-11-23|{links[2]}", f"2026-11-23|{links[3]}"),
        (f"2026-11-23|{links[4]}", f"2026-11-23|{links[4]}"),
    ]


def test_a_link_that_was_unlinked_is_in_no_range(night, store, instance):
    links = linked(store, 4)
    instance.add_dynamic_partitions(LINKS, links)
    store.set_state(links[1], LinkState.UNLINKED)

    found = ranges(night(look_back_days=1))

    assert [(a.split("|")[1], b.split("|")[1]) for a, b in found] == [
        (links[0], links[0]),
        (links[2], links[3]),
    ]


def test_a_link_that_lost_its_permission_stays_in_so_that_its_red_day_is_seen(
    night, store, instance
):
    links = linked(store, 3)
    instance.add_dynamic_partitions(LINKS, links)
    store.set_state(links[1], LinkState.NEEDS_RELINK)

    [(start, end)] = ranges(night(look_back_days=1))

    assert (start.split("|")[1], end.split("|")[1]) == (links[0], links[2])


def test_a_link_without_a_partition_is_not_asked_for_yet(night, store, instance):
    linked(store, 2)

    data = night()

    assert not data.run_requests
    assert data.skip_message


def test_the_same_night_asks_for_the_same_runs_and_the_next_one_for_others(night, store, instance):
    instance.add_dynamic_partitions(LINKS, linked(store, 4))

    def keys(at):
        return [request.run_key for request in night(at, links_per_run=2).run_requests]

    assert keys(NOON) == keys(NOON)
    assert len(set(keys(NOON))) == 2
    assert not set(keys(NOON)) & set(keys(NOON + timedelta(days=1)))
