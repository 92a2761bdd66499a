"""Tables in OMRON connect's files: several in one, unknown ones, broken ends, whose file it is."""

from datetime import date

import pytest

from ohx_pipelines.providers.files.base import Cut, DateOrder, FileRefused, Refusal
from ohx_pipelines.providers.omron_connect import OMRON_CONNECT
from ohx_pipelines.providers.registry import FILE_PROVIDERS
from tests.unit.providers.omron_connect.exports import (
    GERMAN,
    SCALE,
    US,
    german,
    lines,
    parsed,
    readings,
    rejected,
    scale,
    told,
    words,
)

US_ROW = "Jan 18 2026,07:40,131,83,66,-,-,-,-"
ACTIVITY = ("Date,Steps,Distance (mi)", "Jan 17 2026,4012,1.9", "Jan 18 2026,3900,1.8")
PRO = (
    "Blutdruck",
    "Datum;Uhrzeit;Sys;Dia;Puls;MAD",
    "15.03.2026;20:11;127;79;63;95",
    "",
    "Gewicht",
    "Datum;Uhrzeit;kg;BMI",
    "14.03.2026;07:52;71,4;22,3",
)


def test_a_table_that_nobody_knows_is_counted_and_the_file_is_not_whole():
    file = parsed(US, US_ROW, "", *ACTIVITY)

    assert len(readings(file)) == 3
    assert file.cut is Cut.UNKNOWN_SECTION
    assert not file.is_whole
    assert file.ignored == {
        date(2026, 1, 17): {"unknown_section": 1},
        date(2026, 1, 18): {"unknown_section": 1},
    }


def test_a_known_table_may_follow_one_that_nobody_knows():
    file = parsed(US, US_ROW, "", "Activity", *ACTIVITY, "", SCALE, scale())

    assert len(readings(file)) == 10
    assert file.cut is Cut.UNKNOWN_SECTION
    assert file.rows == 2


def test_titles_and_remarks_of_one_cell_take_nothing_away():
    file = parsed("Blood pressure", US, US_ROW, "", "Weight", SCALE, scale(), "", "Made by an app")

    assert len(readings(file)) == 10
    assert file.is_whole


def test_blank_lines_between_rows_do_not_end_their_table():
    content = lines(US, US_ROW, US_ROW.replace("07:40", "08:40")).replace(b"\n", b"\r\r\n")

    assert len(readings(parsed(content))) == 6
    assert parsed(content).is_whole


def test_rows_of_empty_cells_are_blank():
    file = parsed(GERMAN, german(), "," * 16, "," * 16)

    assert len(readings(file)) == 3
    assert file.is_whole


def test_a_file_that_ends_within_a_row_is_cut_and_its_last_row_not_believed():
    content = lines(GERMAN, german(), "18 Jan. 2026,20:11,127,7").rstrip(b"\n")
    file = parsed(content)

    assert file.cut is Cut.ENDS_INSIDE
    assert rejected(file) == [(3, "cells_missing", None)]
    assert {row.record for row in readings(file)} == {"pressure-2026-01-18T07:40"}


def test_a_file_that_ends_within_quotes_is_cut():
    content = lines(SCALE, scale(), scale("2023/07/02 12:08"))[:-6]
    file = parsed(content)

    assert file.cut is Cut.ENDS_INSIDE
    assert {row.day for row in readings(file)} == {date(2023, 7, 1)}


def test_a_quote_that_nobody_closed_costs_its_row_and_none_behind_it():
    file = parsed(US, US_ROW.replace("131", '"131'), US_ROW, US_ROW.replace("07:40", "08:40"))

    assert rejected(file) == [(2, "cells_missing", None)]
    assert len(readings(file)) == 6


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Time,Systolic (mmHg),Diastolic (mmHg)", "2026-07-02,12:08,127,10"),
        ("Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm)", "2026-07-02,12:08,127,81,11"),
        ("Measurement Date,BMI,Weight (kg)", "2026/07/02 12:08,23.1,71"),
    ],
    ids=["pair", "pulse", "scale"],
)
def test_a_number_that_the_file_ends_in_may_lack_digits(header, row):
    cut, whole = (parsed(f"{header}\n{row}{end}".encode()) for end in ("", "\n"))

    assert (whole.cut, cut.cut, cut.is_whole) == (None, Cut.ENDS_INSIDE, False)
    assert cut.frame.equals(whole.frame)


