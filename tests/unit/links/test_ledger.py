"""The ledger: how each day ended last, how often it was tried, when it last worked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ohx_pipelines.links.ledger import Reading
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage


@pytest.fixture
def note(store, active_link, today):
    def give(outcome, run_id="run-1", **changes):
        given = {"day": today, "outcome": outcome}
        return store.record_days(active_link.id, [DayResult(**given | changes)], run_id=run_id)

    return give


@pytest.fixture
def entries(store, active_link):
    return lambda **bounds: store.ledger(active_link.id, **bounds)


def test_a_day_is_noted_as_it_ended(note, entries, today):
    before = datetime.now(UTC)
    counts = Counts(rows=9, observations=5, created=3, updated=1, unchanged=1, held_back=2)
    note(Outcome.SYNCED, counts=counts, reasons={"ambiguous": 2}, seconds=1.5)

    [entry] = entries()
    assert (entry.day, entry.outcome, entry.counts) == (today, Outcome.SYNCED, counts)
    assert (entry.attempts, entry.run_id) == (1, "run-1")
    assert before <= entry.first_at == entry.last_at == entry.last_success_at
    assert (entry.status, entry.error) == (None, None)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_noted_and_only_two_are_successes(note, entries, outcome):
    note(outcome)

    [entry] = entries()
    assert entry.outcome is outcome
    assert (entry.last_success_at is not None) == (outcome.value in {"synced", "no_data"})


def test_attempts_and_last_success_outlive_a_later_failure(note, entries, today):
    note(Outcome.VENDOR_DOWN, "run-1")
    note(Outcome.SYNCED, "run-2")
    [success] = entries()
    attempts = note(
        Outcome.EHR_DOWN, "run-3", failed_stage=Stage.PUBLISHED, status=503, error="ehr_down"
    )

    [entry] = entries()
    assert attempts == {today: 3}
    assert entry.attempts == 3
    assert entry.last_success_at == success.last_success_at == success.last_at
    assert entry.first_at == success.first_at < entry.last_success_at < entry.last_at
    assert (entry.outcome, entry.status, entry.error) == (Outcome.EHR_DOWN, 503, "ehr_down")
    assert entry.run_id == "run-3"


def test_a_success_after_a_failure_clears_the_error(note, entries):
    note(Outcome.EHR_DOWN, failed_stage=Stage.PUBLISHED, status=503, error="ehr_down")
    note(Outcome.SYNCED)

    [entry] = entries()
    assert (entry.outcome, entry.status, entry.error) == (Outcome.SYNCED, None, None)


def test_a_day_that_never_worked_has_no_last_success(note, entries):
    note(Outcome.VENDOR_DOWN)
    note(Outcome.AUTH_LOST)

    [entry] = entries()
    assert (entry.attempts, entry.last_success_at) == (2, None)


def test_attempts_noted_at_once_are_all_counted(note, entries, at_once, today):
    numbers = at_once(*[lambda: note(Outcome.SYNCED)[today]] * 8)

    assert sorted(numbers) == list(range(1, 9))
    assert entries()[0].attempts == 8


def test_days_of_one_call_are_noted_together_and_read_in_order_within_bounds(
    store, active_link, entries, today
):
    days = [today - timedelta(days=n) for n in (0, 3, 1, 2)]
    attempts = store.record_days(
        active_link.id, [DayResult(day=day, outcome=Outcome.NO_DATA) for day in days], run_id="r"
    )

    assert attempts == dict.fromkeys(days, 1)
    assert [entry.day for entry in entries()] == sorted(days)
    bounds = {"first_day": today - timedelta(days=2), "last_day": today - timedelta(days=1)}
    assert [entry.day for entry in entries(**bounds)] == sorted(days)[1:3]


def test_no_days_are_no_rows(store, active_link, entries):
    assert store.record_days(active_link.id, [], run_id="r") == {}
    assert entries() == []


def test_links_do_not_mix(store, note, new_patient, link_account):
    note(Outcome.SYNCED)
    assert store.ledger(link_account(new_patient(), "another").id) == []


def test_counts_add_field_by_field():
    one = Counts(rows=1, observations=2, created=3, updated=4, unchanged=5)
    other = Counts(rows=10, created=30, retracted=6, held_back=7, rejected=8)

    assert one + other == Counts(
        rows=11,
        observations=2,
        created=33,
        updated=4,
        unchanged=5,
        retracted=6,
        held_back=7,
        rejected=8,
    )


def test_an_error_with_an_endless_name_does_not_cost_the_entry(note, entries):
    note(Outcome.INTERNAL, failed_stage=Stage.FETCHED, error="E" * 200)

    [entry] = entries()
    assert entry.error == "E" * 60


@pytest.mark.parametrize(
    ("changes", "is_read"),
    [({}, True), ({"counts": Counts(retracted=1)}, False), ({"is_settled": False}, False)],
)
def test_a_day_of_which_something_went_or_may_have_gone_is_read_whole_again(
    store, active_link, today, changes, is_read
):
    result = DayResult(day=today, outcome=Outcome.SYNCED, **changes)
    reading = Reading(at=datetime.now(UTC), digest="d")

    store.record_days(active_link.id, [result], run_id="run-1", reading=reading)

    assert (today in store.days_read(active_link.id, "d")) is is_read
