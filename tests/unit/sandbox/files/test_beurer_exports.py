"""Beurer's files look as the observed ones do; expectations are lines of those."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from sandbox.files.sections import Options
from sandbox.files.variants import write
from sandbox.files.writing import Locale
from tests.unit.sandbox.files.truth_parts import KIM, cuffed, lines_of, reading, weighed

ONLY_ONE = {"pro-de-comma": 8, "pro-de-11": 11, "pro-de-28": 28}


def test_pro_begins_with_its_owner_set_apart_by_blanks():
    assert lines_of(write("pro-de-comma", [], KIM))[:6] == [
        "Benutzerdetails",
        "Geschlecht   Weiblich",
        "Vorname   Kim",
        "Nachname   Muster",
        "Geburtsdatum   01.02.1975",
        "Körpergröße   172 cm",
    ]


def test_a_phone_set_to_german_writes_commas_and_days_first():
    lines = lines_of(write("pro-de-11", [weighed()], KIM))
    title = lines.index("Gewicht")
    assert lines[title + 1 : title + 3] == [
        "Datum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;Metabolisches Alter;Puls;Viszeralfett",
        "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;5",
    ]


@pytest.mark.parametrize(("variant", "row"), [
    ("pro-de-point", "14.03.2026;07:52;71.4;22.3;17.9;56.2;42.1;2.9"),
    ("pro-en-dots", "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9"),
    ("pro-en-slashes", "14/03/2026;07:52;71.4;22.3;17.9;56.2;42.1;2.9"),
])  # fmt: skip
def test_every_other_phone_writes_its_own_dates_and_decimals(variant, row):
    assert row in lines_of(write(variant, [weighed()], KIM))


@pytest.mark.parametrize("variant", ONLY_ONE)
def test_a_weight_table_has_the_columns_of_its_scale(variant):
    lines = lines_of(write(variant, [weighed()], KIM))
    title = lines.index("Gewicht")
    wide = {len(line.split(";")) for line in lines[title + 1 : title + 5]}
    assert wide == {ONLY_ONE[variant]}


def test_a_basic_scale_tells_no_pulse_and_neither_does_the_truth():
    (told,) = write("pro-de-comma", [weighed()], KIM).rows
    assert "pulse" not in told.values
    assert told.values["weight"] == Decimal("71.4")


def test_under_pressures_stand_an_empty_row_an_average_and_a_legend():
    lines = lines_of(write("pro-de-comma", [cuffed("2026-03-15T07:40", 131), cuffed()], KIM))
    title = lines.index("Blutdruck")
    assert lines[title + 1 :] == [
        "Datum;Uhrzeit;Sys;Dia;Puls;MAD",
        "15.03.2026;20:11;127;79;63;95",
        "15.03.2026;07:40;131;79;63;95",
        ";;;;;",
        "Ø = 129/79",
        "MAD = Mittlerer arterieller Druck",
        "",
    ]


def test_a_pulse_that_was_not_measured_is_a_zero_in_the_file_and_none_in_the_truth():
    row = reading("weight", "2026-03-14T07:52", {"weight": "71.4"}, zeros=frozenset({"pulse"}))
    written = write("pro-de-11", [row], KIM)
    assert "14.03.2026;07:52;71,4;;;;;;;0,0;" in lines_of(written)
    assert written.rows[0].values == {"weight": Decimal("71.4")}


def test_a_session_over_midnight_ends_below_its_start():
    values = {"spo2_min": 88, "spo2_max": 97, "spo2_mean": 94, "pulse": 61}
    end = datetime.fromisoformat("2026-03-15T00:40")
    written = write("pro-de-comma", [reading("oxygen", "2026-03-14T23:10", values, end=end)], KIM)
    assert "14.03.2026;23:10;00:40;01:30;88;97;94;61;;" in lines_of(written)
    assert written.rows[0].end == end


def test_older_exports_tell_oxygen_by_the_minute():
    row = reading("oxygen", "2026-03-14T15:10", {"spo2": 97, "pulse": 61})
    assert "14.03.2026;15:10;97;61;" in lines_of(write("pro-de-point", [row], KIM))
    assert write("pro-de-comma", [row], KIM).rows == ()


def test_of_two_glucose_units_in_a_row_the_truth_is_the_first():
    row = reading("glucose", "2026-03-14T12:10", {"glucose_mg_dl": 99, "glucose_mmol_l": "5.5"})
    german, english = (write(one, [row], KIM) for one in ("pro-de-comma", "pro-en-slashes"))
    assert "14.03.2026;12:10;99;5,5;;;" in lines_of(german)
    assert german.rows[0].values == {"glucose_mg_dl": Decimal(99)}
    assert english.rows[0].values == {"glucose_mmol_l": Decimal("5.5")}


def test_the_classic_app_marks_utf_8_and_ends_lines_with_both_characters():
    content = write("healthmanager-en", [weighed()], KIM).content
    assert content.startswith(b"\xef\xbb\xbfData Export Details\r\n\r\nUser details\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")


def test_the_classic_app_quotes_new_rows_and_writes_old_ones_as_floats():
    rows = [weighed("2026-03-14T07:52"), weighed("2026-01-20T08:05", noise=True)]
    lines = lines_of(write("healthmanager-en", rows, KIM))
    header = lines.index("Date;Time;kg;BMI;Body fat;Water;Muscles;Bones;Medication;Comment")
    new, old = lines[header + 1 : header + 3]
    assert new == '"2026-03-14";"07:52";"71.4";"22.3";"17.9";"56.2";"42.1";"2.9";"";""'
    cells = old.split(";")
    assert (cells[:2], cells[-2:]) == (['"2026-01-20"', '"08:05"'], ['""', '""'])
    rounded = [Decimal(one).quantize(Decimal("0.1"), ROUND_HALF_EVEN) for one in cells[2:8]]
    assert rounded == [Decimal(one) for one in ("71.4", "22.3", "17.9", "56.2", "42.1", "2.9")]
    assert all(len(one.partition(".")[2]) > 3 for one in cells[2:8])


def test_categories_count_the_rows_that_follow():
    classic = write("healthmanager-en", [weighed(), weighed("2026-03-13T07:00")], KIM)
    sister = write("healthforyou-de", [cuffed(), weighed()], KIM)
    assert '"Scale";002' in lines_of(classic)
    assert "Blutdruck;1" in lines_of(sister)


def test_the_sister_app_alone_says_who_made_a_reading():
    rows = [cuffed(manual=False), cuffed("2026-03-14T20:11", manual=True)]
    sister = write("healthforyou-en", rows, KIM)
    assert lines_of(sister)[-5:] == [
        "BLOOD PRESSURE",
        "Date;Time;Sys;Dia;Pulse;MAP;Added manually",
        "15/03/2026;20:11;127;79;63;95;0",
        "14/03/2026;20:11;127;79;63;95;1",
        "MAP = Mean arterial pressure",
    ]
    by_day = {row.moment.day: row.manual for row in sister.rows}
    assert by_day == {15: False, 14: True}
    assert all(row.manual for row in write("pro-de-comma", rows, KIM).rows)


def test_the_website_writes_one_table_with_commas_and_nothing_around_it():
    lines = lines_of(write("healthcoach-en", [weighed()], KIM))
    assert len(lines) == 2
    assert dict(zip(*(line.split(";") for line in lines), strict=True)) | {
        "Date": "14.03.2026", "Time": "07:52", "Weight kg": "71,4", "BF": "17,9",
        "Water": "56,2", "Muscle %": "42,1", "Bone kg": "2,9", "BMI": "22,3",
    } == dict(zip(*(line.split(";") for line in lines), strict=True))  # fmt: skip
    assert len(lines[0].split(";")) == 22


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_a_file_can_be_saved_in_another_encoding(encoding):
    written = write("pro-de-comma", [cuffed()], Options(encoding=encoding))
    assert "Ø = 127/79" in lines_of(written, encoding)


def test_a_scale_set_to_pounds_names_its_column_by_them():
    written = write("pro-de-comma", [weighed()], Options(weight_unit="lb"))
    assert "14.03.2026;07:52;157,4;22,3;17,9;56,2;42,1;2,9" in lines_of(written)
    assert written.rows[0].values["weight_lb"] == Decimal("157.4")


def test_an_american_phone_writes_months_first_and_twelve_hours():
    phone = Locale(language="en", dates="%m/%d/%Y", twelve_hours=True)
    lines = lines_of(write("pro-en-slashes", [cuffed()], Options(locale=phone)))
    assert "03/15/2026;08:11 PM;127;79;63;95" in lines


@pytest.mark.parametrize(("variant", "name"), [
    ("pro-de-comma", "HealthManager Pro Export - 18.05.2026 - 05.06.2026.csv"),
    ("pro-en-dots", "HealthManagerPro_Export_20260518_20260605.csv"),
    ("healthmanager-en", "HealthManagerApp_DataExport.csv"),
    ("healthforyou-en", "HealthForYouApp_DataExport.csv"),
])  # fmt: skip
def test_files_are_named_as_the_app_names_them(variant, name):
    options = Options(first=date(2026, 5, 18), last=date(2026, 6, 5))
    assert write(variant, [], options).name == name


def test_readings_of_one_minute_are_counted_by_their_values_and_copies_once():
    rows = [cuffed(systolic=131), cuffed(systolic=127), cuffed(systolic=131)]
    told = write("pro-de-comma", rows, KIM).rows
    assert [(row.occurrence, row.values["sys"]) for row in told] == [(0, 127), (1, 131)]
