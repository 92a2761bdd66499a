"""An overlooked automatic retry is asked for once more, then given up; any other run is left alone."""

import time

import dagster as dg
import pytest

from ohx_pipelines.sensors.stranded_retries import OVERLOOKED_AFTER_SECONDS, look_after

WILL_RETRY = "dagster/will_retry"
LATER = OVERLOOKED_AFTER_SECONDS + 60


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def failed_run(instance, **tags):
    @dg.op
    def fail():
        raise dg.Failure

    @dg.job
    def failing():
        fail()

    run = failing.execute_in_process(instance=instance, raise_on_error=False)
    instance.add_run_tags(run.run_id, {name.replace("__", "/"): tag for name, tag in tags.items()})
    return run.run_id


def tag(instance, run):
    return instance.get_run_by_id(run).tags.get(WILL_RETRY)


def failures(instance, run):
    """How often the daemon is told that the run failed."""
    return len(instance.all_logs(run, of_type=dg.DagsterEventType.RUN_FAILURE))


def test_an_overlooked_retry_is_asked_for_once_more(instance):
    run = failed_run(instance, dagster__will_retry="true")
    told = failures(instance, run)

    first = look_after(instance, now=time.time() + LATER)
    again = look_after(instance, now=time.time() + LATER)

    assert first == "retries asked for again: 1"
    assert again == ""
    assert (failures(instance, run), tag(instance, run)) == (told + 1, "true")


def test_a_run_whose_retry_does_not_come_then_either_is_given_up_once(instance):
    run = failed_run(instance, dagster__will_retry="true")
    look_after(instance, now=time.time() + LATER)

    assert look_after(instance, now=time.time() + 2 * LATER) == "runs given up: 1"
    assert tag(instance, run) == "false"
    assert look_after(instance, now=time.time() + 3 * LATER) == ""


def test_a_retry_that_inherited_its_runs_tags_is_asked_for_as_a_run_of_its_own(instance):
    first = failed_run(instance, dagster__will_retry="true")
    look_after(instance, now=time.time() + LATER)
    inherited = instance.get_run_by_id(first).tags
    instance.add_run_tags(first, {"dagster/auto_retry_run_id": "its retry"})
    retry = failed_run(instance)
    instance.add_run_tags(retry, inherited)

    assert look_after(instance, now=time.time()) == ""
    assert look_after(instance, now=time.time() + LATER) == "retries asked for again: 1"
    assert tag(instance, retry) == "true"


def test_a_run_that_failed_just_now_is_left_to_the_daemon(instance):
    run = failed_run(instance, dagster__will_retry="true")

    assert look_after(instance, now=time.time()) == ""
    assert tag(instance, run) == "true"


@pytest.mark.parametrize(
    "tags",
    [
        {"dagster__will_retry": "true", "dagster__auto_retry_run_id": "another"},
        {"dagster__will_retry": "false"},
        {},
    ],
    ids=["retried", "not to be retried", "no word of it"],
)
def test_any_other_failed_run_is_left_alone(instance, tags):
    failed_run(instance, **tags)

    assert look_after(instance, now=time.time() + LATER) == ""
