"""Ended links: finished by the sensor, and their partitions dropped when nothing needs them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.definitions.partitions.subset import DefaultPartitionsSubset
from dagster._core.execution.asset_backfill import AssetBackfillData
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.test_utils import create_run_for_test, freeze_time
from dagster._time import get_current_timestamp

from ohx_pipelines.assets import build_stages
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.errors import EhrDown, VendorDown, VendorRejected
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.links.records import LinkState, RecordState
from ohx_pipelines.providers.registry import file_sources
from ohx_pipelines.sensors import build_link_sensor, build_unlink_sensor
from ohx_pipelines.sensors.link_needs import Needs, run_needs, split_droppable
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, link_file
from tests.unit.made_up import MadeUpEhr, MadeUpVendor

LINKS = link_partitions("acme").name
FETCHED, OTHER = dg.AssetKey(["acme", "fetched"]), dg.AssetKey(["other", "fetched"])
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
ACTIVE = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]


@pytest.fixture
def vendor():
    return MadeUpVendor()


@dataclass
class OneEhr:
    """Access to one made-up EHR; `patience` notes the time-outs that were asked for."""

    client: MadeUpEhr = field(default_factory=MadeUpEhr)
    secret: bytes = b"s" * 40
    patience: list = field(default_factory=list)

    def publisher(self, connection):
        self.patience.append(connection.timeout_seconds)
        return Publisher(self.client)


@pytest.fixture
def ehr():
    return OneEhr()


@pytest.fixture
def instance():
    retries = {"run_retries": {"enabled": True, "max_retries": 1}}
    with dg.DagsterInstance.ephemeral(settings=retries) as given:
        yield given


@pytest.fixture
def tick(instance, store, vendor, ehr):
    """Evaluate the provider's sensor once, and carry out what it requests, as the daemon does."""

    def evaluated(build=build_unlink_sensor, **resources):
        sensor = build("acme", some_settings())
        given = {"links": store} | (resources or {"vendors": {"acme": vendor}, "ehr": ehr})
        with dg.build_sensor_context(instance=instance, resources=given) as context:
            data = sensor.evaluate_tick(context)
        for request in data.dynamic_partitions_requests:
            assert request.partitions_def_name == LINKS
            for key in request.partition_keys:
                if isinstance(request, dg.DeleteDynamicPartitionsRequest):
                    instance.delete_dynamic_partition(LINKS, key)
                else:
                    instance.add_dynamic_partitions(LINKS, [key])
        return data

    return evaluated


@pytest.fixture
def links(store, instance):
    """Five active links with their partitions, in order."""
    made = [link_account(store, f"account-{n}").id for n in range(5)]
    instance.add_dynamic_partitions(LINKS, made)
    return made


@pytest.fixture
def end(store, database_url):
    """Ask for a link's end so long ago that it is due."""

    def asked(link_id):
        store.begin_unlink(link_id, who="system")
        store.note_revoke_failed(link_id, "vendor_down", who="system")
        with store.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE provider_links SET unlink_tried_at = now() - interval '2 hours'"
            )

    return asked


@pytest.fixture
def withdrawn(store):
    """End a link so that its EHR was not told, and is due to be."""

    def ended(link_id):
        store.begin_unlink(link_id, who="system")
        store.destroy_keys_untold(link_id, who="system")
        with store.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE provider_links SET record_tried_at = now() - interval '2 hours' "
                "WHERE ended_at IS NOT NULL"
            )

    return ended


def keys(instance):
    return list(instance.get_dynamic_partitions(LINKS))


def backfill(
    instance, partition_keys, *, status=BulkActionStatus.REQUESTED, asset=FETCHED, **given
):
    target = AssetGraphSubset(
        partitions_subsets_by_asset_key={asset: DefaultPartitionsSubset(set(partition_keys))}
    )
    now = get_current_timestamp()
    data = AssetBackfillData.empty(
        target_subset=target, backfill_start_timestamp=now, dynamic_partitions_store=instance
    )
    instance.add_backfill(
        PartitionBackfill(
            **{
                "backfill_id": "b1",
                "status": status,
                "from_failure": False,
                "tags": {},
                "backfill_timestamp": now,
                "asset_selection": [asset],
                "asset_backfill_data": data,
            }
            | given
        )
    )


