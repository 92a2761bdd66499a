"""Blood pressure of OMRON connect's files: US and German tables, short rows, flags, errors, units."""

from datetime import UTC, date, datetime
from decimal import Decimal
from unicodedata import normalize

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.omron_connect.exports import (
    GERMAN,
    US,
    german,
    lines,
    parsed,
    readings,
    rejected,
    told,
    words,
)

PAIR = [("diastolic_blood_pressure", "83", "mm[Hg]"), ("systolic_blood_pressure", "131", "mm[Hg]")]
TAKING = sorted([*PAIR, ("heart_rate", "66", "/min")])
IRREGULAR = ("irregular_heartbeat", "True", None)
MOVEMENT = ("movement_during_measurement", "True", None)
AFIB = ("possible_atrial_fibrillation", "True", None)


def test_a_row_of_the_us_file_is_a_pair_and_a_pulse():
    file = parsed(US, "Jan 18 2026,07:40,131,83,66,-,-,-,-")

    assert told(file) == TAKING
    assert (file.language, file.separator, file.rows) == ("en", ",", 1)
    assert file.is_whole


def test_a_row_of_the_german_file_is_the_same():
    file = parsed(GERMAN, german())

    assert told(file) == TAKING
    assert file.language == "de"
    assert file.is_whole


def test_a_taking_stands_at_its_local_minute_and_day():
    rows = readings(parsed(GERMAN, german("18 Jan. 2026", "00:10")))

    assert {row.start for row in rows} == {datetime(2026, 1, 17, 23, 10, tzinfo=UTC)}
    assert {(row.day, row.offset_minutes) for row in rows} == {(date(2026, 1, 18), 60)}
    assert {(row.record, row.group, row.occurrence) for row in rows} == {
        ("pressure-2026-01-18T00:10", "pressure-2026-01-18T00:10", 0)
    }


@pytest.mark.parametrize(
    ("word", "month"),
    [
        *(("Jan.", 1), ("Feb.", 2), ("Mär.", 3), ("Apr.", 4), ("Mai", 5), ("Jun.", 6)),
        *(("Jul.", 7), ("Aug.", 8), ("Sep.", 9), ("Okt.", 10), ("Nov.", 11), ("Dez.", 12)),
    ],
)
def test_german_months_are_known_by_their_names(word, month):
    rows = readings(parsed(GERMAN, german(f"18 {word} 2025")))

    assert {row.day for row in rows} == {date(2025, month, 18)}


def test_columns_are_known_by_their_titles_wherever_they_stand():
    file = parsed(
        "Notes,Pulse (bpm),Diastolic (mmHg),Time,Systolic (mmHg),Date",
        "x,66,83,07:40,131,Jan 18 2026",
    )

    assert told(file) == TAKING


@pytest.mark.parametrize(
    ("marks", "flags"),
    [
        ({"irregular": "X"}, [IRREGULAR]),
        ({"movement": "X"}, [MOVEMENT]),
        ({"afib": "X"}, [AFIB]),
        ({"irregular": "x", "afib": "Ja"}, [IRREGULAR, AFIB]),
        ({"movement": "1"}, [MOVEMENT]),
        ({"movement": "Yes"}, [MOVEMENT]),
        ({"irregular": ""}, []),
        ({"cuff": "X"}, []),
    ],
    ids=["beat", "movement", "afib", "two", "one as a number", "in words", "empty", "the cuff"],
)
def test_a_mark_is_a_flag_and_its_lack_says_nothing(marks, flags):
    file = parsed(GERMAN, german(**marks))

    assert told(file) == sorted([*TAKING, *flags], key=str)
    assert file.is_whole
    assert not file.ignored


def test_a_mark_that_nobody_knows_costs_its_flag_alone():
    file = parsed(GERMAN, german(afib="maybe"))

    assert told(file) == TAKING
    assert rejected(file) == [(2, "flag_unreadable", "possible_atrial_fibrillation")]


@pytest.mark.parametrize("mark", ["X", "E2"])
def test_a_row_with_an_error_is_left_out_on_its_day(mark):
    file = parsed(GERMAN, german(error=mark), german(time="08:00"))

    assert len(readings(file)) == 3
    assert rejected(file) == [(2, "device_error", None)]
    assert {one.day for one in file.unpublished} == {date(2026, 1, 18)}


