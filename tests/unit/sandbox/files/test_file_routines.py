"""What people measure with phone apps holds every oddity that a file can show."""

from datetime import date, datetime, timedelta

import pytest

from sandbox.files.routine import odd_moment, rows_on
from sandbox.files.truth import APPS, Kind
from sandbox.people import make_people

ASTRID, MARCUS, PRIYA = make_people(6)[:3]
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def months(person, app, first=date(2026, 1, 1), count=120):
    return [row for n in range(count) for row in rows_on(person, app, first + timedelta(days=n))]


@pytest.mark.parametrize("app", APPS)
def test_a_day_is_the_same_whenever_it_is_asked_for(app):
    assert months(ASTRID, app) == months(ASTRID, app)
    assert months(ASTRID, app) != months(MARCUS, app)


@pytest.mark.parametrize("app", APPS)
def test_every_reading_lies_within_what_a_body_shows(app):
    rows = [row for person in make_people(30) for row in months(person, app, count=30)]
    within = {"weight": (40, 120), "sys": (90, 160), "dia": (40, 110), "pulse": (40, 100),
              "bmi": (15, 45), "temperature": (36, 38), "spo2_min": (80, 100),
              "spo2": (90, 100), "glucose_mg_dl": (70, 160), "map": (60, 120)}  # fmt: skip
    for row in rows:
        for name, (least, most) in within.items():
            assert least <= row.values.get(name, least) <= most, (name, row)


@pytest.mark.parametrize("app", APPS)
def test_some_minute_has_two_readings_of_a_cuff_that_differ_in_all(app):
    rows = [row for row in months(ASTRID, app) if row.kind is Kind.PRESSURE]
    pairs = [
        (one, other)
        for one in rows
        for other in rows
        if one.moment == other.moment and one.values["sys"] < other.values["sys"]
    ]
    assert pairs
    for one, other in pairs:
        assert all(one.values[name] < other.values[name] for name in other.values)


def test_some_pulse_was_not_measured_and_some_reading_typed():
    for app in APPS:
        rows = [row for row in months(ASTRID, app) if row.kind is Kind.PRESSURE]
        assert any("pulse" in row.zeros for row in rows)
        assert {row.manual for row in rows} == {True, False}


def test_some_session_crosses_midnight_and_some_does_not():
    sessions = [row for row in months(ASTRID, "beurer") if row.end]
    assert {row.end.date() > row.moment.date() for row in sessions} == {True, False}


def test_a_night_of_changing_clocks_has_readings_in_its_odd_hour():
    missing, repeated = ("2026-03-29T02:07", "2026-10-25T02:07")
    for app in APPS:
        spring, autumn = rows_on(ASTRID, app, SPRING), rows_on(ASTRID, app, AUTUMN)
        assert [row.moment for row in spring].count(datetime.fromisoformat(missing)) == 1
        assert [row.moment for row in autumn].count(datetime.fromisoformat(repeated)) == 2


@pytest.mark.parametrize(("day", "zone", "expected"), [
    (SPRING, "Europe/Stockholm", ("2026-03-29T02:07", False)),
    (date(2026, 11, 1), "America/Los_Angeles", ("2026-11-01T01:07", True)),
    (date(2026, 4, 5), "Australia/Lord_Howe", ("2026-04-05T01:37", True)),
])  # fmt: skip
def test_the_odd_minute_is_found_by_zone(day, zone, expected):
    moment, twice = odd_moment(day, zone)
    assert (moment.isoformat(timespec="minutes"), twice) == expected


def test_a_zone_without_such_nights_has_no_odd_minute():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert not any(odd_moment(day, PRIYA.zone) for day in days)