def run(instance, status=dg.DagsterRunStatus.STARTED, *, assets=frozenset({FETCHED}), **tags):
    return create_run_for_test(
        instance,
        job_name="acme_nightly",
        status=status,
        asset_selection=assets,
        # A queued run must say where its code is.
        remote_job_origin=RemoteJobOrigin(
            repository_origin=RemoteRepositoryOrigin(
                code_location_origin=GrpcServerCodeLocationOrigin(host="localhost", port=9),
                repository_name="acme",
            ),
            job_name="acme_nightly",
        ),
        tags=tags,
    )


def test_a_due_unlinking_is_finished_and_its_partition_goes(
    tick, store, instance, links, vendor, end
):
    end(links[1])

    data = tick()

    assert store.is_erased(links[1])
    assert vendor.revoked == [("account-1", "refresh-account-1")]
    assert keys(instance) == [links[0], *links[2:]]
    assert f"{links[1]} is unlinked." in data.skip_message


def test_an_unlinking_that_was_just_tried_waits_for_its_pause(tick, store, links, vendor):
    store.begin_unlink(links[1], who="system")

    tick()

    assert vendor.revoked == []
    assert store.link_state(links[1]) is LinkState.UNLINKING


@pytest.mark.parametrize("error", [VendorDown(), VendorRejected()])
def test_a_vendor_that_refuses_keeps_the_link_and_its_partition(
    tick, store, instance, links, vendor, end, error
):
    end(links[1])
    vendor.revoke_error = error

    data = tick()

    assert store.link_state(links[1]) is LinkState.UNLINKING
    assert keys(instance) == links
    assert f"{links[1]} waits for the vendor ({error.code})." in data.skip_message


def test_a_tick_finishes_a_few_and_the_next_one_the_others(tick, store, vendor, end):
    made = [link_account(store, f"account-{n}").id for n in range(7)]
    for link_id in made:
        end(link_id)

    tick()
    assert len(vendor.revoked) == 5
    tick()
    assert len(vendor.revoked) == 7


def consents(ehr):
    return sorted(
        (one["subject"]["reference"], one["status"])
        for (kind, _), one in ehr.client.held.items()
        if kind == "Consent"
    )


def test_an_ehr_that_was_not_told_of_an_end_is_told(tick, store, links, ehr, withdrawn):
    withdrawn(links[1])

    data = tick()

    assert consents(ehr) == [("Patient/patient-account-1", "inactive")]
    assert store.statuses(link_id=links[1])[0].record is RecordState.WRITTEN
    assert f"The EHR knows of the end of {links[1]}." in data.skip_message


def test_an_ehr_that_is_down_holds_back_no_partition_and_is_told_after_a_pause(
    tick, store, instance, links, ehr, withdrawn
):
    withdrawn(links[1])
    ehr.client.read_error = EhrDown()

    data = tick()

    assert f"{links[1]} waits for the EHR (ehr_down)." in data.skip_message
    assert links[1] not in keys(instance)
    ehr.client.read_error = None
    tick()
    assert consents(ehr) == []
    withdrawn(links[1])
    tick()
    assert consents(ehr) == [("Patient/patient-account-1", "inactive")]


def test_a_living_links_copy_is_not_the_sensors(tick, links, ehr):
    tick()

    assert ehr.client.log == []


def test_a_tick_waits_for_no_ehr_as_long_as_a_run_does(tick, store, links, ehr, withdrawn):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ehr_connections SET timeout_seconds = 30")
    withdrawn(links[1])

    tick()

    assert set(ehr.patience) == {5.0}


def test_a_tick_closes_a_few_and_the_next_one_the_others(tick, store, ehr, withdrawn):
    for n in range(7):
        withdrawn(link_account(store, f"account-{n}").id)

    tick()
    assert len(consents(ehr)) == 5
    tick()
    assert len(consents(ehr)) == 7


def test_nothing_to_do_is_said_and_nothing_requested(tick, links):
    data = tick()

    assert data.dynamic_partitions_requests == []
    assert data.skip_message == "No link is being unlinked."


def test_other_providers_links_are_left_alone(tick, store, end, vendor, instance):
    link = link_account(store, "ada", provider="other")
    end(link.id)
    instance.add_dynamic_partitions("other_links", [link.id])

    tick()

    assert vendor.revoked == []
    assert list(instance.get_dynamic_partitions("other_links")) == [link.id]


def test_the_partition_of_a_link_that_is_no_longer_there_goes(tick, instance, links):
    instance.add_dynamic_partitions(LINKS, ["gonegonegone"])

    tick()

    assert keys(instance) == links