def test_a_row_with_a_device_is_the_devices_word():
    file = parsed(GERMAN, german(device="HEM-7361T"))
    (device,) = file.devices.values()

    assert {(row.method, row.device) for row in readings(file)} == {
        (RecordingMethod.DEVICE, "HEM-7361T")
    }
    assert (device.device, device.model, device.kind) == (
        *("HEM-7361T", "HEM-7361T"),
        "Blood Pressure Monitor",
    )


def test_a_row_without_a_device_is_the_patients_word():
    file = parsed(US, "Jan 18 2026,07:40,131,83,66,-,-,-,-")

    assert {(row.method, row.device) for row in readings(file)} == {(RecordingMethod.MANUAL, None)}
    assert not file.devices


@pytest.mark.parametrize("name", ["M" * 81, "a\u202eb"], ids=["too long", "turns the text around"])
def test_a_device_that_has_no_name_is_none(name):
    file = parsed(GERMAN, german(device=name))

    assert {(row.method, row.device) for row in readings(file)} == {(RecordingMethod.MANUAL, None)}


def test_rows_of_four_cells_are_date_time_and_pair():
    file = parsed(GERMAN, german(), "18 Jan. 2026,20:11,127,79", german(time="21:00"))

    short = [row for row in readings(file) if row.record == "pressure-2026-01-18T20:11"]
    assert {(row.metric, row.value) for row in short} == {
        (Metric.SYSTOLIC_BLOOD_PRESSURE, Decimal(127)),
        (Metric.DIASTOLIC_BLOOD_PRESSURE, Decimal(79)),
    }
    assert file.is_whole
    assert file.rows == 3


def test_a_short_row_is_not_guessed_where_the_pair_stands_elsewhere():
    file = parsed(
        "Date,Time,Diastolic (mmHg),Systolic (mmHg),Pulse (bpm)",
        "Jan 18 2026,07:40,83,131,66",
        "Jan 18 2026,20:11,79,127",
    )

    assert told(file) == TAKING
    assert rejected(file) == [(3, "cells_missing", None)]


def test_a_title_of_decomposed_letters_is_the_same_title():
    file = parsed(normalize("NFD", GERMAN), german(irregular="X", afib="X"))

    assert told(file) == sorted([*TAKING, IRREGULAR, AFIB], key=str)
    assert not words(file)


def test_an_error_column_that_says_there_is_none_costs_nothing():
    assert parsed(GERMAN, german(error="Nein")).is_whole


def test_kilopascals_are_taken_where_the_title_says_so():
    file = parsed(
        "Date,Time,Systolic (kPa),Diastolic (kPa),Pulse (bpm)",
        "Jan 18 2026,07:40,17.5,11.1,66",
        "Jan 19 2026,07:40,131,83,66",
    )

    assert told(file) == [
        ("diastolic_blood_pressure", "11.1", "kPa"),
        *[("heart_rate", "66", "/min")] * 2,
        ("systolic_blood_pressure", "17.5", "kPa"),
    ]
    assert {(row, word) for row, word, _ in rejected(file)} == {(3, "implausible")}


def test_kilopascals_under_a_title_that_does_not_say_so_are_no_millimetres():
    file = parsed(GERMAN, german("18 Jan. 2026", "07:40", "17", "11", "66"))

    assert told(file) == [("heart_rate", "66", "/min")]


@pytest.mark.parametrize("empty", ["-", "", "0"])
def test_a_pulse_that_was_not_measured_is_none(empty):
    file = parsed(US, f"Jan 18 2026,07:40,131,83,{empty},-,-,-,-")

    assert told(file) == PAIR
    assert file.is_whole


def test_half_a_pair_is_none_and_its_pulse_stays():
    file = parsed(US, "Jan 18 2026,07:40,131,-,66,-,-,-,-")

    assert told(file) == [("heart_rate", "66", "/min")]
    assert {(row, word) for row, word, _ in rejected(file)} == {(2, "pair_incomplete")}


def test_a_pressure_that_cannot_be_takes_the_pair_with_it():
    file = parsed(US, "Jan 18 2026,07:40,131,8,66,-,-,-,-")

    assert told(file) == [("heart_rate", "66", "/min")]
    assert (2, "implausible", "diastolic_blood_pressure") in rejected(file)


