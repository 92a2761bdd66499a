"""Refreshes by real processes against the vendor's stand-in: one call for many, and no link lost to kill -9.

A killed process leaves its lease behind; the next one waits for its end, which is a setting.
"""

import json
import os
import random
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, link_person, withings_settings
from tests.integration.refresh_worker import STEPS
from tests.sandbox_process import REPOSITORY, running_sandbox

pytestmark = pytest.mark.slow

KILLS = 40
PROCESSES = 8
LEASE_SECONDS = 1.0
THREE_HOURS = 10_800
KILLED = -9
SEED = int(os.environ.get("SEED", "20261125"))


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000)
        yield running


@pytest.fixture
def provider(sandbox):
    return WithingsProvider(withings_settings(sandbox.addresses))


@pytest.fixture
def link(store, sandbox):
    return link_person(store, sandbox, sandbox.people[0])


@pytest.fixture
def workers(sandbox, database_url):
    """Give an order to a process that forks workers; gives how they ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.refresh_worker"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def order(link, **wanted):
        told = {
            "database_url": database_url,
            "addresses": sandbox.addresses,
            "link": link.id,
            "lease_seconds": LEASE_SECONDS,
            **wanted,
        }
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())["ends"]

    yield order
    process.stdin.close()
    process.wait(120)
    process.stdout.close()


@pytest.fixture
def expire(sandbox, database_url):
    """Let three hours pass at the vendor, and for the store."""
    engine = create_engine(database_url)

    def pass_by():
        sandbox.post("clock", advance_seconds=THREE_HOURS)
        with engine.begin() as connection:
            connection.execute(text("UPDATE link_tokens SET expires_at = now()"))

    yield pass_by
    engine.dispose()


@contextmanager
def token_calls(sandbox):
    """The token calls that the vendor counted meanwhile."""
    sandbox.post("calls/reset")
    counted = []
    yield counted
    counted.append(sandbox.calls()["withings"].get("requesttoken", 0))


def rules():
    return RefreshRules(lease_seconds=LEASE_SECONDS, refusal_pause_seconds=0)


def test_eight_processes_that_refresh_one_link_at_once_make_one_call(
    sandbox, store, provider, link, workers, expire
):
    expire()

    with token_calls(sandbox) as counted:
        ends = workers(link, processes=PROCESSES, lease_seconds=30)

    assert ends == [0] * PROCESSES
    assert counted == [1]
    assert provider.devices(LinkTokens(store, provider, link.id))


def test_eight_processes_share_one_call_when_the_vendor_is_slow_too(sandbox, link, workers, expire):
    expire()
    sandbox.post(
        "faults", target="withings", kind="slow", call="requesttoken", seconds=1.0, count=1
    )

    with token_calls(sandbox) as counted:
        ends = workers(link, processes=PROCESSES, lease_seconds=30)

    assert (ends, counted) == ([0] * PROCESSES, [1])


def test_no_kill_at_any_step_of_a_refresh_loses_the_link(
    sandbox, store, provider, link, workers, expire, count
):
    seeded = random.Random(SEED)
    steps = [*STEPS] * (KILLS // len(STEPS))
    seeded.shuffle(steps)
    lost, killed = [], 0
    for number, step in enumerate(steps):
        expire()
        if step == "during refresh":
            slow = {"kind": "slow", "call": "requesttoken", "seconds": 0.1, "count": 1}
            sandbox.post("faults", target="withings", **slow)
        [end] = workers(link, step=step, delay=seeded.uniform(0, 0.05))
        killed += end == KILLED
        # The next process to come: it may find a lease of the dead, an old pair or a new one.
        tokens = LinkTokens(store, provider, link.id, rules=rules())
        try:
            assert provider.devices(tokens)
        except Exception as error:  # noqa: BLE001 (every link that is lost is counted)
            lost.append((number, step, type(error).__name__))

    for end in ["killed"] * killed + ["link lost"] * len(lost):
        count(f"refreshes under kill -9 (SEED={SEED})", end)
    assert lost == []
    assert killed == KILLS
    assert store.link(link.id).state is LinkState.ACTIVE
