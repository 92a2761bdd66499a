"""A person's link between the sandbox's vendor and EHR, empty or with readings published.

Belongs here: fixtures. Not here: the scene itself (`scene.py`).
"""

from datetime import UTC, datetime, timedelta

import pytest
from tenacity import wait_none

from ohx_pipelines.providers import tries
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.integration.retracting.expected import PRESSURES, WEIGHT, publish
from tests.integration.retracting.scene import Scene
from tests.sandbox_process import running_sandbox


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people", "180") as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000, page_size=5)
        yield running


@pytest.fixture(scope="module")
def people(sandbox):
    return list(sandbox.people)


@pytest.fixture(autouse=True)
def tries_at_once(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())


@pytest.fixture
def days():
    """Three days that have ended in every zone, oldest first, with what people measure by habit."""
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in (2, 1, 0)]


@pytest.fixture
def empty_days():
    """Three days on which nobody had an account yet: of them a test has what it adds alone."""
    last = datetime.now(UTC).date() - timedelta(days=420)
    return [last - timedelta(days=n) for n in (2, 1, 0)]


def opened(store, sandbox, people, days, kinds=frozenset()):
    """The scene of somebody whom no other test has taken, with readings of these kinds."""
    sandbox.post("faults/clear")
    while people:
        scene = Scene(store, sandbox, people.pop(), days)
        sure = [row for row in scene.rows() if row["attrib"] == 0]
        if kinds <= {one["type"] for row in sure for one in row["measures"]}:
            return scene
        scene.close()
    raise AssertionError(kinds)


@pytest.fixture
def empty(store, sandbox, people, empty_days):
    scene = opened(store, sandbox, people, empty_days)
    yield scene
    scene.close()


@pytest.fixture
def scene(store, sandbox, people, days):
    """Days of habit, and three weighings more on each, all of it published."""
    scene = opened(store, sandbox, people, days, {WEIGHT, *PRESSURES})
    scene.added = {day: [scene.weigh(day, hour=hour) for hour in (9, 12, 15)] for day in days}
    publish(scene)
    yield scene
    scene.close()