def test_a_quoted_last_number_or_words_behind_the_numbers_need_no_line_end():
    header = "Date,Time,Systolic (mmHg),Diastolic (mmHg)"

    assert parsed(f'{header}\n2026-07-02,12:08,"127","80"'.encode()).is_whole
    assert parsed(f"{header},Notes\n2026-07-02,12:08,127,80,2".encode()).is_whole


def test_a_whole_last_row_needs_no_line_end():
    file = parsed(lines(US, US_ROW).rstrip(b"\n"))

    assert file.is_whole
    assert len(readings(file)) == 3


def test_a_file_without_a_known_header_is_anothers():
    with pytest.raises(FileRefused) as refused:
        parsed(*ACTIVITY)

    assert refused.value.reason is Refusal.UNKNOWN_FORMAT


def test_a_header_without_rows_has_no_readings():
    with pytest.raises(FileRefused) as refused:
        parsed(US, "")

    assert refused.value.reason is Refusal.NO_READINGS


@pytest.mark.parametrize(
    ("rows", "is_ours"),
    [
        ((US, US_ROW), True),
        ((GERMAN, german()), True),
        ((SCALE, scale()), True),
        (("A report", "", *ACTIVITY, "", US, US_ROW), True),
        (PRO, False),
        (ACTIVITY, False),
        (("Date,Heart rate,Systolic,Diastolic,Comments", "2026-01-18 07:40:00,66,131,83,"), False),
        (("time,kg", "2026-01-18,71"), False),
    ],
    ids=["us", "german", "scale", "behind another", "beurer", "activity", "withings", "other"],
)
def test_a_file_is_known_by_its_header(rows, is_ours):
    assert OMRON_CONNECT.recognizes(lines(*rows)) is is_ours


def test_a_long_file_is_known_by_its_beginning():
    content = b"\xef\xbb\xbf" + lines(GERMAN, *[german()] * 2000)

    assert OMRON_CONNECT.recognizes(content)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"PK\x03\x04", b"\xff" * 50, lines(US)[:20]], ids=range(5)
)
def test_what_is_no_file_of_the_app_is_not_recognized(content):
    assert not OMRON_CONNECT.recognizes(content)


def test_no_other_apps_room_takes_its_files():
    others = [one for one in FILE_PROVIDERS if one is not OMRON_CONNECT]

    for rows in ((US, US_ROW), (GERMAN, german()), (SCALE, scale())):
        assert [one.facts.name for one in others if one.recognizes(lines(*rows))] == []


def test_separators_of_other_phones_are_taken_too():
    rows = (US, "Jan 18 2026,07:40,131,83,66,-,-,-,-")
    semicolons = [row.replace(",", ";") for row in rows]

    assert told(parsed(*semicolons)) == told(parsed(*rows))


def test_dates_of_numbers_need_an_order_only_where_they_leave_it_open():
    ambiguous = "03/04/2026,07:40,131,83,66,-,-,-,-"
    with pytest.raises(FileRefused) as refused:
        parsed(US, ambiguous)

    assert refused.value.reason is Refusal.AMBIGUOUS_DATES
    decided = parsed(US, ambiguous, ambiguous.replace("03/04", "03/18"))
    assert {row.day for row in readings(decided)} == {date(2026, 3, 4), date(2026, 3, 18)}


def test_a_stated_order_is_taken_where_dates_leave_it_open():
    file = parsed(US, "03/04/2026,07:40,131,83,66,-,-,-,-", date_order=DateOrder.DAY_FIRST)

    assert {row.day for row in readings(file)} == {date(2026, 4, 3)}
    assert file.date_order is DateOrder.DAY_FIRST


def test_a_row_with_bytes_that_are_no_text_costs_itself():
    file = parsed(
        lines(US, US_ROW, US_ROW.replace("07:40", "08:40")).replace(b"66,-", b"66,\x81", 1)
    )

    assert rejected(file) == [(2, "text_unreadable", None)]
    assert {row.record for row in readings(file)} == {"pressure-2026-01-18T08:40"}


def test_facts_name_what_its_files_hold():
    facts = OMRON_CONNECT.facts

    assert [one.name for one in facts.data_types] == ["body", "blood_pressure"]
    assert (facts.scopes, facts.limits, facts.notifications) == ((), (), ())
    assert (facts.most_days, facts.most_gap_days, facts.pkce) == (92, 31, False)
    assert facts.least_scopes == frozenset()
    assert words(parsed(US, US_ROW)) == {}
