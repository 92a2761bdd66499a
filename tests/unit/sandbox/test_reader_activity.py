"""What the reader asks for of the totals of a day, worked out by hand from the vendor's row."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.unit.sandbox.reader_parts import BERT
from tests.unit.sandbox.row_parts import PHONE_MODEL, activity, readings, said, utc

RECORD = "activity-2026-11-20"


def test_every_field_of_a_day_stands_once_and_the_sum_of_two_fields_not_at_all():
    assert said({"activities": [activity()]}) == {
        (RECORD, code): value
        for code, value in {
            "41950-7": (8412, "{steps}/d"),
            "103208-5": (6120.4, "m"),
            "93833-2": (7, "{flights}"),
            "101688-0": (87.1, "min"),
            "101689-8": (33, "min"),
            "101690-6": (4, "min"),
            "active-energy": (412.6, "kcal"),
            "41979-6": (2310.9, "kcal/d"),
            "41924-2": (74, "/min"),
            "8883-1": (51, "/min"),
            "8873-2": (139, "/min"),
            "101693-0": (1020, "min"),
            "101694-8": (34, "min"),
            "101695-5": (6, "min"),
            "103207-7": (0, "min"),
        }.items()
    }


@pytest.mark.parametrize(
    ("seconds", "tenths"), [(0, "0"), (2, "0"), (3, "0"), (9, "0.2"), (10, "0.2"), (3599, "60")]
)
def test_seconds_become_minutes_no_finer_than_they_came(seconds, tenths):
    [one] = [r for r in readings({"activities": [activity(soft=seconds)]}) if r.code == "101688-0"]
    value = one.amounts[""].value
    assert value == Decimal(tenths)
    assert value.as_tuple().exponent == -1


def test_a_day_lasts_from_one_local_midnight_to_the_next():
    [one, *_] = readings({"activities": [activity()]})
    assert (one.instant, one.end) == (utc("2026-11-19T23:00"), utc("2026-11-20T23:00"))
    assert (one.offset, one.end_offset) == (timedelta(hours=1), timedelta(hours=1))
    assert one.says_day


def test_a_day_of_a_clock_change_has_another_offset_at_its_end():
    day = date(2026, 10, 25)
    rows = {"activities": [activity(date="2026-10-25")]}
    [one, *_] = readings(rows, first=day, last=day)
    assert one.end - one.instant == timedelta(hours=25)
    assert (one.offset, one.end_offset) == (timedelta(hours=2), timedelta(hours=1))


def test_a_traveller_s_day_is_that_of_the_row_s_zone():
    [one, *_] = readings({"activities": [activity(timezone="Asia/Tokyo")]})
    assert (one.instant, one.day) == (utc("2026-11-19T15:00"), date(2026, 11, 20))
    assert one.offset == timedelta(hours=9)


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "../etc/passwd"])
def test_an_unknown_zone_is_the_link_s(zone):
    [one, *_] = readings({"activities": [activity(timezone=zone)]}, person=BERT)
    assert one.offset == timedelta(hours=5, minutes=30)


PHONE = activity(steps=9000, brand=18, is_tracker=False, modelid=PHONE_MODEL, hash_deviceid=None)


@pytest.mark.parametrize(
    ("rows", "steps"),
    [
        pytest.param([PHONE, activity()], 8412, id="the watch before the phone"),
        pytest.param([PHONE], 9000, id="a phone alone"),
        pytest.param([activity(steps=1, brand=18), activity(is_tracker=False)], 1, id="a tracker"),
        pytest.param([activity(steps=1, is_tracker=False), PHONE], 1, id="the vendor's brand"),
        pytest.param([activity(steps=1), activity(modified=9_000_000_000)], 8412, id="the latest"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_one_source_of_a_day_counts(rows, steps, order):
    assert said({"activities": rows[::order]})[RECORD, "41950-7"] == (steps, "{steps}/d")


def test_of_two_sources_that_are_alike_the_first_counts():
    rows = [activity(steps=1), activity(steps=2)]
    assert said({"activities": rows})[RECORD, "41950-7"] == (1, "{steps}/d")


def test_no_heart_beats_zero_times_and_null_says_nothing():
    rows = {"activities": [activity(hr_average=0, hr_min=None, calories=None, steps=0, soft=-1)]}
    found = said(rows)
    assert found[RECORD, "41950-7"] == (0, "{steps}/d")
    assert not {code for _, code in found} & {"41924-2", "8883-1", "active-energy", "101688-0"}


def test_a_day_that_has_not_ended_is_preliminary():
    rows = {"activities": [activity()]}
    before, after = utc("2026-11-20T22:59:59"), utc("2026-11-20T23:00")
    assert {one.statuses for one in readings(rows, now=before)} == {frozenset({"preliminary"})}
    assert {one.statuses for one in readings(rows, now=after)} == {frozenset({"final"})}


def test_a_day_that_the_vendor_changed_after_it_ended_may_be_corrected():
    rows = {"activities": [activity(modified=9_000_000_000)]}
    assert {one.statuses for one in readings(rows)} == {
        frozenset({"final", "corrected", "amended"}),
    }  # fmt: skip


def test_what_is_not_shared_is_not_asked_for():
    rows = {"activities": [activity()]}
    assert readings(rows, shared=frozenset({"sleep"})) == []
    assert len(readings(rows, shared=frozenset({"activity"}))) == 15
