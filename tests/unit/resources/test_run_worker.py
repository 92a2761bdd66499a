"""Run workers under watch: a dead one is told from a living one, and in doubt it lives."""

import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.events import EngineEventData
from dagster._core.launcher import WorkerStatus

from ohx_pipelines.resources.run_worker import WatchedRunLauncher

REPOSITORY = Path(__file__).resolve().parents[3]
HERE = {".dagster/grpc_info": json.dumps({"host": "127.0.0.1", "port": 4711})}


@dg.job
def some_job():
    pass


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def launcher(instance):
    made = WatchedRunLauncher()
    made.register_instance(instance)
    return made


@pytest.fixture
def worker():
    """A process as Dagster's code server starts it for a run (`dagster/_grpc/server.py`)."""
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    process.start()
    yield process
    process.kill()
    process.join()


def started_run(instance, pid, tags=None):
    run = instance.create_run_for_job(some_job, tags=HERE if tags is None else tags)
    if pid is not None:
        told = EngineEventData.in_process(pid)
        instance.report_engine_event(f"Started process for run (pid: {pid}).", run, told)
    instance.report_engine_event("Something else.", run)
    return run


def test_a_worker_that_lives_is_let_be(instance, launcher, worker):
    run = started_run(instance, worker.pid)

    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING


@pytest.mark.parametrize("seconds", [-3600, -10, 10, 3600])
def test_a_worker_lives_though_the_clock_was_set(instance, launcher, worker, monkeypatch, seconds):
    monkeypatch.setattr(time, "time", lambda real=time.time: real() - seconds)
    run = started_run(instance, worker.pid)
    monkeypatch.undo()

    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING


@pytest.mark.parametrize("reaped", [True, False], ids=["gone", "zombie"])
def test_a_worker_that_was_killed_is_noticed(instance, launcher, worker, reaped):
    run = started_run(instance, worker.pid)
    worker.kill()
    if reaped:
        worker.join()
    deadline = time.monotonic() + 60
    while launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    found = launcher.check_run_worker_health(run)

    assert found.status is WorkerStatus.FAILED
    assert str(worker.pid) in found.msg


def test_another_program_that_has_the_dead_workers_number_by_now_is_not_taken_for_it(
    instance, launcher
):
    # In a container that was started again the low numbers go to the code server and the like.
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as later:
        run = started_run(instance, later.pid)

        assert launcher.check_run_worker_health(run).status is WorkerStatus.FAILED
        later.kill()


def test_in_doubt_a_worker_lives(instance, launcher):
    elsewhere = {".dagster/grpc_info": json.dumps({"host": "code-server", "port": 4000})}

    not_said_yet = started_run(instance, None)
    on_another_machine = started_run(instance, 2**22 - 1, tags=elsewhere)
    by_hand = started_run(instance, 2**22 - 1, tags={})

    for run in (not_said_yet, on_another_machine, by_hand):
        assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING


def test_the_instance_asks_after_workers_and_uses_this_launcher():
    configuration = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text())

    assert configuration["run_monitoring"]["enabled"] is True
    assert configuration["run_launcher"] == {
        "module": WatchedRunLauncher.__module__,
        "class": WatchedRunLauncher.__name__,
    }
    assert WatchedRunLauncher().supports_check_run_worker_health
