"""A link at the sandbox, what copies it to the EHR, and processes that can be killed at it.

Belongs here: fixtures. Not here: what the EHR holds (`ehr_copies.py`), the process (`unlink_worker.py`).
"""

import json
import subprocess
import sys

import pytest

from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.ehr_copies import Copies, SeenEhr
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, link_person, withings_settings
from tests.sandbox_process import REPOSITORY, running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000)
        yield running


@pytest.fixture
def quiet_sandbox(sandbox):
    """The sandbox without faults, as its EHR is at first, and with its counters at nothing."""
    sandbox.post("faults/clear")
    sandbox.post("calls/reset")
    sandbox.post("ehr/settings/reset")
    yield sandbox
    sandbox.post("faults/clear")
    sandbox.post("ehr/settings/reset")


@pytest.fixture
def provider(sandbox):
    return WithingsProvider(withings_settings(sandbox.addresses, timeout_seconds=5.0))


@pytest.fixture
def link(store, quiet_sandbox):
    return link_person(store, quiet_sandbox, quiet_sandbox.people[0])


@pytest.fixture
def ehr(sandbox):
    return SeenEhr(sandbox.addresses["ehr"]["url"])


@pytest.fixture
def records(store, provider):
    copies = Copies(store, {"withings": provider})
    yield copies.records
    copies.close()


@pytest.fixture
def copied(records, link, ehr):
    """The link, whose copy is in the EHR."""
    assert records.copy(link.id).outcome.ok
    assert ehr.is_open(link)
    return link


@pytest.fixture
def process(database_url, sandbox, link):
    """Work on the link in a process of its own; gives how it ended."""

    def run(**order):
        told = {"database_url": database_url, "addresses": sandbox.addresses, "link": link.id}
        ended = subprocess.run(
            [sys.executable, "-m", "tests.integration.unlink_worker", json.dumps(told | order)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.returncode

    return run
