"""One budget of calls for all processes: never above the limit, in order of urgency, nothing held meanwhile."""

import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from ohx_pipelines.errors import BudgetSpent, RateLimited
from ohx_pipelines.links.call_budget import SharedBudget, budget_within
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.turns import Asker, Budget
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.base import Limit
from ohx_pipelines.urgency import Urgency, at_once, using

MINUTE = Budget(name="withings", calls=120, seconds=62.0, calls_per_account=90)
# So slow that nothing changes while a test runs.
SLOW = replace(MINUTE, seconds=620.0)
# A vendor's sixteen calls a second; to be on the safe side, in two.
SECOND = Budget(name="withings", calls=16, seconds=2.0, calls_per_account=16)
TODAY, LOOK_BACK, BACKFILL = Urgency


@pytest.fixture
def ask(store):
    """Ask for a turn; gives after how many seconds to come again, 0 for `call`."""

    def asked(name="a", *, budget=MINUTE, **asker):
        return store.ask_turn(budget, Asker(id=name, **asker))

    return asked


@pytest.fixture
def calls_made(ask):
    """Let so many calls through, which must all be free; gives their names."""

    def made(number, **asker):
        for n in range(number):
            assert ask(f"made-{n}", **asker) == 0, f"call {n + 1}"

    return made


@pytest.fixture
def ask_when_full(ask, sql):
    """Ask when 120 calls were made five seconds apart: the first leaves the window in three."""
    sql("INSERT INTO call_budgets (name) VALUES ('withings')")
    sql(
        "INSERT INTO counted_calls (budget, at) SELECT 'withings', "
        "clock_timestamp() - make_interval(secs => 617 - n * 5) FROM generate_series(0, 119) n"
    )
    return partial(ask, budget=SLOW)


@pytest.fixture
def passes(sql):
    """Let time pass for what was counted and for who waits."""

    def passed(seconds):
        for table, column in (("counted_calls", "at"), ("waiting_calls", "comes_at")):
            sql(f"UPDATE {table} SET {column} = {column} - make_interval(secs => {seconds})")
        sql(f"UPDATE call_budgets SET paced_until = paced_until - {round(seconds * 1_000_000)}")

    return passed


@pytest.fixture
def another_process(database_url):
    store = open_store(database_url, Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40)
    yield store
    store.close()


@pytest.fixture
def budget(store):
    def give(of=SECOND, *, longest_wait_seconds=30.0, **more):
        return SharedBudget(store, of, longest_wait_seconds=longest_wait_seconds, **more)

    return give


def test_call_number_121_waits_until_the_first_has_left_the_window(ask_when_full, sql):
    assert 1 < ask_when_full(urgency=TODAY) <= 3.01

    sql("DELETE FROM counted_calls WHERE id = (SELECT min(id) FROM counted_calls)")
    assert ask_when_full(urgency=TODAY) == 0
    assert ask_when_full("b", urgency=TODAY) > 0


def test_processes_share_one_count(store, another_process):
    for n in range(60):
        asked = (store, another_process)[n % 2]
        assert asked.ask_turn(SLOW, Asker(id=f"made-{n}")) == 0

    assert store.ask_turn(SLOW, Asker(id="one-more")) > 0
    assert another_process.ask_turn(SLOW, Asker(id="one-more")) > 0


def test_vendors_have_budgets_of_their_own(ask_when_full):
    assert ask_when_full() > 0
    assert ask_when_full(budget=replace(SLOW, name="acme")) == 0


def test_in_no_second_more_calls_leave_than_the_limit_however_many_ask_at_once(budget, at_once):
    one, left, lock = budget(), [], threading.Lock()

    def call_away():
        with using(TODAY):
            for _ in range(4):
                one.spend()
                with lock:
                    left.append(time.monotonic())

    assert at_once(*[call_away] * 10) == [None] * 10

    left.sort()
    assert len(left) == 40
    assert all(late - early > 1 for early, late in zip(left, left[16:], strict=False))
    # Forty at eight a second, of which the first eight go at once.
    assert left[-1] - left[0] < 40


def test_one_account_takes_its_share_and_leaves_the_rest_to_others(ask, calls_made):
    small = replace(MINUTE, calls_per_account=5)
    calls_made(5, budget=small, account="link-1")

    assert ask(budget=small, account="link-1") > 50
    assert ask("b", budget=small, account="link-2") == 0
    assert ask("c", budget=small) == 0


def test_who_waits_for_its_account_keeps_nobody_else_waiting(ask_when_full, sql):
    small = replace(SLOW, calls_per_account=5)
    newest = "(SELECT id FROM counted_calls ORDER BY id DESC LIMIT 5)"
    sql(f"UPDATE counted_calls SET account = 'link-1' WHERE id IN {newest}")
    assert ask_when_full("first", budget=small, account="link-1") > 500

    sql("DELETE FROM counted_calls WHERE id = (SELECT min(id) FROM counted_calls)")

    assert ask_when_full("second", budget=small, account="link-2") == 0


def test_a_backfill_is_spread_evenly_and_what_is_urgent_may_go_at_one_go(ask, calls_made):
    calls_made(15, budget=SLOW, urgency=BACKFILL)
    # 620 seconds by 120 calls.
    assert 4 < ask(budget=SLOW, urgency=BACKFILL) <= 5.17

    calls_made(40, budget=SLOW, urgency=TODAY)


