"""A patient changes what is shared: what is read and written follows at once, what is there stays.

The product's sync over a real store, between the sandbox's vendor and its EHR.
"""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from ohx_pipelines.outcomes import Outcome
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, link_person
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.slow

WEIGHT, PRESSURE = "29463-7", "85354-9"
WHO = "patient p"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people", "24") as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000)
        yield running


@pytest.fixture(scope="module")
def days():
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in range(13, -1, -1)]


@pytest.fixture
def carried(store, sandbox):
    opened = Carried(store, sandbox)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def people(sandbox):
    return list(sandbox.people)


@pytest.fixture
def person(people, carried, days):
    """Somebody whom no other test has taken, with weighings and blood pressures on the days."""
    while people:
        person = people.pop()
        kinds = {
            one["type"]
            for row in carried.rows(person, days[0], days[-1])
            if row["attrib"] in {0, 8}
            for one in row["measures"]
        }
        if {1, 9, 10} <= kinds:
            return person
    raise AssertionError


@pytest.fixture
def link(carried, person):
    return carried.link(person).id


def charted(sandbox, person):
    """Give the versions of the person's Observations by code and id, read over plain HTTP."""
    patient = f"Patient/{person['patient_id']}"
    url = f"{sandbox.addresses['ehr']['url']}/Observation?patient={patient}&_count=1000"
    bundle = requests.get(url, timeout=10).json()
    assert "next" not in {one["relation"] for one in bundle["link"]}
    found = [entry["resource"] for entry in bundle.get("entry", [])]
    return {
        (one["code"]["coding"][0]["code"], one["id"]): (one["meta"]["versionId"], one["status"])
        for one in found
    }


def codes(chart):
    return {code for code, _ in chart}


def outcomes(results):
    return {result.outcome for result in results.values()}


def test_what_is_not_shared_never_reaches_the_ehr_and_comes_when_it_is(
    carried, sandbox, person, link, days
):
    carried.store.share(link, ["body"], who=WHO)
    carried.run({link: days})
    before = charted(sandbox, person)

    carried.store.share(link, ["body", "blood_pressure"], who=WHO)
    carried.run({link: days})

    after = charted(sandbox, person)
    assert WEIGHT in codes(before)
    assert PRESSURE not in codes(before)
    assert PRESSURE in codes(after)
    # What was there is still there as it was.
    assert before.items() <= after.items()


def test_what_is_no_longer_shared_stays_as_it_is_and_nothing_of_it_comes_after(
    carried, sandbox, person, link, days
):
    carried.run({link: days[:7]})
    before = charted(sandbox, person)
    carried.store.share(link, ["body"], who=WHO)

    results = carried.run({link: days})

    assert outcomes(results) <= {Outcome.SYNCED, Outcome.NO_DATA}
    after = charted(sandbox, person)
    pressures = {one: seen for one, seen in after.items() if one[0] == PRESSURE}
    assert pressures == {one: seen for one, seen in before.items() if one[0] == PRESSURE}
    assert before.items() <= after.items()


class ChangesItsMind:
    """The vendor's client, for a patient who changes something while the vendor answers."""

    def __init__(self, provider, change):
        self._provider, self._change = provider, change

    def __getattr__(self, name):
        return getattr(self._provider, name)

    def fetch(self, *arguments, **options):
        fetched = self._provider.fetch(*arguments, **options)
        self._change()
        return fetched


def test_a_change_while_the_vendor_answers_counts_before_the_first_write(
    carried, sandbox, person, link, days
):
    change = ChangesItsMind(carried.provider, lambda: carried.store.share(link, ["body"], who=WHO))
    carried.sync.providers["withings"] = change

    results = carried.run({link: days})

    # Days on which there was nothing to write have ended before the question.
    assert Outcome.NOT_CONSENTED in outcomes(results)
    assert outcomes(results) <= {Outcome.NOT_CONSENTED, Outcome.NO_DATA, Outcome.SYNCED}
    assert charted(sandbox, person) == {}
    # The next run asks for what is shared now, and carries that.
    assert Outcome.NOT_CONSENTED not in outcomes(carried.run({link: days}))
    assert WEIGHT in codes(charted(sandbox, person))
    assert PRESSURE not in codes(charted(sandbox, person))


def test_sharing_more_while_the_vendor_answers_stops_nothing(carried, sandbox, person, link, days):
    carried.store.share(link, ["body"], who=WHO)
    more = ["body", "blood_pressure"]
    change = ChangesItsMind(carried.provider, lambda: carried.store.share(link, more, who=WHO))
    carried.sync.providers["withings"] = change

    assert Outcome.NOT_CONSENTED not in outcomes(carried.run({link: days}))
    assert WEIGHT in codes(charted(sandbox, person))


def test_a_renewed_permission_carries_only_what_was_chosen_before(
    carried, sandbox, person, link, days
):
    carried.store.share(link, ["blood_pressure"], who=WHO)

    assert link_person(carried.store, sandbox, person, carried.provider).id == link
    carried.run({link: days})

    assert WEIGHT not in codes(charted(sandbox, person))
    assert PRESSURE in codes(charted(sandbox, person))
