"""Scales in OMRON connect's files: values, units, a zone of each row, the scale itself."""

from datetime import UTC, date, datetime

import pytest

from ohx_pipelines.measurements import RecordingMethod
from ohx_pipelines.providers.files.base import FileRefused, Refusal
from tests.unit.providers.omron_connect.exports import (
    SCALE,
    parsed,
    readings,
    rejected,
    scale,
    told,
    words,
)


def test_a_row_of_a_scale_is_weight_and_composition():
    file = parsed(SCALE, scale())

    assert told(file) == [
        ("basal_metabolic_rate", "1736", "kcal"),
        ("body_mass_index", "24.6", "kg/m2"),
        ("body_weight", "71.40", "kg"),
        ("fat_ratio", "28.9", "%"),
        ("metabolic_age", "45", "a"),
        ("muscle_ratio", "28.3", "%"),
        ("visceral_fat_level", "9.5", "{score}"),
    ]
    assert file.is_whole
    assert (file.language, file.rows, file.decimal_mark) == ("en", 1, ".")


def test_parts_of_the_body_are_counted_and_not_mapped():
    assert words(parsed(SCALE, scale())) == {"not_mapped": 2}


def test_a_row_stands_in_the_zone_that_it_names():
    rows = readings(parsed(SCALE, scale("2023/07/01 06:08", "Asia/Tokyo")))

    assert {row.start for row in rows} == {datetime(2023, 6, 30, 21, 8, tzinfo=UTC)}
    assert {(row.day, row.offset_minutes) for row in rows} == {(date(2023, 7, 1), 540)}
    assert {row.record for row in rows} == {"weight-2023-07-01T06:08"}


@pytest.mark.parametrize("empty", ["", "-"])
def test_a_row_that_names_no_zone_stands_in_the_stated_one(empty):
    rows = readings(parsed(SCALE, scale("2023/07/01 06:08", empty)))

    assert {row.start for row in rows} == {datetime(2023, 7, 1, 4, 8, tzinfo=UTC)}


@pytest.mark.parametrize(
    "name", ["Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "Asia", "JST+9", "a\x00b"[:1]]
)
def test_a_zone_that_nobody_knows_costs_the_row(name):
    file = parsed(SCALE, scale(zone=name), scale("2023/07/02 12:08"))

    assert rejected(file) == [(2, "zone_unknown", None)]
    assert {row.day for row in readings(file)} == {date(2023, 7, 2)}


def test_clocks_change_in_the_rows_zone_and_not_in_the_stated_one():
    file = parsed(
        SCALE,
        scale("2025/11/02 01:30", "America/New_York"),
        scale("2025/10/26 02:30", "Asia/Tokyo"),
        scale("2025/03/09 02:30", "America/New_York"),
    )

    assert sorted((note.row, note.word) for note in file.taken_as) == [
        (2, "repeated_hour"),
        (4, "skipped_hour"),
    ]
    assert {row.start for row in readings(file)} == {
        datetime(2025, 11, 2, 5, 30, tzinfo=UTC),
        datetime(2025, 10, 25, 17, 30, tzinfo=UTC),
        datetime(2025, 3, 9, 7, 30, tzinfo=UTC),
    }


def test_the_scale_is_a_device_and_says_so():
    file = parsed(SCALE, scale())

    assert {(row.method, row.device) for row in readings(file)} == {
        (RecordingMethod.DEVICE, "HBF-702T")
    }
    assert [(one.model, one.kind) for one in file.devices.values()] == [("HBF-702T", "Scale")]


@pytest.mark.parametrize(
    ("title", "weight", "unit"),
    [
        ("kg", "71.4", "kg"),
        ("lb", "157.4", "[lb_av]"),
        ("lbs", "157.4", "[lb_av]"),
        ("st", "11.2", "[stone_av]"),
    ],
)
def test_a_weight_is_in_the_unit_of_its_title(title, weight, unit):
    file = parsed(f"Measurement Date,Weight({title})", f"2023/07/01 12:08,{weight}")

    assert told(file) == [("body_weight", weight, unit)]


def test_a_weight_whose_unit_nobody_says_is_none():
    with pytest.raises(FileRefused) as refused:
        parsed("Measurement Date,Weight", "2023/07/01 12:08,71.4")

    assert refused.value.reason is Refusal.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    "title", ["体重 (kg)", "Poids corporel(kg)", "Peso corporeo (kg)", "(kg)"], ids=ascii
)
def test_a_weight_in_another_language_is_known_by_its_word_or_its_unit_alone(title):
    file = parsed(f"Measurement Date,{title}", "2023/07/01 12:08,71.4")

    assert told(file) == [("body_weight", "71.4", "kg")]


@pytest.mark.parametrize(
    "title",
    ["Masse grasse (kg)", "Massa ossea (kg)", "Vetmassa (kg)", "Muscle (lb)", "体脂肪量 (kg)"],
    ids=ascii,
)
def test_no_other_mass_is_a_weight_for_its_unit(title):
    with pytest.raises(FileRefused) as refused:
        parsed(f"Date,Heure,{title},IMC", "2026-07-01,12:08,20.1,22")

    assert refused.value.reason is Refusal.UNKNOWN_FORMAT


def test_two_columns_of_one_unit_are_not_guessed():
    file = parsed("Measurement Date,Weight(kg),体脂肪量 (kg)", "2023/07/01 12:08,71.4,20.1")

    assert told(file) == [("body_weight", "71.4", "kg")]
    assert words(file) == {"not_mapped": 1}


def test_two_columns_that_are_titled_by_their_unit_alone_are_no_weight():
    with pytest.raises(FileRefused) as refused:
        parsed("Measurement Date,(kg),(kg)", "2023/07/01 12:08,20.1,71.4")

    assert refused.value.reason is Refusal.UNKNOWN_FORMAT


@pytest.mark.parametrize("zero", ["0", "0.0", "-", ""])
def test_what_was_not_measured_is_not_said(zero):
    file = parsed(SCALE, scale("2023/07/01 12:08", "Asia/Tokyo", "71.40", *[zero] * 8))

    assert told(file) == [("body_weight", "71.40", "kg")]
    assert file.is_whole


def test_a_weight_that_cannot_be_costs_itself_alone():
    file = parsed(SCALE, scale("2023/07/01 12:08", "Asia/Tokyo", "714", "28.9", *["-"] * 7))

    assert told(file) == [("fat_ratio", "28.9", "%")]
    assert rejected(file) == [(2, "implausible", "body_weight")]


@pytest.mark.parametrize(
    ("moment", "word"),
    [
        ("2023/07/01", "time_unreadable"),
        ("2023/07/01 24:08", "time_unreadable"),
        ("2023/13/01 12:08", "date_unreadable"),
        ("x" * 200, "date_unreadable"),
        ("@now() 12:08", "formula"),
    ],
    ids=["no time", "no hour", "no month", "much text", "a formula"],
)
def test_a_moment_that_cannot_be_read_costs_its_row(moment, word):
    file = parsed(SCALE, scale(), scale(moment))

    assert rejected(file) == [(3, word, None)]
    assert len(readings(file)) == 7


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "T", "  "], ids=ascii)
def test_a_moment_may_have_any_blank_before_its_time(blank):
    file = parsed("Measurement Date,Weight(kg)", f"2023/07/01{blank}12:08,71.4")

    assert {*file.frame["record"]} == {"weight-2023-07-01T12:08"}
