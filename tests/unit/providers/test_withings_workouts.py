"""Withings' workouts into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, RecordingMethod, to_frame
from ohx_pipelines.metrics import WorkoutType
from ohx_pipelines.providers.base import DeviceInfo, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.workouts import read_workouts

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
FRIDAY = date(2026, 11, 20)
WATCH = "5d1c" * 10
# 17:00 in Stockholm.
FIVE = int(datetime(2026, 11, 20, 16, tzinfo=UTC).timestamp())
HOUR = 3600
PHONE = {"model": 1055, "deviceid": None}


def row(number=3661300277, *, data=None, start=FIVE, length=HOUR, **more):
    return {
        "id": number,
        "category": 2,
        "timezone": "Europe/Stockholm",
        "model": 94,
        "attrib": 0,
        "startdate": start,
        "enddate": start + length,
        "date": "2026-11-20",
        "modified": start + length + 60,
        "deviceid": WATCH,
        "data": {"calories": 310} if data is None else data,
        **more,
    }


def read(*rows, asked=frozenset(Metric)):
    into = Collected(window=WEEK, asked=asked)
    pages = [Page(listing="workouts", body={"series": [*rows], "more": False, "offset": 0})]
    into.is_clear = read_workouts(pages, into)
    to_frame(into.measurements)
    return into


def values(into):
    return {one.metric: (one.value, one.unit) for one in into.measurements}


def kinds(into):
    return [o.value.code for o in into.measurements if o.metric is Metric.WORKOUT_TYPE]


def records(into):
    return {one.record for one in into.measurements}


def left_out(into):
    return [(o.metric, o.record, o.reason, o.day, o.held_back) for o in into.unpublished]


def test_each_field_of_a_workout_is_what_the_vendor_documents_in_its_unit():
    into = read(
        row(
            data={
                "calories": 310,
                "distance": Decimal("8120.5"),
                "steps": 9120,
                "elevation": 10,
                "hr_average": 141,
                "hr_min": 96,
                "hr_max": 172,
                "spo2_average": 97,
            }
        )
    )

    assert values(into) == {
        "workout_type": (Coded("running"), None),
        "workout_duration": (3600, "s"),
        "energy_expended": (310, "kcal"),
        "distance": (Decimal("8120.5"), "m"),
        "steps": (9120, "{steps}"),
        "floors_climbed": (10, "{flights}"),
        "mean_heart_rate": (141, "/min"),
        "minimum_heart_rate": (96, "/min"),
        "maximum_heart_rate": (172, "/min"),
        "mean_oxygen_saturation": (97, "%"),
    }
    assert into.is_clear
    assert (into.ignored, into.unpublished) == ({}, [])


def test_a_workout_is_one_group_from_its_start_to_its_end_on_the_vendors_day():
    # From 23:30 to 00:30 of the next day.
    late = FIVE + 6 * HOUR + HOUR // 2

    into = read(row(start=late))

    assert {(one.record, one.group) for one in into.measurements} == {
        ("workout-3661300277", "workout-3661300277")
    }
    assert {(one.start.timestamp(), one.end.timestamp()) for one in into.measurements} == {
        (late, late + HOUR)
    }
    assert {(one.day, one.offset_minutes) for one in into.measurements} == {(FRIDAY, 60)}
    assert into.devices == {
        WATCH: DeviceInfo(device=WATCH, model="ScanWatch 2", kind="Activity Tracker")
    }


def test_each_end_has_the_offset_of_its_own_instant_in_the_rows_zone():
    # New York went back at 06:00Z of 1 November.
    start = int(datetime(2026, 11, 1, 5, 30, tzinfo=UTC).timestamp())
    month = Window(first_day=date(2026, 11, 1), last_day=date(2026, 11, 1), zone=STOCKHOLM)
    into = Collected(window=month, asked=frozenset(Metric))

    listed = row(start=start, date="2026-11-01", timezone="America/New_York")
    read_workouts([Page(listing="workouts", body={"series": [listed]})], into)

    assert {(one.offset_minutes, one.end_offset_minutes) for one in into.measurements} == {
        (-240, -300)
    }


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [(None, 3600), (0, 3600), (80, 3520), (3600, 0), (3601, 3600), (-5, 3600), ("80", 3600)],
)
def test_pauses_are_no_part_of_how_long_it_was_where_they_can_be_true(pause, seconds):
    assert values(read(row(data={"pause_duration": pause}))) == {
        "workout_type": (Coded("running"), None),
        "workout_duration": (seconds, "s"),
    }


@pytest.mark.parametrize("data", [None, [], {}, "none"])
def test_a_workout_without_any_field_is_still_one(data):
    listed = row()
    listed["data"] = data

    assert values(read(listed)).keys() == {"workout_type", "workout_duration"}


def test_what_was_typed_in_counts_where_the_device_says_nothing():
    into = read(row(data={"manual_calories": 70, "manual_distance": 60, "distance": None}))

    assert values(into)["energy_expended"] == (70, "kcal")
    assert values(into)["distance"] == (60, "m")


def test_what_was_typed_in_is_never_added_to_what_the_device_says():
    into = read(
        row(data={"calories": 47, "manual_calories": 70, "distance": 680, "manual_distance": 60})
    )

    assert (values(into)["energy_expended"], values(into)["distance"]) == ((47, "kcal"), (680, "m"))
    assert into.ignored == {FRIDAY: {"other_source": 2}}


# The vendor's list of categories, and the word that each is in ours.
CATEGORIES = """
1 walking, 2 running, 3 hiking, 4 skating, 5 cycling, 6 cycling, 7 swimming, 8 surfing,
9 kite_surfing, 10 wind_surfing, 11 surfing, 12 tennis, 13 table_tennis, 14 squash, 15 badminton,
16 strength_training, 17 fitness, 18 elliptical_training, 19 pilates, 20 basketball, 21 football,
22 american_football, 23 rugby, 24 volleyball, 25 water_polo, 26 horse_riding, 27 golf, 28 yoga,
29 dancing, 30 boxing, 31 fencing, 32 wrestling, 33 martial_arts, 34 skiing, 35 snowboarding,
36 other, 187 rowing, 188 dancing, 191 baseball, 192 handball, 193 hockey, 194 ice_hockey,
195 climbing, 196 ice_skating, 272 multisport, 306 treadmill_walking, 307 treadmill_running,
308 indoor_cycling, 498 trail_running, 510 pickleball, 523 mountain_biking,
550 high_intensity_interval_training, 551 meditation, 552 stretching, 560 breathing_exercises,
566 nordic_walking
"""


@pytest.mark.parametrize("entry", CATEGORIES.replace("\n", " ").strip().split(", "))
def test_each_category_has_its_word(entry):
    category, word = entry.split()

    into = read(row(category=int(category)))

    assert kinds(into) == [word]
    assert into.ignored == {}
    assert word in set(WorkoutType)


@pytest.mark.parametrize("category", [455, 568, 37, 0, -1, 100000])
def test_a_category_that_is_new_is_other_and_is_counted(category):
    into = read(row(category=category))

    assert kinds(into) == ["other"]
    assert into.ignored == {FRIDAY: {f"unknown_category_{category}": 1}}


@pytest.mark.parametrize("category", [None, "2", True, Decimal(2)])
def test_a_category_that_is_no_number_is_other_and_no_text_is_repeated(category):
    into = read(row(category=category))

    assert kinds(into) == ["other"]
    assert into.ignored == {FRIDAY: {"unknown_category_missing": 1}}


def test_what_the_vendor_calls_no_activity_is_none():
    into = read(row(category=128))

    assert (into.measurements, into.ignored) == ([], {FRIDAY: {"no_activity": 1}})
    assert into.is_clear


@pytest.mark.parametrize(
    ("attrib", "method", "device"),
    [(0, "device", WATCH), (7, "device", WATCH), (2, "manual", None), (4, "manual", None)],
)
def test_attribution_says_who_says_so(attrib, method, device):
    into = read(row(attrib=attrib))

    assert {(one.method, one.device) for one in into.measurements} == {
        (RecordingMethod(method), device)
    }


@pytest.mark.parametrize(
    ("attrib", "reason"),
    [
        (1, "ambiguous_user"),
        (17, "attribution_17"),
        (99, "attribution_99"),
        (None, "attribution_missing"),
        ("Anna", "attribution_missing"),
        (True, "attribution_missing"),
    ],
)
def test_what_is_not_surely_this_users_is_held_back(attrib, reason):
    into = read(row(attrib=attrib))

    assert into.measurements == []
    assert left_out(into) == [("workout_type", "workout-3661300277", reason, FRIDAY, True)]
    assert into.is_clear


def test_a_phones_twin_of_a_watchs_workout_is_not_told_again():
    for length in (HOUR, 60, 2 * HOUR):
        watch, phone = row(1), row(2, start=FIVE + 600, length=length, **PHONE)
        for rows in ([watch, phone], [phone, watch]):
            into = read(*rows)

            assert records(into) == {"workout-1"}
            assert into.ignored == {FRIDAY: {"other_source": 1}}
            assert into.is_clear


def test_a_phones_workout_at_another_time_is_another_workout():
    into = read(row(1), row(2, start=FIVE + HOUR, **PHONE), row(3, start=FIVE - HOUR, **PHONE))

    assert records(into) == {"workout-1", "workout-2", "workout-3"}


def test_two_workouts_of_a_phone_or_of_watches_are_both_told():
    assert records(read(row(1, **PHONE), row(2, **PHONE))) == {"workout-1", "workout-2"}
    assert records(read(row(1), row(2, start=FIVE + 60))) == {"workout-1", "workout-2"}


def test_what_the_vendor_counts_to_another_day_is_no_twin():
    into = read(row(1), row(2, date="2026-11-21", **PHONE))

    assert records(into) == {"workout-1", "workout-2"}


def test_a_workout_without_a_device_is_another_source_than_a_watch():
    assert records(read(row(1), row(2, deviceid=None, attrib=2))) == {"workout-1"}


def test_what_was_no_activity_displaces_nothing():
    assert records(read(row(1, category=128), row(2, **PHONE))) == {"workout-2"}


def test_of_one_id_that_is_listed_twice_the_version_modified_last_counts():
    older, newer = row(data={"steps": 5}, modified=9), row(data={"steps": 6}, modified=10)
    for rows in ([older, newer], [newer, older]):
        into = read(*rows)

        assert values(into)["steps"] == (6, "{steps}")
        assert into.ignored == {FRIDAY: {"copy": 1}}


@pytest.mark.parametrize("length", [0, -1])
def test_a_workout_that_takes_no_time_is_left_out_and_still_known(length):
    into = read(row(1, length=length), row(2))

    assert records(into) == {"workout-2"}
    assert left_out(into) == [("workout_type", "workout-1", "no_time", FRIDAY, False)]
    assert into.is_clear


@pytest.mark.parametrize("field", ["startdate", "enddate"])
@pytest.mark.parametrize("given", [None, "1700000000", True, 10**30, Decimal("1.5")])
def test_a_workout_without_an_instant_is_left_out_and_still_known(field, given):
    into = read(row(1, **{field: given}))

    assert left_out(into) == [("workout_type", "workout-1", "no_time", FRIDAY, False)]
    assert into.is_clear


@pytest.mark.parametrize("day", [None, "soon", 20261120])
def test_a_workout_without_a_day_is_counted_and_nothing_is_concluded(day):
    into = read(row(1, date=day))

    assert left_out(into) == [("workout_type", "workout-1", "no_time", WEEK.first_day, False)]
    assert not into.is_clear


@pytest.mark.parametrize("number", [None, "", 0, True, "a-b", "1.2", "Anna Muster", "9" * 100, []])
def test_a_workout_without_an_id_is_counted_and_nothing_is_concluded(number):
    into = read(row(1), row(number))

    assert records(into) == {"workout-1"}
    assert left_out(into) == [
        ("workout_type", "workout-unreadable-1", "unreadable_row", FRIDAY, False)
    ]
    assert not into.is_clear


def test_a_row_that_is_none_costs_only_itself():
    into = read(row(1), "row", None, [])

    assert records(into) == {"workout-1"}
    assert [one.reason for one in into.unpublished] == ["unreadable_row"] * 3
    assert not into.is_clear


def test_a_workout_of_another_day_is_not_taken_and_nothing_is_concluded():
    into = read(row(1, date="2026-11-15"))

    assert (into.measurements, into.unpublished, into.is_clear) == ([], [], False)


def test_zero_is_no_heart_rate_and_no_saturation_but_may_be_a_distance():
    zeros = dict.fromkeys(["hr_average", "hr_min", "hr_max", "spo2_average", "distance"], 0)

    into = read(row(data=zeros))

    assert values(into).keys() == {"workout_type", "workout_duration", "distance"}
    assert into.ignored == {FRIDAY: {"no_value": 4}}


@pytest.mark.parametrize("given", [-1, "5", True, [], 5.5])
def test_a_field_that_is_no_amount_costs_only_itself(given):
    into = read(row(data={"steps": given, "calories": 9}))

    assert values(into).keys() == {"workout_type", "workout_duration", "energy_expended"}
    assert left_out(into) == [("steps", "workout-3661300277", "unreadable_value", FRIDAY, False)]


def test_fields_that_are_not_carried_are_counted_by_name():
    into = read(row(data={"intensity": 30, "hr_zone_0": 100, "pool_laps": None, "ä b": 1}))

    assert into.ignored == {
        FRIDAY: {"unmapped_field_intensity": 1, "unmapped_field_hr_zone_0": 1, "unmapped_field": 1}
    }


@pytest.mark.parametrize("body", [{}, {"series": None}, {"series": {}}])
def test_an_answer_without_a_list_says_nothing_of_the_days(body):
    into = Collected(window=WEEK, asked=frozenset(Metric))

    with pytest.raises(Malformed):
        read_workouts([Page(listing="workouts", body=body)], into)


def test_of_workouts_that_are_not_shared_nothing_is_told_but_how_many_values():
    into = read(row(1, attrib=1), row(2), row(3, length=0), asked=frozenset())

    assert (into.measurements, into.unpublished, into.devices) == ([], [], {})
    assert into.ignored == {FRIDAY: {"not_asked_for": 5}}
