"""A call is counted before it is made, and the vendor's wish for a pause reaches every process."""

import pytest

from ohx_pipelines.errors import BudgetSpent, RateLimited, VendorDown
from ohx_pipelines.providers.counted import counted


class Ledger:
    """A budget that notes what it is told, and lets through what `refuses` does not forbid."""

    def __init__(self, *, refuses=None):
        self.told, self.refuses = [], refuses

    def spend(self, *, account=None):
        if self.refuses:
            raise self.refuses
        self.told.append(account)

    def pause(self, seconds):
        self.told.append(seconds)


def made(ledger, error=None, **options):
    with counted(ledger, **options):
        ledger.told.append("call")
        if error:
            raise error


def test_a_call_is_counted_for_its_account_before_it_is_made():
    ledger = Ledger()

    made(ledger, account="link-1")

    assert ledger.told == ["link-1", "call"]


@pytest.mark.parametrize(("asked", "kept"), [(37.0, 37.0), (0.0, 0.0), (None, 10.0)])
def test_a_pause_that_the_vendor_asks_for_is_told_and_the_error_stays(asked, kept):
    ledger = Ledger()

    with pytest.raises(RateLimited):
        made(ledger, RateLimited(status=601, wait_seconds=asked))

    assert ledger.told == [None, "call", kept]


def test_a_pause_for_this_one_call_is_nobody_elses():
    ledger = Ledger()

    with pytest.raises(RateLimited):
        made(ledger, RateLimited(wait_seconds=8), unless=lambda error: error.wait_seconds == 8)

    assert ledger.told == [None, "call"]


def test_other_trouble_asks_for_no_pause():
    ledger = Ledger()

    with pytest.raises(VendorDown):
        made(ledger, VendorDown())

    assert ledger.told == [None, "call"]


def test_no_call_is_made_and_no_pause_told_when_the_turn_would_come_too_late():
    ledger = Ledger(refuses=BudgetSpent(free_in_seconds=400))

    with pytest.raises(BudgetSpent):
        made(ledger)

    assert ledger.told == []
