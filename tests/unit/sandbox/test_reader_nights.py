"""What the reader asks for of nights and their stages, worked out by hand from the vendor's rows."""

from datetime import date, timedelta

import pytest

from sandbox.reader.expected import named_readings
from sandbox.reader.readings import Listing
from tests.unit.sandbox.reader_parts import ANNA, DAY
from tests.unit.sandbox.row_parts import MAT, WATCH, epoch, night, readings, said, segment, utc

PANEL = ("sleep-601", "93832-4")


def test_a_night_is_how_long_somebody_slept_with_its_parts():
    assert said({"nights": [night()]}) == {
        PANEL: {
            "": (408, "min"),
            "93831-6": (97, "min"),
            "93830-8": (225, "min"),
            "93829-0": (86, "min"),
            "103215-0": (25, "min"),
            "103213-5": (455, "min"),
            "103212-7": (14, "min"),
            "103211-9": (2, "{count}"),
            "103220-0": (0, "min"),
        },
        ("sleep-601", "sleep-score"): (82, "{score}"),
        ("sleep-601", "sleep-efficiency"): (90, "%"),
        ("sleep-601", "103205-1"): (56, "/min"),
        ("sleep-601", "9279-1"): (14, "/min"),
    }


def test_what_else_a_night_can_say():
    data = {
        "asleepduration": 25000, "wakeupduration": 600, "snoringepisodecount": 3, "hr_min": 0,
        "hr_max": 77, "apnea_hypopnea_index": 0, "breathing_disturbances_intensity": 12,
    }  # fmt: skip
    assert said({"nights": [night(data=data)]}) == {
        PANEL: {
            "": (416.7, "min"),
            "103210-1": (10, "min"),
            "103221-8": (3, "{count}"),
        },
        ("sleep-601", "101692-2"): (77, "/min"),
        ("sleep-601", "69990-0"): (0, "{events}/h"),
        ("sleep-601", "breathing-disturbances"): (12, "{score}"),
    }


def test_parts_of_a_night_that_says_no_sum_stand_alone():
    data = {"total_sleep_time": None, "deepsleepduration": 5820}
    assert said({"nights": [night(data=data)]}) == {("sleep-601", "93831-6"): (97, "min")}


def test_a_night_belongs_to_the_day_it_ends_on():
    rows = {"nights": [night()]}
    [one, *_] = readings(rows)
    assert (one.instant, one.end) == (utc("2026-11-19T21:50"), utc("2026-11-20T05:25"))
    assert one.says_day
    before = DAY - timedelta(days=1)
    assert readings(rows, first=before, last=before) == []


def test_a_night_of_a_clock_change_has_two_offsets():
    day = date(2026, 10, 25)
    times = {"startdate": epoch("2026-10-24T22:50"), "enddate": epoch("2026-10-25T06:25")}
    [one, *_] = readings({"nights": [night(date="2026-10-25", **times)]}, first=day, last=day)
    assert (one.offset, one.end_offset) == (timedelta(hours=2), timedelta(hours=1))


def test_a_night_that_is_not_complete_is_not_due_and_not_gone():
    rows = {"nights": [night(completed=False)]}
    assert readings(rows) == []
    assert (*PANEL, 0) in named_readings(Listing(person=ANNA, rows=rows))


TRACKER = {"model": 16, "hash_deviceid": WATCH}
NAP = {"startdate": epoch("2026-11-20T14:00"), "enddate": epoch("2026-11-20T14:40")}


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        pytest.param([night(600, **TRACKER), night()], {601}, id="the mat before the watch"),
        pytest.param([night(), night(602, model=None)], {601}, id="before another's"),
        pytest.param([night(602, **TRACKER), night(603, model=None)], {602}, id="no mat"),
        pytest.param([night(602, data={"total_sleep_time": 1}), night(603)], {603}, id="longer"),
        pytest.param([night(603), night(602)], {602}, id="the smaller number of two alike"),
        pytest.param([night(), night(602, **TRACKER, **NAP)], {601, 602}, id="a nap"),
        pytest.param([night(), night(completed=True)], {601}, id="listed twice"),
    ],
)
def test_each_night_counts_once(rows, kept):
    found = {record for record, _ in said({"nights": rows})}
    assert found == {f"sleep-{number}" for number in kept}


