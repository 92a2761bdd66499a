"""Everything that Withings has, carried: the independent reader finds no difference, a rerun writes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import requests

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, withings_settings
from tests.sandbox_process import running_sandbox
from tests.unit.fhir.tables import changed

PEOPLE = 6
# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 22), date(2026, 11, 3)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
PATIENCE_SECONDS = 60
GREEN = {"synced", "no_data"}


@pytest.fixture(scope="module")
def everything():
    """A sandbox with all that the vendor has."""
    with running_sandbox(*SANDBOX_ARGUMENTS, "--data", "all", "--people", str(PEOPLE)) as sandbox:
        sandbox.post("withings/settings", rate_limit=1_000_000, page_size=200)
        yield sandbox


@pytest.fixture
def carried(store, everything):
    """The sync of a deployment that asks for all of it."""
    opened = Carried(store, everything, timeout_seconds=PATIENCE_SECONDS)
    settings = withings_settings(everything.addresses, timeout_seconds=PATIENCE_SECONDS)
    provider = WithingsProvider(settings.model_copy(update={"paid_types": True}))
    opened.provider = provider
    table = changed(load_mapping(), "sleep_stage", enabled=True)
    opened.sync = replace(opened.sync, providers={"withings": provider}, mapping=table)
    yield opened
    opened.close()


def differences(sandbox, person, *, first=FIRST, last=LAST):
    parameters = {
        "from": str(first), "to": str(last), "login": person["login"], "paid": "1", "stages": "1",
    }  # fmt: skip
    answer = requests.get(f"{sandbox.control}/differences", params=parameters, timeout=300)
    answer.raise_for_status()
    return answer.json()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(PEOPLE))
def test_all_that_a_person_has_stands_in_the_ehr_once_and_right(carried, everything, store, number):
    person = everything.people[number]
    link = carried.link(person).id
    store.share(link, carried.provider.facts.shareable, who="patient")

    results = list(carried.sync.run(link, DAYS, run_id="run-1"))

    assert {one.outcome.value for one in results} <= GREEN, [
        (one.day, one.outcome, one.error, one.reasons) for one in results
    ]
    report = differences(everything, person)
    assert report["differences"] == 0, report
    assert report["compared"] == sum(one.counts.observations for one in results) > 100

    again = list(carried.sync.run(link, DAYS, run_id="run-2"))

    assert sum(one.counts.created + one.counts.updated for one in again) == 0
    assert sum(one.counts.retracted for one in again) == 0
