"""Days whose calls found no turn: they end as rate_limited, and nobody takes it for the vendor's trouble."""

from datetime import timedelta

import pytest

from ohx_pipelines.errors import BudgetSpent
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.outcomes import Outcome, Stage
from ohx_pipelines.urgency import Urgency, hurry
from tests.unit.made_up import MadeUpEhr, MadeUpVendor, QuietBreaker
from tests.unit.one_link import NOW, WEEK, synced

TODAY = NOW.date()


class Watched(MadeUpVendor):
    """A vendor that notes how urgent its calls are."""

    def fetch(self, window, token, *, asked):
        self.urgencies = [*getattr(self, "urgencies", []), hurry().urgency]
        return super().fetch(window, token, asked=asked)


@pytest.fixture
def run():
    def synced_days(vendor, days=WEEK, **changes):
        return synced(vendor, Publisher(MadeUpEhr()), days, **changes)

    return synced_days


@pytest.fixture
def spent():
    vendor = MadeUpVendor()
    vendor.fetch_errors[None] = BudgetSpent(free_in_seconds=400)
    return vendor


def test_every_day_of_the_window_ends_as_rate_limited_and_says_that_nothing_was_asked(run, spent):
    results = run(spent)

    assert [result.day for result in results] == WEEK
    assert {(r.outcome, r.failed_stage, r.error, r.status) for r in results} == {
        (Outcome.RATE_LIMITED, Stage.FETCHED, "budget_spent", None)
    }
    assert {result.attempts for result in results} == {0}


def test_the_breaker_hears_of_neither_trouble_nor_an_answer(run, spent):
    breaker = QuietBreaker()

    run(spent, vendor_breaker=breaker)

    assert breaker.noted == []


def test_what_is_asked_for_is_as_urgent_as_its_days_and_no_longer_than_it_takes(run):
    vendor = Watched()
    for first, last in ((40, 0), (3, 1), (0, 0)):
        days = [TODAY - timedelta(days=ago) for ago in range(last, first + 1)]
        run(vendor, days)

    assert vendor.urgencies == [Urgency.BACKFILL, Urgency.LOOK_BACK, Urgency.TODAY]
    assert hurry().urgency is Urgency.TODAY


def test_a_longer_look_back_is_no_backfill(run):
    vendor = Watched()

    run(vendor, [TODAY - timedelta(days=7)], look_back_days=7)

    assert vendor.urgencies == [Urgency.LOOK_BACK]
