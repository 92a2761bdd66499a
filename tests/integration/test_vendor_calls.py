"""How many calls a user-day costs at the vendor: the first figure of this product.

The vendor lets the whole application call 120 times a minute, however many workers there are.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import sandbox_with_everything

TODAY = datetime.now(UTC).date()
MONTH = [TODAY - timedelta(days=n) for n in range(32, 2, -1)]
LOOK_BACK = MONTH[-3:]


@pytest.fixture(scope="module")
def vendor():
    with sandbox_with_everything(people=1) as sandbox:
        yield sandbox


@pytest.fixture
def carried(store, vendor):
    opened = Carried(store, vendor, everything=True)
    yield opened
    opened.close()


@pytest.fixture
def link(carried, vendor):
    """The link of a person who owns everything, all of it shared."""
    return carried.link_whole(vendor.people[0])


def calls(carried, vendor, link, days, **changes):
    """Sync days; gives the vendor's calls by name."""
    vendor.post("calls/reset")
    results = list(replace(carried.sync, **changes).run(link, days, run_id="run-1"))
    assert {one.outcome.value for one in results} <= {"synced", "no_data"}
    return vendor.calls()["withings"]


def test_a_month_with_everything_costs_a_dozen_calls_and_one_per_day_night_and_ecg(
    carried, vendor, link
):
    made = calls(carried, vendor, link, MONTH)

    costly = made.get("getintradayactivity", 0), made.get("sleep_get", 0), made.get("heart_get", 0)
    assert costly[0] <= len(MONTH) + 1
    assert costly[1] <= len(MONTH) + 1
    assert sum(made.values()) - sum(costly) <= 12, made


def test_without_minutes_and_stages_a_month_costs_at_most_eight_calls(carried, vendor, link, store):
    without = carried.provider.facts.shareable - {"intraday", "automatic", "sleep_stages", "ecg"}
    store.share(link, without, who="patient")

    made = calls(carried, vendor, link, MONTH)

    assert sum(made.values()) <= 8, made


def test_a_night_on_which_nothing_changed_costs_at_most_six_calls(carried, vendor, link):
    calls(carried, vendor, link, LOOK_BACK)

    made = calls(carried, vendor, link, LOOK_BACK, reads_again=False)

    assert sum(made.values()) <= 6, made


def test_a_night_on_which_a_day_changed_reads_that_day_alone(carried, vendor, link):
    calls(carried, vendor, link, LOOK_BACK)
    vendor.post(
        "readings/change",
        login=vendor.people[0]["login"],
        kind="activity",
        action="edit",
        day=str(LOOK_BACK[1]),
        field="steps",
        value=4_321,
    )

    made = calls(carried, vendor, link, LOOK_BACK, reads_again=False)

    assert made.get("getintradayactivity") == 1, made
