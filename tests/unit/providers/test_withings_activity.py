"""Withings' daily totals into the vocabulary; expectations come from the vendor's reference."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import DeviceInfo, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.activity import read_activity

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
FRIDAY = date(2026, 11, 20)
WATCH = "5d1c" * 10


def row(**more):
    """Give the row of a watch, as the vendor's reference shows it."""
    shown = json.loads(
        """{"steps": 8412, "distance": 6120.4, "elevation": 7, "soft": 5220, "moderate": 1980,
        "intense": 240, "active": 2220, "calories": 412.6, "totalcalories": 2310.9,
        "hr_average": 74, "hr_min": 51, "hr_max": 139, "hr_zone_0": 61200, "hr_zone_1": 2040,
        "hr_zone_2": 360, "hr_zone_3": 0, "deviceid": null, "hash_deviceid": null,
        "timezone": "Europe/Stockholm", "date": "2026-11-20", "modified": 1795219200, "brand": 1,
        "modelid": 94, "model": "ScanWatch 2", "is_tracker": true}""",
        parse_float=Decimal,
    )
    return {**shown, **more}


PHONE = {"brand": 18, "modelid": 1055, "model": "GoogleFit tracker", "is_tracker": False}


def read(*rows, asked=frozenset(Metric), window=WEEK):
    into = Collected(window=window, asked=asked)
    into.is_clear = read_activity([Page(listing="activity", body={"activities": [*rows]})], into)
    to_frame(into.measurements)
    return into


def values(into):
    return {one.metric: (str(one.value), one.unit) for one in into.measurements}


def left_out(into):
    return [(o.metric, o.record, o.reason, o.day, o.held_back) for o in into.unpublished]


def test_each_field_of_a_day_is_what_the_vendor_documents_in_its_unit():
    into = read(row())

    assert values(into) == {
        "steps_per_day": ("8412", "{steps}"),
        "distance_per_day": ("6120.4", "m"),
        "floors_climbed_per_day": ("7", "{flights}"),
        "light_activity_duration": ("5220", "s"),
        "moderate_activity_duration": ("1980", "s"),
        "vigorous_activity_duration": ("240", "s"),
        "active_energy_per_day": ("412.6", "kcal"),
        "energy_expended_per_day": ("2310.9", "kcal"),
        "mean_heart_rate_per_day": ("74", "/min"),
        "minimum_heart_rate_per_day": ("51", "/min"),
        "maximum_heart_rate_per_day": ("139", "/min"),
        "light_heart_rate_zone_duration": ("61200", "s"),
        "moderate_heart_rate_zone_duration": ("2040", "s"),
        "intense_heart_rate_zone_duration": ("360", "s"),
        "maximum_heart_rate_zone_duration": ("0", "s"),
    }
    assert into.is_clear


def test_a_sum_beside_its_parts_is_not_said_twice():
    assert read(row()).ignored == {FRIDAY: {"aggregate": 1}}


def test_a_day_spans_the_local_midnights_with_the_offset_of_each():
    autumn = Window(first_day=date(2026, 10, 25), last_day=date(2026, 10, 25), zone=STOCKHOLM)

    [one] = read(row(date="2026-10-25"), window=autumn, asked={Metric.STEPS_PER_DAY}).measurements

    assert one.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert one.end == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert (one.offset_minutes, one.end_offset_minutes, one.day) == (120, 60, date(2026, 10, 25))
    assert (one.record, one.group) == ("activity-2026-10-25", "activity-2026-10-25")


def test_a_traveller_has_the_days_of_where_the_vendor_counted_them():
    [one] = read(row(timezone="Asia/Tokyo"), asked={Metric.STEPS_PER_DAY}).measurements

    assert (one.start, one.day) == (datetime(2026, 11, 19, 15, tzinfo=UTC), FRIDAY)
    assert (one.offset_minutes, one.end_offset_minutes) == (540, 540)


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Land", "../../etc/passwd", 7])
def test_a_zone_that_does_not_exist_leaves_the_links_own(zone):
    [one] = read(row(timezone=zone), asked={Metric.STEPS_PER_DAY}).measurements

    assert one.offset_minutes == 60


def test_of_a_watch_and_a_phone_the_watch_counts_and_they_are_never_added():
    for rows in ([row(), row(**PHONE, steps=9000)], [row(**PHONE, steps=9000), row()]):
        into = read(*rows)

        assert values(into)["steps_per_day"] == ("8412", "{steps}")
        assert into.ignored == {FRIDAY: {"other_source": 1, "aggregate": 1}}
        assert into.is_clear


