"""What the sandbox's people have at OMRON and in their apps, as the reader sees it: all is to be carried."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.clock import Clock
from sandbox.files.exports import FileExports
from sandbox.files.variants import VARIANTS
from sandbox.omron.settings import Settings
from sandbox.omron.store import Store
from sandbox.people import make_people
from sandbox.reader.coding import CODES
from sandbox.reader.expected import expected_readings, named_readings
from sandbox.reader.readings import BEURER, OMRON, OMRON_CONNECT, Listing

NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)
# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 30)
# One of each way to use devices, of Europe, America, Asia and Australasia.
PEOPLE = make_people(8)
CLOCK = Clock(NOW.timestamp)
# The sandbox's scales say no body's age.
NEVER_AT_OMRON = {"metabolic-age"}
# These are in OMRON connect's files alone.
FLAGS = {"irregular-heartbeat", "movement-during-measurement", "possible-atrial-fibrillation"}


def of_omron():
    store = Store(PEOPLE, CLOCK, Settings())
    return [
        Listing(person=one, rows=store.rows(one, FIRST, LAST), now=NOW, vendor=OMRON)
        for one in PEOPLE
    ]


def of_app(app):
    exports = FileExports(CLOCK)
    for person in PEOPLE:
        for variant in VARIANTS[app]:
            exports.export(person, app, variant, days=(FIRST, LAST))
    rows = {one: [row.as_json() for row in exports.said(one, app)] for one in PEOPLE}
    return [Listing(person=one, rows={"told": rows[one]}, now=NOW, vendor=app) for one in PEOPLE]


@pytest.fixture(scope="module")
def listings():
    apps = {app: of_app(app) for app in (BEURER, OMRON_CONNECT)}
    return apps | {OMRON: of_omron()}


def due(listings, vendor):
    return [expected_readings(one, FIRST, LAST) for one in listings[vendor]]


@pytest.mark.parametrize(
    ("vendor", "never"),
    [
        (OMRON, NEVER_AT_OMRON),
        (BEURER, FLAGS),
    ],
)
def test_everything_that_the_reader_can_ask_for_is_measured_by_somebody(listings, vendor, never):
    readings = (one for each in due(listings, vendor) for one in each)
    asked = {code for one in readings for name in (one.code, *one.amounts) for code in name.split()}
    assert {code for _, code in CODES[vendor]} - asked == never


def test_every_unit_and_way_to_write_an_offset_is_somebodys(listings):
    rows = [row for one in listings[OMRON] for told in one.rows.values() for row in told]
    said = {(name, row[name]) for row in rows for name in row if name.endswith("Units")}
    assert said >= {
        ("bloodPressureUnits", "kPa"), ("bloodPressureUnits", "mmHg"),
        ("weightUnits", "kg"), ("weightUnits", "lb"), ("weightUnits", "st"),
        ("caloriesUnits", "kcal"), ("caloriesUnits", "kJ"),
        ("distanceUnits", "km"), ("distanceUnits", "mile"),
        ("temperatureUnits", "C"), ("temperatureUnits", "F"),
    }  # fmt: skip
    offsets = {row["dateTimeUtcOffset"] for row in rows}
    assert offsets >= {"-0800", "-0700", "+01:00", "+05:30"}
    for name in ("irregularHB", "movementDetect", "possibleAfib"):
        assert {bool(row[name]) for row in rows if name in row} == {True, False}


@pytest.mark.parametrize("vendor", [OMRON, BEURER, OMRON_CONNECT])
def test_no_two_readings_are_the_same_one_and_whatever_is_due_is_listed(listings, vendor):
    for listing, each in zip(listings[vendor], due(listings, vendor), strict=True):
        assert len(each) > len({one.day for one in each}) > 1
        keys = {one.key for one in each}
        assert len(keys) == len(each)
        assert keys <= named_readings(listing)


def test_only_days_that_have_not_ended_are_preliminary(listings):
    readings = [one for each in due(listings, OMRON) for one in each]
    assert {one.code for one in readings if one.is_open} == {
        "41950-7", "103208-5", "active-energy",
    }  # fmt: skip
    assert {one.day for one in readings if one.is_open} <= {date(2026, 11, 29), date(2026, 11, 30)}


def test_days_have_23_to_25_hours_and_who_travels_24(listings):
    lengths = {
        one.end - one.instant for each in due(listings, OMRON) for one in each if one.says_day
    }
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


def test_a_row_of_somebody_abroad_is_of_their_day(listings):
    readings = [one for each in due(listings, OMRON_CONNECT) for one in each]
    abroad = [one for one in readings if one.offset == timedelta(hours=8)]
    assert abroad
    assert all((one.instant + one.offset).date() == one.day for one in readings)
