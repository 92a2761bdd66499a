"""What the sandbox's people have at Google Health, as the reader sees it: all that is to be carried."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.clock import Clock
from sandbox.google_health.store import Store
from sandbox.people import make_people
from sandbox.reader.coding import CODES
from sandbox.reader.expected import expected_readings, named_readings
from sandbox.reader.readings import GOOGLE_HEALTH, Asked, Listing

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 14), date(2026, 11, 29)
# One of each way to use devices.
PEOPLE = make_people(6)


# From Sao Paulo to Lisbon and back.
TRAVELLER, AWAY, BACK = PEOPLE[4], date(2026, 11, 7), date(2026, 11, 14)
MIDNIGHT = datetime(2026, 11, 14, 3, tzinfo=UTC)


def listing_of(store, person, first, last):
    return Listing(
        person=person,
        rows=store.rows(person, first, last),
        asked=Asked(stages=True),
        now=NOW,
        vendor=GOOGLE_HEALTH,
    )


@pytest.fixture(scope="module")
def store():
    return Store(PEOPLE, Clock(NOW.timestamp))


@pytest.fixture(scope="module")
def listings(store):
    return [listing_of(store, one, FIRST, LAST) for one in PEOPLE]


@pytest.fixture(scope="module")
def traveller(store):
    return expected_readings(listing_of(store, TRAVELLER, AWAY, BACK), AWAY, BACK)


@pytest.fixture(scope="module")
def expected(listings):
    return [expected_readings(one, FIRST, LAST) for one in listings]


def test_everything_that_the_reader_can_ask_for_is_measured_by_somebody(expected):
    asked = {
        code
        for one in (reading for each in expected for reading in each)
        for name in (one.code, *one.amounts)
        for code in name.split()
    }
    assert {code for _, code in CODES[GOOGLE_HEALTH]} - asked == set()


def test_no_two_readings_are_the_same_one(expected):
    for each in expected:
        assert len({one.key for one in each}) == len(each)


def test_whatever_is_due_is_listed(listings, expected):
    for listing, each in zip(listings, expected, strict=True):
        assert {one.key for one in each} <= named_readings(listing)


def test_only_what_has_not_ended_is_preliminary(expected):
    readings = [one for each in expected for one in each]
    is_open = {one.day for one in readings if one.is_open}
    assert is_open == {date(2026, 11, 29), date(2026, 11, 30)} & {one.day for one in readings}
    assert any(one.is_open and one.code == "41950-7" for one in readings)


def test_each_reading_lies_on_a_day_that_was_asked_for(expected):
    assert all(FIRST <= one.day <= LAST for each in expected for one in each)


def test_who_travels_keeps_the_clock_of_where_they_are(traveller):
    offsets = {one.offset for one in traveller if not one.says_day}
    assert {timedelta(hours=-3), timedelta()} <= offsets


def test_a_travellers_series_reach_beyond_the_links_midnight(traveller):
    starts = {one.instant for one in traveller if one.code == "112429-6"}
    assert any((start - MIDNIGHT) % timedelta(days=1) for start in starts)
