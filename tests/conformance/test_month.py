"""The month of `tests/integration/test_month.py` on a real strict server."""

import os
import secrets
import sys

import pytest

from tests.integration.cloud_month import run_cloud_month
from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.month import Month, arguments
from tests.integration.month_rounds import run_month, run_whole_month
from tests.integration.omron_at_sandbox import OmronCarried
from tests.sandbox_process import running_sandbox

LINKS = int(os.environ.get("MONTH_LINKS") or 4)
# A person with everything has ten times the readings.
OWNERS_OF_EVERYTHING = max(1, LINKS // 4)
SEED = int(os.environ.get("SEED") or secrets.randbelow(10_000))


@pytest.mark.slow
@pytest.mark.timeout(300 + 120 * LINKS)
def test_a_month_of_changes_leaves_no_difference_on_a_real_server(hapi, store):
    sys.stdout.write(f"\n{LINKS} links, seed {SEED}\n")
    with running_sandbox(*arguments(LINKS, "--ehr-url", hapi.url)) as sandbox:
        run_month(Month(store, sandbox, SEED))


@pytest.mark.slow
@pytest.mark.timeout(300 + 900 * OWNERS_OF_EVERYTHING)
def test_a_month_of_everything_leaves_no_difference_on_a_real_server(hapi, store):
    sys.stdout.write(f"\n{OWNERS_OF_EVERYTHING} links with everything, seed {SEED}\n")
    asked = arguments(OWNERS_OF_EVERYTHING, "--data", "all", "--ehr-url", hapi.url)
    with running_sandbox(*asked) as sandbox:
        run_whole_month(Month(store, sandbox, SEED, whole=True))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("carrying", [GoogleCarried, OmronCarried], ids=["google_health", "omron"])
def test_a_month_of_another_cloud_leaves_no_difference_on_a_real_server(hapi, store, carrying):
    sys.stdout.write(f"\nseed {SEED}\n")
    with running_sandbox(*arguments(1, "--data", "all", "--ehr-url", hapi.url)) as sandbox:
        sandbox.post(f"{carrying.vendor}/settings", rate_limit=1_000_000)
        carried = carrying(store, sandbox, everything=True)
        try:
            run_cloud_month(carried, sandbox, SEED)
        finally:
            carried.close()