def test_a_backfill_that_gave_way_long_enough_is_spread_no_more_than_what_is_urgent(
    ask, calls_made
):
    calls_made(50, budget=SLOW, urgency=TODAY)
    waiting = {"budget": SLOW, "urgency": BACKFILL, "handicap_seconds": 240}

    assert ask(waited_seconds=200, **waiting) > 0
    assert ask(waited_seconds=241, **waiting) == 0


def test_who_stands_behind_others_is_told_to_come_after_them(ask, calls_made):
    calls_made(15, budget=SLOW, urgency=BACKFILL)

    first, *others = [ask(name, budget=SLOW, urgency=BACKFILL) for name in "abcd"]

    assert 4 < first <= 5.17
    assert [round(wait - first) for wait in others] == [5, 10, 15]


def test_the_more_urgent_goes_first_although_it_came_later(ask_when_full, passes):
    night = {"urgency": LOOK_BACK, "handicap_seconds": 120}
    backfill = {"urgency": BACKFILL, "handicap_seconds": 240}
    assert ask_when_full("backfill", **backfill) > 0
    assert ask_when_full("night", **night) > 0
    told = ask_when_full("today", urgency=TODAY)

    passes(told)

    assert ask_when_full("backfill", waited_seconds=told, **backfill) > 0
    assert ask_when_full("night", waited_seconds=told, **night) > 0
    assert ask_when_full("today", waited_seconds=told, urgency=TODAY) == 0


def test_of_the_equally_urgent_who_came_first_goes_first(ask_when_full, passes):
    told = ask_when_full("first", urgency=BACKFILL)

    passes(told)

    assert ask_when_full("second", urgency=BACKFILL) > 0
    assert ask_when_full("first", urgency=BACKFILL, waited_seconds=told) == 0


def test_a_backfill_that_waited_long_enough_goes_before_what_is_new_today(ask_when_full, passes):
    backfill = {"urgency": BACKFILL, "handicap_seconds": 240}
    told = ask_when_full("backfill", waited_seconds=250, **backfill)

    passes(told)

    assert ask_when_full("today", urgency=TODAY) > 0
    assert ask_when_full("backfill", waited_seconds=250 + told, **backfill) == 0


def test_the_turn_of_a_process_that_died_is_kept_for_two_seconds_and_no_longer(
    ask_when_full, passes
):
    told = ask_when_full("dead", urgency=BACKFILL)
    passes(told + 0.1)

    assert ask_when_full("alive", urgency=BACKFILL) > 0
    passes(2.1)
    assert ask_when_full("alive", urgency=BACKFILL, waited_seconds=2.1) == 0


def test_the_vendors_pause_is_kept_by_every_process(store, another_process):
    another_process.pause_calls("withings", seconds=37)

    told = store.ask_turn(MINUTE, Asker(id="a"))

    assert 20 < told <= 37
    assert store.ask_turn(replace(MINUTE, name="acme"), Asker(id="a")) == 0


def test_a_shorter_pause_does_not_end_a_longer_one(store, ask):
    store.pause_calls("withings", seconds=50)
    store.pause_calls("withings", seconds=1)

    assert ask() > 35


def test_a_pause_of_days_is_asked_about_again_after_a_quarter_of_an_hour(store, ask):
    store.pause_calls("withings", seconds=400_000)

    assert 870 < ask() <= 900


def test_a_turn_that_would_come_too_late_is_said_at_once(store, budget, sql):
    store.pause_calls("withings", seconds=40)
    started = time.monotonic()

    with pytest.raises(BudgetSpent) as caught:
        budget(longest_wait_seconds=30).spend(account="link-1")

    assert time.monotonic() - started < 15
    assert 25 < caught.value.free_in_seconds <= 40
    assert isinstance(caught.value, RateLimited)
    assert caught.value.wait_seconds is None  # no wish of the vendor's, so no client waits for it
    assert sql("SELECT count(*) FROM waiting_calls") == [(0,)]
    assert sql("SELECT count(*) FROM counted_calls") == [(0,)]


def test_who_cannot_wait_long_is_bounded_by_that(store, budget):
    store.pause_calls("withings", seconds=8)

    with at_once(most_seconds=5), pytest.raises(BudgetSpent):
        budget(longest_wait_seconds=300).spend()


def test_who_waits_holds_no_connection_and_no_lock(store, budget, sql):
    store.pause_calls("withings", seconds=0.3)
    seen = []

    def sleep(seconds):
        seen.append(store.engine.pool.checkedout())
        held = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        seen.extend(sql(held)[0])
        time.sleep(seconds)

    budget(sleep=sleep).spend()

    assert seen
    assert set(seen) == {0}


def test_what_no_longer_counts_is_deleted(ask, calls_made, passes, sql):
    calls_made(15, urgency=BACKFILL)
    ask("waits", urgency=BACKFILL)
    passes(70)

    ask("b")

    assert sql("SELECT count(*) FROM counted_calls") == [(1,)]
    assert sql("SELECT count(*) FROM waiting_calls") == [(0,)]


def test_a_budget_is_two_seconds_longer_than_the_vendors_window_and_uses_95_percent_of_it():
    vendor = Limit(calls=120, seconds=60, per="application")
    own = Limit(calls=90, seconds=60, per="account")

    found = budget_within("withings", (vendor, own))

    assert found == Budget(name="withings", calls=120, seconds=62.0, calls_per_account=90)
    assert found.calls / found.seconds >= 0.95 * 120 / 60


def test_a_vendor_without_a_limit_has_no_budget():
    assert budget_within("acme", ()) is None
