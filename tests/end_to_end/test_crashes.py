"""`kill -9` in the middle: of a run worker, of the code server, of the portal as it gets tokens.

One deployment in which nothing is started again but by a run's own tag: so one test can see what a
crash leaves behind and another that it is made good unattended. Each test takes its own days.
"""

import os
import random
import signal
import threading

import psutil
import pytest
import requests

from ohx_pipelines.errors import OhxError
from tests.chaos.questions import Dagster, eventually, patiently
from tests.chaos.targets import DAEMON, PORTAL, code_servers, kill, victims
from tests.deployment import running_deployment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LINKS = 8
SEED = int(os.environ.get("SEED") or 20261125)
ENDED = {"SUCCESS", "FAILURE"}
DONE = "SELECT count(*) AS done FROM sync_ledger WHERE run_id = :run"


@pytest.fixture(scope="module")
def deployment():
    with running_deployment(
        sandbox_arguments=["--people", str(LINKS + 1)],
        OHX_DAGSTER__RUN_RETRIES="0",
        OHX_MOST_RESTARTS="100",
    ) as running:
        running.sandbox.post("withings/settings", rate_limit=10_000, page_size=1000)
        yield running


@pytest.fixture(scope="module")
def dagster(deployment):
    return Dagster(deployment)


@pytest.fixture(scope="module")
def links(deployment):
    for person in deployment.sandbox.people[:LINKS]:
        deployment.link(person)
    made = deployment.link_ids()
    known = deployment.api.link_keys
    deployment.wait(lambda: set(made) <= set(known("withings")), what="a partition for each link")
    return made


@pytest.fixture
def slow_ehr(deployment):
    """Each EHR request takes a while: there is a middle to be hit."""
    deployment.sandbox.post("faults", target="ehr", kind="slow", seconds=0.4)
    yield
    deployment.sandbox.post("faults/clear")


def look_at_backfills_now(deployment):
    """Kill the daemon: the next one looks at once at what this one would see in half a minute."""
    # One that was killed just before may not be back yet.
    [daemon] = eventually(
        lambda: victims(deployment.process.pid, DAEMON), 120, "the daemon", every=0.1
    )
    assert kill(daemon)


def running(deployment, dagster, backfill):
    """The backfill's only run and its worker."""
    [run] = eventually(lambda: dagster.runs_of(backfill), 180, "a run")
    return run, eventually(lambda: dagster.worker_of(run), 180, "a worker", every=0.1)


def done(deployment, run):
    """How many link-days of a run are in the ledger."""
    [row] = deployment._sql(DONE, run=run)
    return row.done


def kill_after(deployment, run, worker, days_done):
    """Kill the worker once so many of its link-days are done."""

    eventually(lambda: done(deployment, run) >= days_done, 180, "link-days", every=0.05)
    os.kill(worker, signal.SIGKILL)


def colours(dagster, day, links, stage="published"):
    states = dagster.states(stage)
    return [states.get((day, link)) for link in links]


def settled(dagster, day, links):
    """The colours once each link has one: a state that is just being written has none."""
    seen = colours(dagster, day, links)
    return None if None in seen else seen


def points(count):
    """After how many link-days of a run each of its killed workers dies, drawn from the seed."""
    return random.Random(SEED).sample(range(1, LINKS - 2), count)