def test_a_day_is_judged_by_itself_whatever_lies_around_it():
    rows = {"nights": [night(600, **TRACKER), night(date="2026-11-19")]}
    assert {record for record, _ in said(rows)} == {"sleep-600"}


# --- Stages

DEEP_START = epoch("2026-11-19T23:30")
LIGHT_START = epoch("2026-11-19T22:50")
SEGMENTS = [
    segment("2026-11-19T22:50", "2026-11-19T23:30", 1, hr={str(LIGHT_START): 58}, rr={}),
    segment("2026-11-19T23:30", "2026-11-20T06:25", 2, rr={str(DEEP_START): 14},
            hr={str(DEEP_START): 52, str(DEEP_START + 600): 0, str(DEEP_START + 60_000): 70}),
]  # fmt: skip


def stages(*segments, **more):
    return {"nights": [night(data={}, **more)], "stages": {601: segments or SEGMENTS}}


def test_the_series_of_a_night_count_from_its_start_and_leave_out_what_lies_outside():
    assert said(stages()) == {
        ("stages-601.series", "8867-4"): ([(0, 58), (2_400_000, 52)], "/min"),
        ("stages-601.series", "9279-1"): ([(2_400_000, 14)], "/min"),
    }


def test_stages_stand_where_they_are_turned_on():
    found = [one for one in readings(stages(), stages=True) if one.code == "sleep-stage"]
    assert [(one.record, one.amounts[""].value, one.instant, one.end) for one in found] == [
        (f"stages-601.{LIGHT_START}", "light-sleep",
         utc("2026-11-19T21:50"), utc("2026-11-19T22:30")),
        (f"stages-601.{DEEP_START}", "deep-sleep",
         utc("2026-11-19T22:30"), utc("2026-11-20T05:25")),
    ]  # fmt: skip
    assert {one.day for one in found} == {DAY}


@pytest.mark.parametrize(
    ("state", "word"),
    [(0, "awake"), (3, "rem-sleep"), (4, "asleep"), (5, "asleep"), (15, "out-of-bed")],
)
def test_states_have_words(state, word):
    one = segment("2026-11-19T23:30", "2026-11-20T00:30", state)
    assert [*said(stages(one), stages=True).values()] == [word]


def test_a_state_that_nobody_knows_says_nothing():
    one = segment("2026-11-19T23:30", "2026-11-20T00:30", 99)
    assert said(stages(one), stages=True) == {}


def test_a_series_has_a_start_alone_and_is_not_a_period():
    [pulse, _] = readings(stages())
    assert (pulse.instant, pulse.end, pulse.device) == (utc("2026-11-19T21:50"), None, MAT)


@pytest.mark.parametrize(
    ("own", "kept"), [(MAT, MAT), (WATCH, WATCH), ("0" * 40, WATCH), (None, WATCH)]
)
def test_the_segments_of_one_device_count(own, kept):
    segments = [
        segment("2026-11-19T23:00", "2026-11-20T01:00", 1),
        segment("2026-11-19T23:10", "2026-11-20T01:30", 2, device=WATCH),
        segment("2026-11-20T01:30", "2026-11-20T02:30", 1, device=WATCH),
    ]
    found = readings(stages(*segments, hash_deviceid=own), stages=True)
    assert {one.device for one in found} == {kept}


def test_of_a_night_that_does_not_count_no_stage_does():
    rows = {
        "nights": [night(data={}), night(600, data={}, **TRACKER)],
        "stages": {600: SEGMENTS, 601: ()},
    }
    assert readings(rows, stages=True) == []
    assert readings(stages(completed=False), stages=True) == []
