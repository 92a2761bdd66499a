"""What the sandbox's people measure, as the reader sees it: all that there is to be carried."""

from datetime import UTC, date, datetime

import pytest

from sandbox.clock import Clock
from sandbox.people import make_people
from sandbox.reader.coding import CODES
from sandbox.reader.expected import expected_readings, named_readings
from sandbox.reader.readings import Asked, Listing
from sandbox.withings.readings import Readings

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 24), date(2026, 11, 29)
# One of each way to use devices.
PEOPLE = make_people(6)


@pytest.fixture(scope="module")
def listings():
    clock = Clock(NOW.timestamp)
    everybody = Readings(PEOPLE, clock)
    return [
        Listing(
            person=one,
            rows=everybody.rows(one, FIRST, LAST),
            asked=Asked(stages=True, paid=True),
            now=NOW,
        )
        for one in PEOPLE
    ]


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
    assert {code for _, code in CODES["withings"]} - asked == set()


def test_no_two_readings_are_the_same_one(expected):
    for each in expected:
        assert len({one.key for one in each}) == len(each)


def test_whatever_is_due_is_listed(listings, expected):
    for listing, each in zip(listings, expected, strict=True):
        assert {one.key for one in each} <= named_readings(listing)


def test_only_what_has_not_ended_is_preliminary(expected):
    readings = [one for each in expected for one in each]
    is_open = {one.day for one in readings if one.is_open}
    assert is_open <= {date(2026, 11, 29), date(2026, 11, 30)}
    assert any(one.is_open and one.code == "41950-7" for one in readings)


def test_each_reading_lies_on_a_day_that_was_asked_for(expected):
    assert all(FIRST <= one.day <= LAST for each in expected for one in each)