@pytest.mark.parametrize("status", ACTIVE)
def test_a_backfill_that_is_not_over_keeps_the_partition(tick, store, instance, links, end, status):
    end(links[1])
    backfill(instance, [f"2026-11-20|{links[1]}", f"2026-11-20|{links[2]}"], status=status)

    data = tick()

    assert store.is_erased(links[1])
    assert keys(instance) == links
    assert "still needs 1 partitions of ended links" in data.skip_message


@pytest.mark.parametrize("status", sorted(set(BulkActionStatus) - set(ACTIVE), key=str))
def test_a_backfill_that_is_over_keeps_nothing(tick, instance, links, end, status):
    end(links[1])
    backfill(instance, [f"2026-11-20|{links[1]}"], status=status)

    tick()

    assert links[1] not in keys(instance)


def test_a_backfill_of_other_links_keeps_nothing_of_this_one(tick, instance, links, end):
    end(links[1])
    backfill(instance, [f"2026-11-20|{links[2]}"])

    tick()

    assert links[1] not in keys(instance)


@pytest.mark.parametrize(
    "unreadable",
    [
        {"asset_backfill_data": None, "serialized_asset_backfill_data": "{}"},
        {"asset_backfill_data": None},
    ],
)
def test_a_backfill_that_cannot_be_read_keeps_everything(tick, instance, links, end, unreadable):
    end(links[1])
    backfill(instance, [], **unreadable)

    tick()

    assert keys(instance) == links


def test_an_unreadable_backfill_of_another_provider_keeps_nothing(tick, instance, links, end):
    end(links[1])
    backfill(instance, [], asset=OTHER, asset_backfill_data=None)

    tick()

    assert links[1] not in keys(instance)


def test_a_jobs_backfill_keeps_what_it_names(tick, instance, links, end):
    end(links[1])
    end(links[3])
    named = {"asset_selection": None, "asset_backfill_data": None}
    backfill(instance, [], **named, partition_names=[f"2026-11-20|{links[1]}"])

    tick()

    assert keys(instance) == [link for link in links if link != links[3]]


@pytest.mark.parametrize(
    "status",
    [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ],
)
@pytest.mark.parametrize("assets", [frozenset({FETCHED}), None])
def test_a_run_in_flight_keeps_what_lies_between_the_ends_of_its_range(
    tick, instance, links, end, status, assets
):
    for link_id in (links[0], links[2], links[4]):
        end(link_id)
    run(
        instance,
        status,
        assets=assets,
        **{START: f"2026-11-20|{links[1]}", END: f"2026-11-22|{links[3]}"},
    )

    tick()

    assert keys(instance) == links[1:4]


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
def test_a_run_that_is_over_keeps_nothing(tick, instance, links, end, status):
    end(links[1])
    run(instance, status, **{START: f"2026-11-20|{links[1]}", END: f"2026-11-20|{links[1]}"})

    tick()

    assert links[1] not in keys(instance)


@pytest.fixture
def died(instance, links, end):
    """A run of an ended link that failed; Dagster itself notes that it will be retried."""
    end(links[1])
    dead = run(instance, **{"dagster/partition/link": links[1]})
    instance.report_run_failed(dead)
    assert instance.get_run_by_id(dead.run_id).tags["dagster/will_retry"] == "true"
    return dead


def test_a_dead_run_keeps_its_partition_until_its_retry_is_over(tick, instance, links, died):
    tick()
    assert keys(instance) == links

    # As Dagster's daemon does it: a run under the dead one, then a tag on that one.
    parents = {"dagster/parent_run_id": died.run_id, "dagster/root_run_id": died.run_id}
    retry = run(instance, **parents, **{"dagster/partition/link": links[1]})
    instance.add_run_tags(died.run_id, {"dagster/auto_retry_run_id": retry.run_id})
    tick()
    assert keys(instance) == links

    instance.report_run_canceled(retry)
    tick()
    assert links[1] not in keys(instance)


def test_a_dead_run_that_is_not_retried_keeps_nothing(tick, instance, links, died):
    instance.add_run_tags(died.run_id, {"dagster/will_retry": "false"})

    tick()

    assert links[1] not in keys(instance)


