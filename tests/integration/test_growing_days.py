"""Days that are still going on: their totals grow, are replaced, and stand as final once the day has ended.

The product's clock is the sandbox's, which is moved by six hours from one sync to the next.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.local_day import local_day
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, withings_settings
from tests.sandbox_process import running_sandbox
from tests.unit.fhir.tables import changed

SIX_HOURS = 6 * 3_600
STEPS = 12
PATIENCE_SECONDS = 60
PEOPLE = 3


@pytest.fixture(scope="module")
def vendor():
    arguments = (*SANDBOX_ARGUMENTS, "--data", "all", "--people", str(PEOPLE))
    with running_sandbox(*arguments) as sandbox:
        sandbox.post("withings/settings", rate_limit=1_000_000, page_size=200)
        yield sandbox


@pytest.fixture
def carried(store, vendor):
    opened = Carried(store, vendor, timeout_seconds=PATIENCE_SECONDS)
    settings = withings_settings(vendor.addresses, timeout_seconds=PATIENCE_SECONDS)
    provider = WithingsProvider(settings.model_copy(update={"paid_types": True}))
    opened.provider = provider
    table = changed(load_mapping(), "sleep_stage", enabled=True)
    opened.sync = replace(
        opened.sync,
        providers={"withings": provider},
        mapping=table,
        now=lambda: clock(vendor),
        # As at night: what was not modified is not read again.
        reads_again=False,
    )
    yield opened
    opened.close()


def clock(sandbox):
    now = requests.get(f"{sandbox.control}/clock", timeout=10).json()["now"]
    return datetime.fromtimestamp(now, UTC)


def judged(sandbox, person, first, last):
    parameters = {
        "from": str(first), "to": str(last), "login": person["login"],
        "follow": "1", "paid": "1", "stages": "1",
    }  # fmt: skip
    answer = requests.get(f"{sandbox.control}/differences", params=parameters, timeout=300)
    answer.raise_for_status()
    return answer.json()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_totals_that_grow_are_replaced_and_end_as_final(carried, vendor, store):
    links = {}
    for person in vendor.people:
        links[person["login"]] = carried.link(person).id
        store.share(links[person["login"]], carried.provider.facts.shareable, who="patient")
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
            report = judged(vendor, person, days[0], days[-1])
            assert report["differences"] == 0, report
        vendor.post("clock", advance_seconds=SIX_HOURS)
    assert grown > 100
