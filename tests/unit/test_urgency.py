"""Urgency: what a window of days has, and that it holds for what is called within and for nothing else."""

import threading
from datetime import date, timedelta

import pytest

from ohx_pipelines.urgency import Hurry, Urgency, at_once, hurry, urgency_of, using

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("first", "last", "urgency"),
    [
        # Days before today: the notification's, the night's, a backfill's.
        (0, 0, Urgency.TODAY),
        (3, 0, Urgency.TODAY),
        (3, 1, Urgency.LOOK_BACK),
        (1, 1, Urgency.LOOK_BACK),
        (4, 4, Urgency.BACKFILL),
        (30, 1, Urgency.BACKFILL),
        (30, 0, Urgency.BACKFILL),
        # In Auckland it is tomorrow already.
        (0, -1, Urgency.TODAY),
    ],
)
def test_a_window_is_as_urgent_as_whoever_asks_for_such_days(first, last, urgency):
    given = [TODAY - timedelta(days=ago) for ago in (first, last)]

    assert urgency_of(*given, today=TODAY, look_back_days=3) is urgency


def test_what_nobody_said_anything_about_is_asked_by_somebody_who_looks_at_it():
    assert hurry() == Hurry(urgency=Urgency.TODAY, most_seconds=None)


def test_it_holds_within_and_no_longer_also_after_an_error():
    seen = []

    def fail_within():
        with using(Urgency.BACKFILL):
            seen.append(hurry().urgency)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_within()

    assert [*seen, hurry().urgency] == [Urgency.BACKFILL, Urgency.TODAY]


def test_a_bound_on_waiting_stays_when_the_work_within_is_less_urgent():
    with at_once(most_seconds=5), using(Urgency.LOOK_BACK):
        assert hurry() == Hurry(urgency=Urgency.LOOK_BACK, most_seconds=5)


def test_what_cannot_wait_goes_first_within_a_backfill_too():
    with using(Urgency.BACKFILL), at_once(most_seconds=5):
        assert hurry() == Hurry(urgency=Urgency.TODAY, most_seconds=5)


def test_another_thread_is_not_concerned():
    seen = []
    with using(Urgency.BACKFILL):
        thread = threading.Thread(target=lambda: seen.append(hurry().urgency))
        thread.start()
        thread.join(10)

    assert seen == [Urgency.TODAY]