def test_finished_days_stay_green_the_rest_turns_red_and_re_execution_finishes_it(
    deployment, dagster, links, week, slow_ehr
):
    killed = dict(zip(week[:3], points(3), strict=True))
    backfills = {day: dagster.launch(links, [day], f"Killed {day}") for day in killed}
    look_at_backfills_now(deployment)
    green = {}
    for day, days_done in killed.items():
        run, worker = running(deployment, dagster, backfills[day])
        kill_after(deployment, run, worker, days_done)
        eventually(lambda run=run: dagster.runs()[run] == "FAILURE", 120, "the run's end")
        green[day] = colours(dagster, day, links).count("green")
    for day, days_done in killed.items():
        assert days_done - 1 <= green[day] < LINKS
        # A day that was finished as the worker died may be seen a moment later.
        seen = eventually(lambda day=day: settled(dagster, day, links), 120, "every link's colour")
        assert seen.count("green") in {green[day], green[day] + 1}
        assert seen.count("red") == LINKS - seen.count("green")

    deployment.sandbox.post("faults/clear")
    look_at_backfills_now(deployment)
    again = {}
    for day, backfill in backfills.items():
        eventually(lambda one=backfill: dagster.has_ended(one), 180, "the backfill's end")
        again[day] = dagster.re_execute(backfill)
    look_at_backfills_now(deployment)

    eventually(lambda: not dagster.not_green(links, list(killed)), 270, "green days")
    for day, backfill in again.items():
        assert sum(done(deployment, run) for run in dagster.runs_of(backfill)) <= LINKS - green[day]
    logins = [person["login"] for person in deployment.sandbox.people[:LINKS]]
    assert deployment.sandbox.differences(week[0], week[2], *logins)["differences"] == 0


def test_with_run_retries_the_rest_of_a_killed_run_is_finished_unattended(
    deployment, dagster, links, week, slow_ehr
):
    day = week[3]
    backfill = dagster.launch(links, [day], "Retried", **{"dagster/max_retries": "2"})
    look_at_backfills_now(deployment)
    run, worker = running(deployment, dagster, backfill)

    kill_after(deployment, run, worker, 3)

    eventually(lambda: not dagster.not_green(links, [day]), 270, "green days")
    statuses = dagster.runs_of(backfill)
    assert statuses.pop(run) == "FAILURE"
    assert len(statuses) == 1


def test_a_code_server_that_is_killed_is_found_again_and_its_run_does_not_stay_in_progress(
    deployment, dagster, links, week, slow_ehr
):
    cut_short = dagster.launch_range([week[4]])
    worker = eventually(lambda: dagster.worker_of(cut_short), 180, "a worker")
    eventually(lambda: done(deployment, cut_short), 180, "a link-day", every=0.1)
    [server] = code_servers(deployment.process.pid)
    assert kill(server)

    eventually(lambda: dagster.runs()[cut_short] == "FAILURE", 180, "the run's end")
    assert not psutil.pid_exists(worker)
    deployment.sandbox.post("faults/clear")
    again = dagster.launch_range([week[4]])
    ended = eventually(lambda: ENDED & {dagster.runs()[again]}, 270, "the next run's end")
    assert ended == {"SUCCESS"}
    assert not dagster.not_green(links, [week[4]])


def test_a_portal_killed_between_exchange_and_store_leaves_a_link_that_can_be_tried_again(
    deployment, dagster, links
):
    person, before = deployment.sandbox.people[LINKS], set(deployment.link_ids())
    deployment.sandbox.post("calls/reset")
    deployment.sandbox.post(
        "faults", target="withings", kind="slow", call="requesttoken", seconds=3, count=1
    )
    failed = []

    def try_to_link():
        try:
            deployment.link(person)
        except (OhxError, requests.RequestException) as error:
            failed.append(type(error).__name__)

    first = threading.Thread(target=try_to_link)
    first.start()
    counted = lambda: deployment.sandbox.calls()["withings"].get("requesttoken")  # noqa: E731
    eventually(counted, 120, "the exchange", every=0.05)
    [portal] = victims(deployment.process.pid, PORTAL)
    assert kill(portal)
    first.join(60)
    assert failed

    health = f"{deployment.portal}/healthz"
    eventually(lambda: patiently(lambda: requests.get(health, timeout=30).ok), 180, "the portal")
    deployment.link(person)

    [made] = set(deployment.link_ids()) - before
    listed = deployment.ohx("links", "list", "--provider", "withings").stdout
    [row] = [line.split() for line in listed.splitlines() if line.startswith(made)]
    assert row[2] == "active"
