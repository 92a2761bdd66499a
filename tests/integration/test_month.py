"""A month of corrections, deletions, late and doubtful readings and clock changes leaves no difference.

`make month LINKS=50 SEED=n` runs it with more people, and says the seed that repeats it.
"""

import os
import secrets
import sys

import pytest

from tests.integration.month import Month, arguments
from tests.integration.month_rounds import run_month, run_whole_month
from tests.sandbox_process import running_sandbox

LINKS = int(os.environ.get("MONTH_LINKS") or 6)
# A person with everything has ten times the readings.
OWNERS_OF_EVERYTHING = max(2, LINKS // 10)
SEED = int(os.environ.get("SEED") or secrets.randbelow(10_000))


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(120 + 40 * LINKS)
def test_a_month_of_changes_leaves_no_difference_and_nothing_is_written_twice(store):
    sys.stdout.write(f"\n{LINKS} links, seed {SEED}\n")
    with running_sandbox(*arguments(LINKS)) as sandbox:
        run_month(Month(store, sandbox, SEED))


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(120 + 240 * OWNERS_OF_EVERYTHING)
def test_a_month_of_everything_leaves_no_difference_and_nothing_is_written_twice(store):
    """Growing rows, nights and workouts across midnight, ECGs and minutes, with the clock changes."""
    sys.stdout.write(f"\n{OWNERS_OF_EVERYTHING} links with everything, seed {SEED}\n")
    with running_sandbox(*arguments(OWNERS_OF_EVERYTHING, "--data", "all")) as sandbox:
        run_whole_month(Month(store, sandbox, SEED, whole=True))
