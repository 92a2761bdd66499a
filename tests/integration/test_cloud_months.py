"""A month of a cloud's accounts with edits, deletions and late readings leaves no difference."""

import os
import secrets
import sys

import pytest

from tests.integration.cloud_month import run_cloud_month
from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.linked_at_sandbox import sandbox_with_everything
from tests.integration.omron_at_sandbox import OmronCarried

PEOPLE = 2
SEED = int(os.environ.get("SEED") or secrets.randbelow(10_000))


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize("carrying", [GoogleCarried, OmronCarried], ids=["google_health", "omron"])
def test_a_month_of_changes_leaves_no_difference_and_nothing_is_written_twice(store, carrying):
    sys.stdout.write(f"\nseed {SEED}\n")
    with sandbox_with_everything(people=PEOPLE) as vendor:
        vendor.post(f"{carrying.vendor}/settings", rate_limit=1_000_000)
        carried = carrying(store, vendor, everything=True)
        try:
            run_cloud_month(carried, vendor, SEED)
        finally:
            carried.close()
