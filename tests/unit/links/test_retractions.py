"""Held retractions: which days wait, what was allowed, and when that is used up."""

from datetime import UTC, date, datetime

import pytest

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from tests.unit.linked import link_account

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (1, 2, 3))
WHO = "operator ann"


@pytest.fixture
def link(store):
    return link_account(store, "ada").id


@pytest.fixture
def held(store, link):
    """Note that a day ended with so many retractions held (0: it ended well)."""

    def note(day, count, *, of=link, run="run-1"):
        outcome = Outcome.RETRACTION_HELD if count else Outcome.SYNCED
        counts = Counts(rows=9, retraction_held=count, created=3)
        store.record_days(of, [DayResult(day=day, outcome=outcome, counts=counts)], run_id=run)

    return note


def days(found):
    return [(one.link_id, one.day, one.count) for one in found]


def test_days_with_something_held_are_given_in_order_with_their_count_and_run(store, link, held):
    before = datetime.now(UTC)
    held(SECOND, 21)
    held(FIRST, 3, run="run-2")
    held(THIRD, 0)

    found = store.held_retractions()

    assert days(found) == [(link, FIRST, 3), (link, SECOND, 21)]
    assert [one.run_id for one in found] == ["run-2", "run-1"]
    assert {(one.provider, one.last_success_at, one.confirmed) for one in found} == {
        ("acme", None, None)
    }
    assert all(before <= one.seen_at <= datetime.now(UTC) for one in found)


def test_a_day_that_was_fine_before_says_when(store, held):
    held(FIRST, 0)
    held(FIRST, 3)

    [one] = store.held_retractions()

    assert one.last_success_at < one.seen_at


def test_a_day_that_has_ended_well_since_is_not_held_any_more(store, held):
    held(FIRST, 3)
    held(FIRST, 0)

    assert store.held_retractions() == []


def test_of_one_link_only_its_own_days_are_given(store, link, held):
    other = link_account(store, "bob").id
    held(FIRST, 3)
    held(FIRST, 4, of=other)

    assert days(store.held_retractions(other)) == [(other, FIRST, 4)]
    assert len(store.held_retractions()) == 2


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_of_an_ended_link_nothing_is_given(store, link, held, state):
    held(FIRST, 3)
    store.set_state(link, state)

    assert store.held_retractions() == store.held_retractions(link) == []


def test_a_day_of_an_older_program_whose_counts_know_no_held_ones_is_not_held(store, held):
    held(FIRST, 3)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sync_ledger SET counts = counts - 'retraction_held'")

    assert store.held_retractions() == []


def test_what_was_allowed_is_given_by_day_and_shown_beside_what_is_held(store, link, held):
    held(FIRST, 3)
    held(SECOND, 5)

    store.confirm_retractions(link, {FIRST: 3}, who=WHO)

    assert store.confirmed_retractions(link) == {FIRST: 3}
    assert [one.confirmed for one in store.held_retractions()] == [3, None]


def test_a_second_word_about_a_day_replaces_the_first(store, link):
    store.confirm_retractions(link, {FIRST: 3, SECOND: 1}, who=WHO)
    store.confirm_retractions(link, {FIRST: 7}, who="operator bea")

    assert store.confirmed_retractions(link) == {FIRST: 7, SECOND: 1}


def test_a_day_that_is_done_uses_up_its_own_word_alone(store, link):
    other = link_account(store, "bob").id
    store.confirm_retractions(link, {FIRST: 3, SECOND: 1}, who=WHO)
    store.confirm_retractions(other, {FIRST: 4}, who=WHO)

    store.retraction_done(link, FIRST)
    store.retraction_done(link, THIRD)

    assert store.confirmed_retractions(link) == {SECOND: 1}
    assert store.confirmed_retractions(other) == {FIRST: 4}


def test_the_log_tells_who_allowed_how_many_of_which_days(store, link):
    store.confirm_retractions(link, {SECOND: 21, FIRST: 3}, who=WHO)

    last = store.audit(link_id=link)[-1]

    assert (last.who, last.what) == (WHO, "retraction_allowed")
    assert last.detail == "2026-11-01 to 2026-11-02: 24"


def test_nothing_is_allowed_and_nothing_logged_of_no_day(store, link):
    logged = len(store.audit(link_id=link))

    store.confirm_retractions(link, {}, who=WHO)

    assert store.confirmed_retractions(link) == {}
    assert len(store.audit(link_id=link)) == logged


def test_a_link_that_does_not_exist_is_not_found_and_nothing_is_allowed(store):
    with pytest.raises(NotFound):
        store.confirm_retractions("aaaaaaaaaaaa", {FIRST: 3}, who=WHO)

    assert store.confirmed_retractions("aaaaaaaaaaaa") == {}


def test_what_was_allowed_before_the_link_ended_does_not_hold_when_it_is_linked_again(store, link):
    store.confirm_retractions(link, {FIRST: 3}, who=WHO)
    store.begin_unlink(link, who="patient x")
    store.destroy_keys_untold(link, who="system")

    assert link_account(store, "ada").id == link
    assert store.confirmed_retractions(link) == {}


def test_what_was_allowed_outlives_a_renewal_of_the_permission(store, link):
    store.confirm_retractions(link, {FIRST: 3}, who=WHO)
    store.set_state(link, LinkState.NEEDS_RELINK)

    link_account(store, "ada", confirmed=False)

    assert store.link_state(link) is LinkState.ACTIVE
    assert store.confirmed_retractions(link) == {FIRST: 3}


def test_a_link_that_goes_takes_what_was_allowed_with_it(store, link):
    store.confirm_retractions(link, {FIRST: 3}, who=WHO)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM provider_links")
        left = connection.exec_driver_sql("SELECT count(*) FROM retraction_confirmations").scalar()

    assert left == 0
