"""A refresh that finds no turn: its lease is given back, and it is asked for again, or given up."""

import time
from datetime import timedelta

import pytest

from ohx_pipelines.errors import BudgetSpent
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules
from ohx_pipelines.urgency import at_once


class BusyVendor:
    """A vendor whose first refreshes find no turn."""

    def __init__(self, new_grant, *, free_in_seconds, times):
        self.new_grant, self.free_in_seconds, self.left = new_grant, free_in_seconds, times
        self.seen = []

    def refresh(self, refresh_token):
        self.seen.append(refresh_token)
        if self.left:
            self.left -= 1
            raise BudgetSpent(free_in_seconds=self.free_in_seconds)
        return self.new_grant(number=2)


@pytest.fixture
def refreshing(store, active_link, new_grant, leased):
    """Give the due link's tokens, on a vendor whose first refreshes find no turn."""

    def give(*, free_in_seconds, times):
        store.save_tokens(leased(active_link.id), new_grant(valid=timedelta(seconds=30)))
        vendor = BusyVendor(new_grant, free_in_seconds=free_in_seconds, times=times)
        rules = RefreshRules(lease_seconds=1.0, refusal_pause_seconds=0)
        return LinkTokens(store, vendor, active_link.id, rules=rules), vendor

    return give


def test_it_waits_for_its_turn_and_refreshes_then(refreshing):
    tokens, vendor = refreshing(free_in_seconds=0.2, times=2)
    started = time.monotonic()

    assert tokens.current() == "access-CANARY-2"

    assert len(vendor.seen) == 3
    assert time.monotonic() - started >= 0.4


def test_others_may_refresh_while_it_waits(refreshing, leased, active_link, monkeypatch):
    tokens, _ = refreshing(free_in_seconds=0.2, times=1)
    leases = []

    def sleep(_seconds):
        lease = leased(active_link.id, seconds=0)
        leases.append(lease)

    monkeypatch.setattr("ohx_pipelines.links.tokens.time.sleep", sleep)

    assert tokens.current() == "access-CANARY-2"
    assert leases[0] is not None


def test_a_turn_that_comes_too_late_is_told_as_it_is_and_loses_nothing(
    refreshing, leased, active_link
):
    tokens, vendor = refreshing(free_in_seconds=60, times=99)

    with pytest.raises(BudgetSpent):
        tokens.current()

    assert len(vendor.seen) == 1
    assert leased(active_link.id) is not None


def test_at_a_page_nobody_waits_for_it(refreshing):
    tokens, _ = refreshing(free_in_seconds=0.2, times=1)

    with at_once(most_seconds=20), pytest.raises(BudgetSpent):
        tokens.current()