def test_a_pulse_that_cannot_be_leaves_the_pair():
    file = parsed(US, "Jan 18 2026,07:40,131,83,300,-,-,-,-")

    assert told(file) == PAIR
    assert rejected(file) == [(2, "implausible", "heart_rate")]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("32 Jan 2026,07:40,131,83,66,-,-,-,-", "date_unreadable"),
        (",07:40,131,83,66,-,-,-,-", "date_unreadable"),
        ("Jan 18 2026,25:40,131,83,66,-,-,-,-", "time_unreadable"),
        ("Jan 18 2026,07:40,131,83", "fine"),
        ("Jan 18 2026,07:40,131,83,66", "cells_missing"),
        ("Jan 18 2026,07:40,131,83,66,-,-,-,slept,badly", "cells_too_many"),
        ("=1+1,07:40,131,83,66,-,-,-,-", "formula"),
        ("Jan 18 1999,07:40,131,83,66,-,-,-,-", "date_too_early"),
        ("Jan 18 2027,07:40,131,83,66,-,-,-,-", "date_in_the_future"),
    ],
)
def test_a_bad_row_costs_itself_and_is_named_by_its_number(row, word):
    file = parsed(
        US, "Jan 19 2026,07:40,131,83,66,-,-,-,-", row, "Jan 20 2026,07:40,131,83,66,-,-,-,-"
    )

    expected = [] if word == "fine" else [(3, word)]
    assert [(number, told_word) for number, told_word, _ in rejected(file)] == expected
    days = {reading.day for reading in readings(file)}
    assert days == {date(2026, 1, 19), date(2026, 1, 20)} | (
        {date(2026, 1, 18)} if word == "fine" else set()
    )


@pytest.mark.parametrize(
    ("cell", "word"),
    [("1e2", "number_unreadable"), ("@sum", "formula"), ("131 mmHg", "number_unreadable")],
)
def test_a_number_that_is_none_is_named_with_its_metric(cell, word):
    file = parsed(US, f"Jan 18 2026,07:40,131,83,{cell},-,-,-,-")

    assert told(file) == PAIR
    assert rejected(file) == [(2, word, "heart_rate")]


def test_what_was_written_down_beside_a_reading_is_never_read():
    file = parsed(GERMAN, german().replace('"-"', '"geheim, sehr"', 1), german(time="09:00"))

    assert len(readings(file)) == 6
    assert "geheim" not in repr(file)
    assert "geheim" not in file.frame.to_csv()
    assert not words(file)


def test_columns_that_nobody_maps_are_counted_by_day():
    file = parsed(US + ",Stress,Room", "Jan 18 2026,07:40,131,83,66,-,-,-,-,3,-")

    assert file.ignored == {date(2026, 1, 18): {"not_mapped": 1}}


def test_two_takings_of_one_minute_both_stand_whatever_their_order():
    rows = [german(), german("18 Jan. 2026", "07:40", "135", "85", "70"), german()]
    file, reverse = parsed(GERMAN, *rows), parsed(GERMAN, *rows[::-1])

    systolic = [
        (row.occurrence, row.group, row.value)
        for row in readings(file)
        if row.metric is Metric.SYSTOLIC_BLOOD_PRESSURE
    ]
    assert sorted(systolic) == [
        (0, "pressure-2026-01-18T07:40", Decimal(131)),
        (1, "pressure-2026-01-18T07:40/1", Decimal(135)),
    ]
    assert sorted(map(repr, readings(file))) == sorted(map(repr, readings(reverse)))
    assert words(file) == {"copy": 1}


@pytest.mark.parametrize(
    ("day", "time", "instant", "word"),
    [
        ("25 Okt. 2026", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "repeated_hour"),
        ("25 Okt. 2026", "03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC), None),
        ("29 Mär. 2026", "02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "skipped_hour"),
        ("29 Mär. 2026", "01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), None),
    ],
)
def test_nights_in_which_the_clocks_change(day, time, instant, word):
    file = parsed(GERMAN, german(day, time))

    assert {row.start for row in readings(file)} == {instant}
    assert {row.day for row in readings(file)} == {instant.date()}
    assert [(note.row, note.word) for note in file.taken_as] == ([(2, word)] if word else [])
    assert file.is_whole


def test_a_byte_order_mark_and_windows_line_ends_change_nothing():
    plain = parsed(GERMAN, german())
    windows = parsed(b"\xef\xbb\xbf" + lines(GERMAN, german(), end="\r\n"))

    assert told(windows) == told(plain)


def test_what_the_file_says_is_not_in_what_is_shown_of_it():
    file = parsed(
        GERMAN, german(device="HEM-7361T"), german("18 Jan. 2026", "07:41", "geheim", "83", "66")
    )

    assert "geheim" not in repr(file)
    assert "131" not in repr(file)
