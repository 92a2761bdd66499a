"""One run over links × days in a Dagster of this process: the true status of each link-day."""

import dagster as dg
import pytest

from ohx_pipelines.assets import build_stages
from ohx_pipelines.definitions import build_defs
from ohx_pipelines.errors import AuthLost, EhrDown, VendorDown
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpVendor

CANARY = "CANARY-72.30"


def test_one_run_over_links_and_days_turns_every_stage_of_every_link_day_green(dagster):
    dagster.link("ada", "bob")

    result = dagster.run()

    assert result.success
    for stage in ("fetched", "normalized", "published"):
        assert dagster.green(stage) == dagster.every_pair()
    assert dagster.ehr.patients() == {"patient-ada", "patient-bob"}


def test_each_link_is_fetched_once_for_all_its_days(dagster):
    dagster.link("ada", "bob")

    dagster.run()

    assert dagster.vendor.asked == [
        (account, dagster.days[0], dagster.days[-1]) for account in ("ada", "bob")
    ]


def test_a_failed_link_costs_only_its_own_days(dagster):
    dagster.link("ada", "bob", "cy")
    dagster.vendor.fetch_errors["bob"] = AuthLost(status=401)

    result = dagster.run()

    bobs = {("bob", day) for day in dagster.days}
    assert not result.success
    for stage in ("fetched", "normalized", "published"):
        assert dagster.red(stage) == bobs
        assert dagster.green(stage) == dagster.every_pair() - bobs


def test_a_publish_failure_leaves_only_published_red(dagster):
    dagster.link("ada", "bob")
    dagster.ehr.write_errors["patient-ada"] = EhrDown(status=503)

    dagster.run()

    adas = {("ada", day) for day in dagster.days}
    assert dagster.red("published") == adas
    assert dagster.green("published") == dagster.every_pair() - adas
    for stage in ("fetched", "normalized"):
        assert dagster.green(stage) == dagster.every_pair()


def test_a_single_red_day_leaves_its_neighbours_green(dagster):
    dagster.link("ada")
    dagster.ehr.refused[dagster.days[1]] = 422

    dagster.run()

    assert dagster.red("published") == {("ada", dagster.days[1])}
    assert len(dagster.green("published")) == 2


def test_a_day_without_readings_is_green(dagster):
    dagster.link("ada")
    dagster.vendor.rows = []

    assert dagster.run().success
    assert dagster.green("published") == dagster.every_pair()


def test_the_run_ends_in_a_failure_that_counts_days_by_outcome_and_says_what_to_do(dagster):
    dagster.link("ada", "bob", "cy")
    dagster.vendor.fetch_errors["bob"] = AuthLost(status=401)
    dagster.ehr.refused[dagster.days[1]] = 422

    [event] = dagster.run().get_step_failure_events()

    failure = event.step_failure_data.user_failure_data
    assert {name: value.value for name, value in failure.metadata.items()} == {
        "synced": 4,
        "ehr_rejected": 2,
        "auth_lost": 3,
    }
    assert failure.description.startswith("5 of 9 link-days failed.")
    assert "connect the account again" in failure.description


def test_a_rerun_after_the_fault_turns_the_red_days_green(dagster):
    dagster.link("ada")
    dagster.vendor.fetch_errors[None] = VendorDown(status=503)
    dagster.run()
    dagster.vendor.fetch_errors.clear()

    assert dagster.run().success
    assert dagster.green("fetched") == dagster.green("published") == dagster.every_pair()


def test_only_the_selected_stage_is_logged_though_the_whole_road_is_travelled(dagster):
    dagster.link("ada")

    result = dagster.run("published")

    logged = {event.asset_key.path[-1] for event in result.get_asset_materialization_events()}
    assert logged == {"published"}
    assert dagster.green("published") == dagster.every_pair()
    assert set(dagster.status("fetched").values()) == {None}
    assert len(dagster.vendor.asked) == 1


def test_published_alone_can_be_run_again_after_it_alone_was_red(dagster):
    dagster.link("ada")
    dagster.ehr.read_error = EhrDown(status=503)
    dagster.run()
    dagster.ehr.read_error = None

    dagster.run("published")

    assert dagster.green("published") == dagster.every_pair()


def test_a_failed_day_says_outcome_stage_status_attempts_and_what_to_do(dagster):
    dagster.link("ada")
    error = EhrDown(status=503)
    error.attempts = 3
    dagster.ehr.read_error = error

    result = dagster.run()

    observed = dagster.observations(result)
    assert {one.asset_key.path[-1] for one in observed} == {"published"}
    assert len({one.partition for one in observed}) == len(observed) == 3
    said = {name: value.value for name, value in observed[0].metadata.items()}
    assert said["what_to_do"] == "Re-execute from failure when the EHR answers."
    assert (said["outcome"], said["stage"]) == ("ehr_down", "published")
    assert (said["http_status"], said["attempts"]) == (503, 3)


