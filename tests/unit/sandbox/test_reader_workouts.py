"""What the reader asks for of workouts, worked out by hand from the vendor's rows."""

from datetime import timedelta

import pytest

from sandbox.reader.expected import named_readings
from sandbox.reader.readings import Listing
from tests.unit.sandbox.reader_parts import ANNA
from tests.unit.sandbox.row_parts import PHONE_MODEL, epoch, readings, said, utc, workout

PANEL = ("workout-501", "73985-4")


def of(**data):
    return {"workouts": [workout(data=data)]}


def test_a_workout_is_its_kind_with_what_was_measured_in_it():
    assert said({"workouts": [workout()]}) == {
        PANEL: {
            "": "running",
            "55411-3": (40, "min"),
            "41981-2": (401, "kcal"),
            "103208-5": (7200.5, "m"),
            "55423-8": (6100, "{steps}"),
            "100304-5": (2, "{flights}"),
            "103205-1": (141, "/min"),
            "103222-6": (92, "/min"),
            "101692-2": (171, "/min"),
        }
    }


def test_oxygen_stands_beside_the_workout_and_zero_of_it_not_at_all():
    found = said(of(spo2_average=96))
    assert found["workout-501", "2708-6 59408-5"] == (96, "%")
    assert said(of(spo2_average=0)).keys() == {PANEL}


def test_a_workout_has_its_own_times_and_the_row_s_day():
    rows = {"workouts": [workout(startdate=epoch("2026-11-19T23:40"), timezone="Asia/Tokyo")]}
    [one] = readings(rows)
    assert (one.instant, one.end) == (utc("2026-11-19T22:40"), utc("2026-11-20T16:45"))
    assert one.offset == one.end_offset == timedelta(hours=9)
    assert one.says_day


@pytest.mark.parametrize(
    ("category", "word"),
    [(1, "walking"), (21, "football"), (22, "american-football"), (307, "treadmill-running"),
     (550, "high-intensity-interval-training"), (36, "other-workout"), (9999, "other-workout")],
)  # fmt: skip
def test_the_vendor_s_categories_have_words_and_unknown_ones_another(category, word):
    assert said({"workouts": [workout(category=category)]})[PANEL][""] == word


def test_no_activity_is_no_workout():
    assert said({"workouts": [workout(category=128)]}) == {}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"pause_duration": 2700}, {"55411-3": (0, "min")}),
        ({"pause_duration": 2701}, {"55411-3": (45, "min")}),
        ({"pause_duration": -1}, {"55411-3": (45, "min")}),
        ({"manual_calories": 300}, {"55411-3": (45, "min"), "41981-2": (300, "kcal")}),
        (
            {"calories": 0, "manual_calories": 300, "manual_distance": 5000},
            {"55411-3": (45, "min"), "41981-2": (0, "kcal"), "103208-5": (5000, "m")},
        ),
        ({"hr_average": 0, "steps": -4, "elevation": None}, {"55411-3": (45, "min")}),
    ],
)
def test_amounts_of_a_workout(data, found):
    assert said(of(**data))[PANEL] == {"": "running"} | found


def test_a_workout_without_time_is_none():
    assert said({"workouts": [workout(enddate=epoch("2026-11-20T17:00"))]}) == {}


def test_what_was_typed_in_is_the_patient_s_and_what_may_be_another_s_is_not_due():
    [one] = readings({"workouts": [workout(attrib=2, data={})]})
    assert (one.asserted, one.device) == ("PATAST", None)
    rows = {"workouts": [workout(attrib=1)]}
    assert readings(rows) == []
    assert (*PANEL, 0) in named_readings(Listing(person=ANNA, rows=rows))


PHONE = {"model": PHONE_MODEL, "deviceid": None}


@pytest.mark.parametrize(
    ("other", "records"),
    [
        pytest.param(PHONE, {"workout-501"}, id="a phone along"),
        pytest.param({"attrib": 2, "deviceid": None}, {"workout-501"}, id="typed in too"),
        pytest.param({"deviceid": "e" * 40}, {"workout-501", "workout-502"}, id="two watches"),
        pytest.param(
            PHONE | {"startdate": epoch("2026-11-20T17:45"), "enddate": epoch("2026-11-20T18:00")},
            {"workout-501", "workout-502"},
            id="after it",
        ),
    ],
)
def test_of_two_that_overlap_the_vendor_s_own_device_counts(other, records):
    rows = {"workouts": [workout(502, **other), workout()]}
    assert {record for record, _ in said(rows)} == records


def test_a_day_is_judged_by_itself_whatever_lies_around_it():
    rows = {"workouts": [workout(502, **PHONE), workout(date="2026-11-19")]}
    assert {record for record, _ in said(rows)} == {"workout-502"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_that_is_listed_twice_counts_as_last_modified(order):
    rows = [workout(), workout(category=1, modified=1)]
    assert said({"workouts": rows[::order]})[PANEL][""] == "running"
