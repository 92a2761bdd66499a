"""The ledger: how each day ended last, how often it was tried, when it last worked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ohx_pipelines.links.ledger import Place, Reading
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


@pytest.fixture
def noted_at(store, active_link, sql, today):
    """Note days, counted back from today, at a moment so many seconds before the last of all."""
    # Microseconds are kept; the moment is over for whoever asks from now on.
    moment = datetime.now(UTC).replace(microsecond=123456) - timedelta(seconds=1)

    def give(*days_ago, seconds_before=0, link_id=None):
        link_id = link_id or active_link.id
        at = moment - timedelta(seconds=seconds_before)
        days = [today - timedelta(days=n) for n in days_ago]
        results = [DayResult(day=day, outcome=Outcome.SYNCED) for day in days]
        store.record_days(link_id, results, run_id="run-1")
        sql(
            "UPDATE sync_ledger SET last_at = :at WHERE link_id = :id AND day = ANY(:days)",
            at=at,
            id=link_id,
            days=days,
        )
        return at

    return give


@pytest.fixture
def noted_after(store, today):
    def ask(after=None, *, provider="withings", until=None, most=100, first=99, last=0):
        return store.noted_after(
            provider,
            after,
            until=until or datetime.now(UTC),
            first_day=today - timedelta(days=first),
            last_day=today - timedelta(days=last),
            most=most,
        )

    return ask


def days_of(noted, today):
    return [(today - one.result.day).days for one in noted]


def test_days_are_given_in_the_order_in_which_they_were_noted_then_by_day(
    noted_at, noted_after, today
):
    noted_at(1, 5, 3, seconds_before=10)
    noted_at(9, seconds_before=20)

    assert days_of(noted_after(), today) == [9, 5, 3, 1]


def test_who_goes_on_from_a_place_misses_and_repeats_nothing(noted_at, noted_after, today):
    noted_at(*range(7))

    found, place = [], None
    while some := noted_after(place, most=3):
        place = some[-1].place
        found += days_of(some, today)

    assert found == [6, 5, 4, 3, 2, 1, 0]


def test_a_day_that_is_noted_again_comes_after_the_others(noted_at, noted_after, today):
    noted_at(2, seconds_before=20)
    noted_at(1, seconds_before=10)
    place = noted_after()[-1].place
    noted_at(2, seconds_before=5)

    assert days_of(noted_after(place), today) == [2]


def test_what_was_noted_after_the_given_moment_is_not_told_yet(noted_at, noted_after, today):
    noted_at(1, seconds_before=0)
    at = noted_at(2, seconds_before=20)

    assert days_of(noted_after(until=at), today) == [2]


def test_days_out_of_the_bounds_are_left_out(noted_at, noted_after, today):
    noted_at(0, 1, 2, 3)

    assert days_of(noted_after(first=2, last=1), today) == [2, 1]


def test_another_providers_days_are_not_told_of(noted_at, noted_after):
    noted_at(1)

    assert noted_after(provider="pulse") == []


def test_a_day_that_is_told_of_is_as_it_was_noted(store, active_link, noted_after, today):
    result = DayResult(
        day=today,
        outcome=Outcome.EHR_REJECTED,
        counts=Counts(rows=2, rejected=1),
        failed_stage=Stage.PUBLISHED,
        status=422,
        error="ehr_rejected",
        reasons={"implausible": 1},
        seconds=1.5,
    )
    store.record_days(active_link.id, [result], run_id="run-1")

    [noted] = noted_after()

    [entry] = store.ledger(active_link.id)
    assert noted.result == result
    assert noted.place == Place(at=entry.last_at, link_id=active_link.id, day=today)
