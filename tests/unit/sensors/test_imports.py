"""What files brought, told to Dagster: every day once, in order, and green where it is in the EHR."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import (
    get_and_update_asset_status_cache_value,
)

from ohx_pipelines.assets.imported import build_imported
from ohx_pipelines.assets.partitions import day_link_key, day_link_partitions, link_partitions
from ohx_pipelines.errors import EhrDown
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.links.ledger import Place
from ohx_pipelines.links.records import LinkState, RecordState
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage
from ohx_pipelines.providers.registry import file_sources
from ohx_pipelines.sensors import build_imports_sensor
from ohx_pipelines.sensors.imports import MOST_PER_TICK, cursor_of, place_of
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_file
from tests.unit.made_up import MadeUpEhr

LINKS = link_partitions("beurer").name
PUBLISHED = dg.AssetKey(["beurer", "published"])
TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


@dataclass
class OneEhr:
    """Access to one made-up EHR."""

    client: MadeUpEhr = field(default_factory=MadeUpEhr)
    secret: bytes = b"s" * 40

    def publisher(self, connection):
        return Publisher(self.client)


@pytest.fixture
def ehr():
    return OneEhr()


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as given:
        yield given


@pytest.fixture
def tick(instance, store, ehr):
    """Evaluate the sensor and carry out what it gives, as the daemon does; the cursor is kept."""
    cursors = [None]

    def evaluated(**changes):
        sensor = build_imports_sensor("beurer", some_settings(**changes))
        given = {"links": store, "vendors": file_sources(), "ehr": ehr}
        with dg.build_sensor_context(
            instance=instance, resources=given, cursor=cursors[-1]
        ) as context:
            data = sensor.evaluate_tick(context)
        for event in data.asset_events:
            instance.report_runless_asset_event(event)
        cursors.append(data.cursor)
        return data

    return evaluated


@pytest.fixture
def link(store, instance):
    """A link of files with its partition, of which the EHR knows."""
    made = link_file(store, "ada").id
    instance.add_dynamic_partitions(LINKS, [made])
    store.note_record_written(made, store.record_to_copy(made).version)
    return made


@pytest.fixture
def note(store):
    """Note days in the ledger, so many seconds ago."""

    def noted(link_id, *results, seconds_ago=60.0):
        store.record_days(link_id, results, run_id="file-1")
        days = [one.day for one in results]
        with store.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE sync_ledger SET last_at = now() - %s * interval '1 second' "
                "WHERE link_id = %s AND day = ANY(%s)",
                (seconds_ago, link_id, days),
            )

    return noted


def done(day, **counts):
    return DayResult(day=day, outcome=Outcome.SYNCED, counts=Counts(**counts))


def failed(day):
    return DayResult(
        day=day,
        outcome=Outcome.EHR_DOWN,
        failed_stage=Stage.PUBLISHED,
        error="out_of_time",
    )


def told(data):
    return [(type(event).__name__, event.partition) for event in data.asset_events]


def materialized(*days_and_links):
    return [("AssetMaterialization", f"{day}|{link}") for day, link in days_and_links]


def statuses(instance, link, *days):
    keys = [str(day_link_key(day, link)) for day in days]
    found = instance.get_status_by_partition(
        PUBLISHED, keys, day_link_partitions("beurer", some_settings().partition_days)
    )
    return [status and status.value for status in map((found or {}).get, keys)]


def green_in_the_ui(instance):
    """What the page of the asset reads."""
    grid = day_link_partitions("beurer", some_settings().partition_days)
    value = get_and_update_asset_status_cache_value(instance, PUBLISHED, grid)
    return set(value.deserialize_materialized_partition_subsets(grid).get_partition_keys())


def test_a_day_that_a_file_brought_is_green_after_the_tick(tick, instance, link, note):
    note(link, done(YESTERDAY))

    tick()

    assert statuses(instance, link, YESTERDAY, TODAY) == ["MATERIALIZED", None]
    assert green_in_the_ui(instance) == {f"{YESTERDAY}|{link}"}


def test_the_event_says_counts_and_no_value(tick, link, note):
    note(link, done(YESTERDAY, rows=3, observations=2, created=2, rejected=1))

    [event] = tick().asset_events

    assert event.asset_key == PUBLISHED
    metadata = {name: value.value for name, value in event.metadata.items()}
    assert metadata["outcome"] == "synced"
    assert (metadata["created"], metadata["rejected"], metadata["retracted"]) == (2, 1, 0)


def test_a_day_that_failed_is_an_observation_that_says_how_and_is_not_green(
    tick, instance, link, note
):
    note(link, failed(YESTERDAY))

    [event] = tick().asset_events

    assert isinstance(event, dg.AssetObservation)
    assert event.metadata["error"].value == "out_of_time"
    assert statuses(instance, link, YESTERDAY) == [None]


def test_a_day_is_reported_once_and_again_when_another_file_brings_it(tick, link, note):
    note(link, done(YESTERDAY), seconds_ago=90)

    assert told(tick()) == materialized((YESTERDAY, link))
    assert told(tick()) == []

    note(link, done(YESTERDAY), seconds_ago=30)
    assert told(tick()) == materialized((YESTERDAY, link))


def test_days_come_in_the_order_in_which_they_were_noted(tick, link, note):
    note(link, done(TODAY), seconds_ago=90)
    note(link, done(YESTERDAY), seconds_ago=30)

    assert told(tick()) == materialized((TODAY, link), (YESTERDAY, link))


def test_a_row_that_was_noted_a_moment_ago_waits_for_another_tick(tick, link, note):
    note(link, done(YESTERDAY), seconds_ago=3)

    assert told(tick()) == []

    note(link, done(YESTERDAY), seconds_ago=15)
    assert told(tick()) == materialized((YESTERDAY, link))


def test_a_large_file_is_reported_over_several_ticks_and_nothing_twice(tick, link, note):
    days = [YESTERDAY - timedelta(days=n) for n in range(MOST_PER_TICK + 20)]
    note(link, *map(done, days))

    first, second, third = tick(), tick(), tick()

    assert (len(first.asset_events), len(second.asset_events)) == (MOST_PER_TICK, 20)
    assert third.asset_events == []
    assert {partition for _, partition in told(first) + told(second)} == {
        f"{day}|{link}" for day in days
    }


def test_days_that_are_no_partition_are_passed_over(tick, link, note):
    long_ago, to_come = TODAY - timedelta(days=2000), TODAY + timedelta(days=3)
    note(link, done(long_ago), done(to_come), done(YESTERDAY))

    assert told(tick()) == materialized((YESTERDAY, link))


def test_days_of_a_new_link_wait_for_its_partition_and_lose_nothing(
    tick, store, instance, link, note
):
    new = link_file(store, "ben").id
    note(link, done(YESTERDAY), seconds_ago=90)
    note(new, done(YESTERDAY), seconds_ago=60)
    note(link, done(TODAY), seconds_ago=30)

    data = tick()
    assert told(data) == materialized((YESTERDAY, link))
    assert "wait for its partition" in data.skip_message

    instance.add_dynamic_partitions(LINKS, [new])
    assert told(tick()) == materialized((YESTERDAY, new), (TODAY, link))


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_a_link_that_ended_before_it_had_a_partition_holds_up_nobody(
    tick, store, link, note, state
):
    gone = link_file(store, "ben").id
    note(gone, done(YESTERDAY), seconds_ago=90)
    note(link, done(YESTERDAY), seconds_ago=60)
    store.set_state(gone, state)

    assert told(tick()) == materialized((YESTERDAY, link))


def test_other_apps_days_are_not_this_sensors(tick, store, instance, note):
    other = link_file(store, "ada", provider="omron_connect").id
    instance.add_dynamic_partitions(LINKS, [other])
    note(other, done(YESTERDAY))

    assert told(tick()) == []


def test_a_consent_that_the_upload_could_not_copy_is_copied(tick, store, ehr, instance):
    link = link_file(store, "ada").id

    data = tick()

    [consent] = [one for (kind, _), one in ehr.client.held.items() if kind == "Consent"]
    assert (consent["status"], consent["subject"]["reference"]) == ("active", "Patient/patient-ada")
    assert store.statuses(link_id=link)[0].record is RecordState.WRITTEN
    assert f"The EHR knows what {link} shares." in data.skip_message


def test_an_ehr_that_is_down_keeps_no_day_from_being_reported(tick, store, ehr, instance, note):
    link = link_file(store, "ada").id
    instance.add_dynamic_partitions(LINKS, [link])
    note(link, done(YESTERDAY))
    ehr.client.read_error = EhrDown()

    data = tick()

    assert told(data) == materialized((YESTERDAY, link))
    assert f"{link} waits for the EHR (ehr_down)." in data.skip_message


def test_nothing_to_do_asks_no_ehr(tick, link, ehr):
    data = tick()

    assert (data.asset_events, data.skip_message) == ([], "0 days are reported.")
    assert ehr.client.log == []


def test_a_cursor_is_read_as_it_was_written():
    place = Place(at=datetime(2026, 6, 5, 1, 2, 3, 456, tzinfo=UTC), link_id="abc", day=TODAY)

    assert place_of(cursor_of(place)) == place


@pytest.mark.parametrize("cursor", [None, "", "nonsense", "a|b|c"])
def test_a_cursor_that_cannot_be_read_begins_anew(cursor):
    assert place_of(cursor) is None


def test_the_assets_partitions_are_those_of_the_sensor(instance):
    facts = file_sources()["beurer"].facts

    spec = build_imported(facts, some_settings())

    assert spec.key == PUBLISHED
    assert spec.partitions_def == day_link_partitions("beurer", some_settings().partition_days)
