"""A run whose automatic retry was overlooked is given up; one that is being retried is not."""

import time

import dagster as dg
import pytest

from ohx_pipelines.sensors.stranded_retries import OVERLOOKED_AFTER_SECONDS, release

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


def test_a_run_whose_retry_never_came_is_given_up_once(instance):
    run = failed_run(instance, dagster__will_retry="true")

    assert release(instance, now=time.time() + LATER) == 1
    assert tag(instance, run) == "false"
    assert release(instance, now=time.time() + LATER) == 0


def test_a_run_that_failed_just_now_is_left_to_the_daemon(instance):
    run = failed_run(instance, dagster__will_retry="true")

    assert release(instance, now=time.time()) == 0
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

    assert release(instance, now=time.time() + LATER) == 0
