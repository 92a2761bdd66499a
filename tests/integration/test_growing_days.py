"""Days that are still going on: their totals grow, are replaced, and stand as final once the day has ended.

The product's clock is the sandbox's, which is moved by six hours from one sync to the next.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from ohx_pipelines.local_day import local_day
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import sandbox_with_everything

SIX_HOURS = 6 * 3_600
STEPS = 12
PEOPLE = 3


@pytest.fixture(scope="module")
def vendor():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        yield sandbox


@pytest.fixture
def carried(store, vendor):
    opened = Carried(store, vendor, everything=True)
    # As at night: what was not modified is not read again.
    opened.sync = replace(opened.sync, now=lambda: clock(vendor), reads_again=False)
    yield opened
    opened.close()


def clock(sandbox):
    now = requests.get(f"{sandbox.control}/clock", timeout=10).json()["now"]
    return datetime.fromtimestamp(now, UTC)


@pytest.mark.slow
def test_totals_that_grow_are_replaced_and_end_as_final(carried, vendor, store):
    links = {}
    for person in vendor.people:
        links[person["login"]] = carried.link_whole(person)
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
                days[0], days[-1], person["login"], follow=1, paid=1, stages=1
            )
            assert report["differences"] == 0, report
        vendor.post("clock", advance_seconds=SIX_HOURS)
    assert grown > 100
