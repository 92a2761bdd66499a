"""Days of a cloud's account that are still going on: totals grow, are replaced, and end as final.

The product's clock is the sandbox's, which is moved by six hours from one sync to the next.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from ohx_pipelines.local_day import local_day
from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.linked_at_sandbox import sandbox_with_everything
from tests.integration.omron_at_sandbox import OmronCarried

SIX_HOURS = 6 * 3_600
STEPS = 8
PEOPLE = 3
# And how many updates there are at least: OMRON has three totals of a day, Google many.
CLOUDS = {GoogleCarried: 100, OmronCarried: 20}


@pytest.fixture(scope="module")
def vendor():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        for one in CLOUDS:
            sandbox.post(f"{one.vendor}/settings", rate_limit=1_000_000)
        yield sandbox


@pytest.fixture(params=CLOUDS, ids=["google_health", "omron"])
def carried(request, store, vendor):
    opened = request.param(store, vendor, everything=True)
    opened.sync = replace(opened.sync, now=lambda: clock(vendor), reads_again=False)
    yield opened
    opened.close()


def clock(sandbox):
    now = requests.get(f"{sandbox.control}/clock", timeout=10).json()["now"]
    return datetime.fromtimestamp(now, UTC)


@pytest.mark.slow
def test_totals_that_grow_are_replaced_and_end_as_final(carried, vendor, store):
    links = {person["login"]: carried.link_whole(person) for person in vendor.people}
    first = {}
    grown = 0
    for _ in range(STEPS):
        for person in vendor.people:
            zone = store.link(links[person["login"]]).zone
            today = local_day(clock(vendor), zone)
            begin = first.setdefault(person["login"], today - timedelta(days=1))
            days = [begin + timedelta(days=n) for n in range((today - begin).days + 1)]

            results = list(carried.sync.run(links[person["login"]], days, run_id="run-1"))

            assert {one.outcome.value for one in results} <= {"synced", "no_data"}
            grown += sum(one.counts.updated for one in results)
            report = vendor.differences(
                days[0],
                days[-1],
                person["login"],
                vendor=carried.vendor,
                follow=1,
                stages=1,
            )
            assert report["differences"] == 0, report
        vendor.post("clock", advance_seconds=SIX_HOURS)
    assert grown > CLOUDS[type(carried)]