def test_a_failed_fetch_is_told_once_a_day_at_the_first_stage_that_did_not_finish(dagster):
    dagster.link("ada")
    dagster.vendor.fetch_errors[None] = VendorDown(status=503)

    observed = dagster.observations(dagster.run())

    assert [one.asset_key.path[-1] for one in observed] == ["fetched"] * 3


def test_a_green_day_has_no_observation(dagster):
    dagster.link("ada")

    assert dagster.observations(dagster.run()) == []


def test_no_output_is_yielded_and_nothing_is_stored_for_another_step(dagster):
    dagster.link("ada")

    result = dagster.run()

    kinds = {event.event_type for event in result.all_events}
    assert dg.DagsterEventType.STEP_OUTPUT not in kinds
    assert dg.DagsterEventType.HANDLED_OUTPUT not in kinds


def test_each_link_day_is_materialized_once_per_stage(dagster):
    dagster.link("ada", "bob")

    events = dagster.run().get_asset_materialization_events()

    keys = [(event.asset_key.path[-1], str(event.partition)) for event in events]
    assert len(keys) == len(set(keys)) == 2 * 3 * 3


class Odd(Exception):
    """A surprise whose text holds a reading."""


@pytest.mark.parametrize("place", ["fetch", "normalize", "ehr_read", "ehr_write", "ehr_answer"])
def test_no_text_of_an_exception_or_answer_is_in_the_event_log(dagster, place, caplog, capfd):
    dagster.link("ada")
    error = Odd(CANARY)
    if place == "fetch":
        dagster.vendor.fetch_errors[None] = error
    elif place == "normalize":
        dagster.vendor.normalize_error = error
    elif place == "ehr_read":
        dagster.ehr.read_error = error
    elif place == "ehr_write":
        dagster.ehr.write_errors["patient-ada"] = error
    else:
        dagster.ehr.refused |= dict.fromkeys(dagster.days, 422)

    result = dagster.run()

    log = dagster.event_log(result)
    printed = capfd.readouterr()
    assert not result.success
    assert "link-days failed" in log
    for text in (log, caplog.text, printed.out, printed.err):
        assert "CANARY" not in text


def test_neither_readings_nor_people_are_in_the_event_log_of_a_good_run(dagster):
    dagster.link("ada-CANARY")

    result = dagster.run()

    log = dagster.event_log(result)
    assert result.success
    assert [word for word in ("CANARY", "72.30", "body_weight", "5d1c") if word in log] == []


@pytest.mark.parametrize("given", [True, False])
def test_the_setting_test_data_labels_every_reading(dagster, given):
    dagster.link("ada")
    settings = some_settings(partition_days=31, test_data=given)
    dagster.assets = build_stages(dagster.vendor.facts, settings)

    dagster.run()

    readings = [one for (kind, _), one in dagster.ehr.held.items() if kind == "Observation"]
    labelled = ["HTEST" in {label["code"] for label in one["meta"]["security"]} for one in readings]
    assert labelled == [given] * 3


def test_the_ledger_names_the_run(dagster):
    dagster.link("ada")

    result = dagster.run()

    rows = dagster.store.ledger(dagster.links["ada"])
    assert {row.run_id for row in rows} == {result.run_id}
    assert [row.day for row in rows] == dagster.days


def test_the_range_of_a_night_covers_each_link_day_once_with_one_fetch_per_link(dagster):
    accounts = [f"account-{n:02d}" for n in range(20)]
    dagster.link(*accounts)

    dagster.run()

    assert dagster.green("published") == dagster.every_pair()
    assert [account for account, _, _ in dagster.vendor.asked] == accounts


@pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")
def test_the_nightly_job_of_the_definitions_runs_on_the_resources_that_are_given(dagster):
    vendor = MadeUpVendor(name="withings", rows=dagster.vendor.rows)
    link = link_account(dagster.store, "ada", provider="withings").id
    dagster.instance.add_dynamic_partitions("withings_links", [link])
    given = dagster.resources() | {"vendors": {"withings": vendor}}
    job = build_defs(some_settings(), resources=given).resolve_job_def("withings_nightly")

    result = job.execute_in_process(
        instance=dagster.instance,
        tags={
            "dagster/asset_partition_range_start": f"{dagster.days[0]}|{link}",
            "dagster/asset_partition_range_end": f"{dagster.days[-1]}|{link}",
        },
    )

    assert result.success
    assert vendor.asked == [("ada", dagster.days[0], dagster.days[-1])]
    assert dagster.ehr.totals()["Observation"] == 3
