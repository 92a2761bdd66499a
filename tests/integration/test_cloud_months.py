"""A month of Google Health accounts with edits, deletions and late points leaves no difference."""

import os
import secrets
import sys

import pytest

from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.google_month import run_google_month
from tests.integration.linked_at_sandbox import sandbox_with_everything

PEOPLE = 2
SEED = int(os.environ.get("SEED") or secrets.randbelow(10_000))
PATIENCE_SECONDS = 60


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_a_month_of_changes_leaves_no_difference_and_nothing_is_written_twice(store):
    sys.stdout.write(f"\nseed {SEED}\n")
    with sandbox_with_everything(people=PEOPLE) as vendor:
        vendor.post("google_health/settings", rate_limit=1_000_000)
        carried = GoogleCarried(store, vendor, timeout_seconds=PATIENCE_SECONDS, everything=True)
        try:
            run_google_month(carried, vendor, SEED)
        finally:
            carried.close()
