"""Everything that Google Health has, carried: the independent reader finds no difference, a rerun writes nothing."""

from datetime import date, timedelta

import pytest

from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.linked_at_sandbox import sandbox_with_everything

PEOPLE = 6
# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 22), date(2026, 11, 3)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
GREEN = {"synced", "no_data"}


@pytest.fixture(scope="module")
def everything():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        sandbox.post("google_health/settings", rate_limit=1_000_000)
        yield sandbox


@pytest.fixture
def carried(store, everything):
    opened = GoogleCarried(store, everything, everything=True)
    yield opened
    opened.close()


def judged(sandbox, person, first=FIRST, last=LAST, **asked):
    asked = {"stages": 1} | asked
    return sandbox.differences(first, last, person["login"], vendor="google_health", **asked)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(PEOPLE))
def test_all_that_a_person_has_stands_in_the_ehr_once_and_right(carried, everything, number):
    person = everything.people[number]
    link = carried.link_whole(person)

    results = list(carried.sync.run(link, DAYS, run_id="run-1"))

    assert {one.outcome.value for one in results} <= GREEN, [
        (one.day, one.outcome, one.error, one.reasons) for one in results
    ]
    report = judged(everything, person)
    assert report["differences"] == 0, report
    assert report["compared"] == sum(one.counts.observations for one in results) > 100

    again = list(carried.sync.run(link, DAYS, run_id="run-2"))

    assert sum(one.counts.created + one.counts.updated for one in again) == 0
    assert sum(one.counts.retracted for one in again) == 0