@pytest.mark.parametrize(("hours", "kept"), [(23, True), (25, False)])
def test_a_retry_that_did_not_come_within_a_day_is_waited_for_no_longer(
    tick, instance, links, end, hours, kept
):
    end(links[1])
    with freeze_time(datetime.now(UTC) - timedelta(hours=hours)):
        dead = run(instance, **{"dagster/partition/link": links[1]})
        instance.report_run_failed(dead)

    tick()

    assert (links[1] in keys(instance)) is kept


def test_another_providers_dead_run_keeps_nothing(tick, instance, links, end):
    end(links[1])
    other = run(instance, assets=frozenset({OTHER}), **{"dagster/partition/link": links[1]})
    instance.report_run_failed(other)

    tick()

    assert links[1] not in keys(instance)


def test_a_partition_that_was_needed_goes_when_the_run_is_over(tick, instance, links, end):
    end(links[1])
    going = run(instance, **{"dagster/partition/link": links[1]})
    tick()
    assert links[1] in keys(instance)

    instance.report_run_canceled(going)
    tick()

    assert links[1] not in keys(instance)


def test_a_link_that_is_linked_again_gets_its_partition_back(tick, store, instance, links, end):
    link = store.link(links[1])
    end(links[1])
    tick()
    assert links[1] not in keys(instance)

    assert link_account(store, "account-1").id == link.id
    tick()
    tick(build_link_sensor, vendors={})

    assert keys(instance) == [links[0], *links[2:], links[1]]


@pytest.mark.parametrize(
    ("tags", "needs"),
    [
        ({START: "d|b", END: "d|c"}, Needs(links=frozenset("bc"))),
        ({START: "d|c", END: "d|b"}, Needs(links=frozenset("bc"))),
        ({START: "d|x", END: "d|y"}, Needs()),
        ({START: "d|a", END: "d|y"}, Needs(everything=True)),
        ({START: "d|a"}, Needs(everything=True)),
        ({"dagster/partition": "d|b"}, Needs(links=frozenset("b"))),
        (
            {"dagster/partition/day": "d", "dagster/partition/link": "b"},
            Needs(links=frozenset("b")),
        ),
        ({}, Needs(everything=True)),
    ],
)
def test_what_a_run_needs_is_read_off_its_tags_and_in_doubt_is_everything(tags, needs):
    assert run_needs(tags, ["a", "b", "c"]) == needs


def test_only_what_nobody_needs_can_go():
    ended = ["a", "b", "c"]

    assert split_droppable(ended, Needs(links=frozenset("bx"))) == (["a", "c"], ["b"])
    assert split_droppable(ended, Needs(everything=True)) == ([], ended)
    assert split_droppable(ended, Needs()) == (ended, [])


@pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources` is deprecated")
def test_a_real_backfill_of_the_assets_is_read_back_from_the_instance(
    tick, store, instance, links, end
):
    end(links[1])
    end(links[3])
    stages = build_stages(MadeUpVendor().facts, some_settings())
    defs = dg.Definitions(
        assets=[stages], resources=dict.fromkeys(("links", "vendors", "ehr"), object())
    )
    first_of_month = f"{datetime.now(UTC):%Y-%m}-01"
    instance.add_backfill(
        PartitionBackfill.from_asset_partitions(
            backfill_id="real",
            asset_graph=defs.resolve_asset_graph(),
            backfill_timestamp=get_current_timestamp(),
            tags={},
            asset_selection=[FETCHED],
            partition_names=[f"{first_of_month}|{links[1]}"],
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
    )

    data = tick()

    assert keys(instance) == [link for link in links if link != links[3]]
    assert "still needs 1 partitions" in data.skip_message


def test_a_link_that_files_made_is_finished_and_its_partition_goes_and_nobody_is_asked(
    store, instance, ehr, end
):
    link, other = (link_file(store, who, provider="beurer").id for who in ("ada", "ben"))
    instance.add_dynamic_partitions("beurer_links", [link, other])
    end(link)
    store.note_record_failed(link, "ehr_down")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE provider_links SET record_tried_at = now() - interval '2 hours'"
        )

    sensor = build_unlink_sensor("beurer", some_settings())
    given = {"links": store, "vendors": file_sources(), "ehr": ehr}
    with dg.build_sensor_context(instance=instance, resources=given) as context:
        data = sensor.evaluate_tick(context)

    assert store.is_erased(link)
    assert f"{link} is unlinked." in data.skip_message
    assert consents(ehr) == [("Patient/patient-ada", "inactive")]
    [request] = data.dynamic_partitions_requests
    assert (request.partitions_def_name, list(request.partition_keys)) == ("beurer_links", [link])
