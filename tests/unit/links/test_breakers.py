"""The breaker of a vendor: opened by different links in a row, shared, tried by one, closed by an answer."""

from datetime import UTC, datetime, timedelta

import pytest

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault

LINKS = ["link-a", "link-b", "link-c"]


@pytest.fixture
def fail(store):
    def note(link, *, cause="vendor_down", seconds=60):
        store.note_trouble("withings", link, cause, links=3, seconds=seconds)

    return note


@pytest.fixture
def found(store):
    """The breaker as a process sees it that is about to ask the vendor."""
    return lambda: store.open_breaker("withings", seconds=60)


def test_a_vendor_nobody_complained_about_may_be_asked(found):
    assert found() is None


def test_the_third_link_in_a_row_opens_it_for_every_process(database_url, fail, found):
    fail(LINKS[0])
    fail(LINKS[1])
    assert found() is None
    fail(LINKS[2], cause="rate_limited")

    another = open_store(database_url, Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40)
    for breaker in (found(), another.open_breaker("withings", seconds=60)):
        assert breaker.cause == "rate_limited"
        left = breaker.until - datetime.now(UTC)
        assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    another.close()


def test_one_link_that_fails_for_ever_opens_nothing(fail, found):
    for _ in range(10):
        fail(LINKS[0])

    assert found() is None


def test_an_answer_in_between_starts_the_count_anew(store, fail, found):
    fail(LINKS[0])
    fail(LINKS[1])
    store.note_answer("withings")
    fail(LINKS[2])
    fail(LINKS[0])

    assert found() is None


def test_another_vendor_is_not_concerned(store, fail):
    for link in LINKS:
        fail(link)

    assert store.open_breaker("acme", seconds=60) is None


def test_after_its_time_one_process_tries_and_the_others_wait_for_it(fail, found, at_once):
    for link in LINKS:
        fail(link, seconds=0)

    asked = at_once(*[found] * 6)

    assert asked.count(None) == 1
    assert {breaker.cause for breaker in asked if breaker} == {"vendor_down"}


def test_a_trial_that_works_closes_it(store, fail, found):
    for link in LINKS:
        fail(link, seconds=0)
    assert found() is None
    assert found() is not None  # while the trial is on

    store.note_answer("withings")
    assert found() is None
    assert found() is None


def test_a_trial_that_fails_may_be_that_links_own_trouble_and_starts_the_count_anew(fail, found):
    for link in LINKS:
        fail(link, seconds=0)
    assert found() is None

    fail(LINKS[0])
    assert found() is None
    fail(LINKS[1])
    assert found() is None
    fail(LINKS[2])
    assert found() is not None


def test_what_failed_long_ago_is_not_in_a_row_with_what_fails_now(fail, found, sql):
    fail(LINKS[0])
    fail(LINKS[1])
    sql("UPDATE breakers SET updated_at = now() - interval '11 minutes'")
    fail(LINKS[2])

    assert found() is None
