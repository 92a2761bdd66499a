"""Chaos in short: one kill of each kind under one backfill. `make chaos` does it a hundred times."""

import os

import pytest

from tests.chaos.runner import Chaos, Plan, chaos_deployment
from tests.chaos.targets import TARGETS

pytestmark = [pytest.mark.slow, pytest.mark.thorough, pytest.mark.timeout(400)]

LINKS = 6
# A seed that kills the daemon first: the next one looks at backfills at once.
SEED = int(os.environ.get("SEED") or 40)


def test_a_kill_of_each_kind_loses_nothing_doubles_nothing_and_leaves_nothing_stuck():
    plan = Plan(rounds=len(TARGETS), seed=SEED, links=LINKS, slow_seconds=(0.2,))
    with chaos_deployment(people=LINKS + 1) as deployment:
        chaos = Chaos(deployment, plan)
        chaos.link_everyone()
        verdict = chaos.run()
        printed = "\n".join(deployment.lines[-200:])

    assert verdict.ok, f"{verdict.line()}\n{verdict.stuck}\n{printed}"
    assert verdict.rounds == dict.fromkeys(TARGETS, 1)
    assert len(chaos.links) == LINKS
    assert verdict.differences["compared"] > 7 * LINKS