def test_a_day_that_only_a_phone_counted_is_the_phones():
    into = read(row(**PHONE, steps=1209, hr_average=0, hr_min=0, hr_max=0))

    assert values(into)["steps_per_day"] == ("1209", "{steps}")
    assert {one.device for one in into.measurements} == {None}
    assert into.devices == {}


def test_what_phones_count_on_other_days_stays():
    into = read(row(), row(**PHONE, date="2026-11-21", steps=9000), asked={Metric.STEPS_PER_DAY})

    assert [(str(one.day), one.value) for one in into.measurements] == [
        ("2026-11-20", 8412),
        ("2026-11-21", 9000),
    ]
    assert "other_source" not in into.ignored[FRIDAY]


def test_a_row_that_is_listed_twice_is_no_second_source():
    into = read(row(), row())

    assert len(into.measurements) == 15
    assert into.ignored == {FRIDAY: {"copy": 1, "aggregate": 1}}


def test_a_heart_rate_of_zero_is_none_and_zero_steps_are_zero():
    into = read(row(hr_average=0, hr_min=0, hr_max=0, steps=0, elevation=0))

    assert values(into)["steps_per_day"] == ("0", "{steps}")
    assert not [metric for metric in values(into) if metric.endswith("heart_rate_per_day")]
    assert into.ignored[FRIDAY] == {"no_value": 3, "aggregate": 1}


def test_what_the_vendor_does_not_say_is_nothing():
    into = read({"date": "2026-11-20", "steps": 5, "calories": None})

    assert values(into) == {"steps_per_day": ("5", "{steps}")}
    assert (into.ignored, into.unpublished) == ({}, [])


@pytest.mark.parametrize(
    "given", [-1, True, "8412", [], {}, 8412.5, Decimal("NaN"), Decimal("1E+9000000")]
)
def test_a_field_that_is_no_amount_costs_only_itself(given):
    into = read(row(steps=given))

    assert len(into.measurements) == 14
    assert left_out(into) == [
        ("steps_per_day", "activity-2026-11-20", "unreadable_value", FRIDAY, False)
    ]
    assert into.is_clear


@pytest.mark.parametrize("day", [None, "", "today", 20261120, "2026-11-31"])
def test_a_row_without_a_day_is_counted_and_nothing_is_concluded_from_what_is_missing(day):
    into = read(row(), row(date=day))

    assert len(into.measurements) == 15
    assert left_out(into) == [
        (None, "activity-unreadable-1", "unreadable_row", WEEK.first_day, False)
    ]
    assert not into.is_clear


def test_each_of_several_rows_without_a_day_is_counted():
    into = read("row", None)

    assert len({one.record for one in into.unpublished}) == 2


def test_a_day_that_was_not_asked_for_is_not_taken_and_nothing_is_concluded():
    into = read(row(date="2026-11-23"))

    assert (into.measurements, into.unpublished, into.is_clear) == ([], [], False)


@pytest.mark.parametrize("body", [{}, {"activities": None}, {"activities": {}}])
def test_an_answer_without_a_list_says_nothing_of_the_days(body):
    into = Collected(window=WEEK, asked=frozenset(Metric))

    with pytest.raises(Malformed):
        read_activity([Page(listing="activity", body=body)], into)


def test_what_was_not_asked_for_is_counted_and_not_taken():
    into = read(row(), asked=frozenset({Metric.STEPS_PER_DAY}))

    assert values(into) == {"steps_per_day": ("8412", "{steps}")}
    assert into.ignored[FRIDAY]["not_asked_for"] == 14


def test_of_what_was_not_asked_for_not_even_that_it_cannot_be_read_is_told():
    assert read(row(hr_min=-1), asked=frozenset({Metric.STEPS_PER_DAY})).unpublished == []


def test_fields_that_are_new_are_counted_by_name_but_no_text_of_others_is_repeated():
    into = read(row(**{"stairs_down": 4, "Anna Muster, 12": 1}))

    assert into.ignored[FRIDAY] == {
        "aggregate": 1,
        "unmapped_field_stairs_down": 1,
        "unmapped_field": 1,
    }


def test_a_device_is_known_by_its_hash_with_the_name_that_stands_beside_it():
    into = read(row(hash_deviceid=WATCH, deviceid="x", modelid=4711, model="ScanWatch 9"))

    assert {one.device for one in into.measurements} == {WATCH}
    assert {one.method for one in into.measurements} == {RecordingMethod.DEVICE}
    assert into.devices == {WATCH: DeviceInfo(device=WATCH, model="ScanWatch 9", kind="Unknown")}


def test_nothing_of_a_row_shows_in_a_representation():
    assert "8412" not in repr(read(row()))
