"""How many calls a month and a night of a Google Health account cost: one per data type and range, and pages."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.linked_at_sandbox import sandbox_with_everything

TODAY = datetime.now(UTC).date()
MONTH = [TODAY - timedelta(days=n) for n in range(32, 2, -1)]
LOOK_BACK = MONTH[-3:]
# By the vendor's reference: civil days in one roll-up, nights or workouts on a page.
CAPS = {"heart-rate": 14, "active-minutes": 14, "total-calories": 14}
OTHERS, ON_A_PAGE = 90, 25


@pytest.fixture(scope="module")
def vendor():
    with sandbox_with_everything(people=2) as sandbox:
        sandbox.post("google_health/settings", rate_limit=1_000_000)
        yield sandbox


@pytest.fixture
def carried(store, vendor):
    opened = GoogleCarried(store, vendor, everything=True)
    yield opened
    opened.close()


def calls(carried, vendor, days):
    """Sync days of everything; gives Google's calls by name."""
    link = carried.link_whole(vendor.people[0])
    vendor.post("calls/reset")
    results = list(carried.sync.run(link, days, run_id="run-1"))
    assert {one.outcome.value for one in results} <= {"synced", "no_data"}
    return vendor.calls()["google_health"]


def test_a_month_costs_a_call_per_data_type_and_range_and_one_per_page(carried, vendor):
    made = calls(carried, vendor, MONTH)

    assert len(made) >= 28
    for name, count in made.items():
        path, method = name.split(":")
        cap = CAPS.get(path, OTHERS) if method == "dailyRollUp" else OTHERS
        # A page more than is full, and a month of a nap now and then.
        pages = 3 if path in {"sleep", "exercise"} else math.ceil(len(MONTH) / cap)
        assert count <= max(pages, 2 if path == "heart-rate" and method == "reconcile" else 1), made


def test_a_night_costs_at_most_a_call_per_data_type(carried, vendor):
    made = calls(carried, vendor, LOOK_BACK)

    assert set(made.values()) == {1}, made
