"""HealthManager's exports: mixed quoting, float noise, counts; expectations from the fact sheet."""

import pytest

from ohx_pipelines.providers.files.base import Cut
from tests.unit.providers.beurer.beurer_exports import (
    CLASSIC_HEAD,
    CLASSIC_WEIGHT,
    counted,
    methods,
    notes,
    of,
    places,
    read,
)

QUOTED = '"2026-03-14";"07:52";"71.4";"22.3";"17.9";"56.2";"42.1";"2.9";"";""\n'
NOISY = (
    '"2026-01-20";"08:05";70.05999755859375;21.89999961853027;17.5;56.40086364746094;'
    '42.29999923706055;2.861660957336426;"";""\n'
)


def classic(*rows, count=None):
    count = len(rows) if count is None else count
    return CLASSIC_HEAD.format(count=count) + CLASSIC_WEIGHT + "".join(rows) + "\n"


def test_the_sheets_sample_is_read_to_the_digit():
    parsed = read(classic(QUOTED, NOISY).replace("\n", "\r\n"), encoding="utf-8-sig")

    assert of(parsed, "weight-2026-03-14T07:52") == {
        "body_weight": ("71.4", "kg"),
        "body_mass_index": ("22.3", "kg/m2"),
        "fat_ratio": ("17.9", "%"),
        "water_ratio": ("56.2", "%"),
        "muscle_ratio": ("42.1", "%"),
        "bone_mass": ("2.9", "kg"),
    }
    assert of(parsed, "weight-2026-01-20T08:05") == {
        "body_weight": ("70.1", "kg"),
        "body_mass_index": ("21.9", "kg/m2"),
        "fat_ratio": ("17.5", "%"),
        "water_ratio": ("56.4", "%"),
        "muscle_ratio": ("42.3", "%"),
        "bone_mass": ("2.9", "kg"),
    }
    assert places(parsed) == {
        "weight-2026-03-14T07:52": ("2026-03-14T06:52:00+00:00", 60, "2026-03-14"),
        "weight-2026-01-20T08:05": ("2026-01-20T07:05:00+00:00", 60, "2026-01-20"),
    }
    assert set(methods(parsed).values()) == {"manual"}
    assert set(parsed.frame["device"]) == {None}


def test_what_was_decided_about_the_file_is_told():
    parsed = read(classic(QUOTED, NOISY))

    assert (parsed.format, parsed.language, parsed.separator) == ("HealthManager", "en", ";")
    assert (parsed.decimal_mark, parsed.date_order, parsed.rows) == (".", None, 2)
    assert parsed.birth_date.isoformat() == "1975-02-01"
    assert parsed.is_whole
    assert counted(parsed) == {}


def test_a_birth_date_that_nobody_filled_in_is_none():
    parsed = read(classic(QUOTED).replace("1975-02-01", "yyyy-mm-dd"))

    assert (parsed.birth_date, parsed.is_whole) == (None, True)


@pytest.mark.parametrize("said", [1, 3], ids=["fewer", "more"])
def test_another_count_than_the_files_own_is_told(said):
    parsed = read(classic(QUOTED, NOISY, count=said))

    assert (parsed.cut, parsed.is_whole, parsed.rows) == (Cut.COUNT_DIFFERS, False, 2)


def test_a_refused_row_is_one_of_those_that_were_counted():
    parsed = read(classic(QUOTED, NOISY.replace("08:05", "8h05")))

    assert parsed.cut is None
    assert notes(parsed) == [(19, "time_unreadable", None)]


def test_a_category_that_the_file_has_no_section_for_is_missing():
    text = classic(QUOTED).replace('"Scale";001', '"Scale";001\n"Blood pressure";002')

    assert read(text).cut is Cut.COUNT_DIFFERS


def test_a_category_whose_section_nobody_knows_is_there_all_the_same():
    text = classic(QUOTED).replace('"Scale";001', '"Scale";001\n"Tracker";001')

    assert read(text).cut is Cut.COUNT_DIFFERS
    assert read(f"{text}Tracker\nDay;Steps\n1;8000\n").cut is Cut.UNKNOWN_SECTION


def test_a_category_without_readings_needs_no_section():
    text = classic(QUOTED).replace('"Scale";001', '"Scale";001\n"Blood pressure";000')

    assert read(text).is_whole


@pytest.mark.parametrize(
    ("local", "placed", "word"),
    [
        ("2026-03-29;01:59", ("2026-03-29T00:59:00+00:00", 60, "2026-03-29"), None),
        ("2026-03-29;02:30", ("2026-03-29T01:30:00+00:00", 120, "2026-03-29"), "skipped_hour"),
        ("2026-03-29;03:00", ("2026-03-29T01:00:00+00:00", 120, "2026-03-29"), None),
        ("2025-10-26;02:30", ("2025-10-26T00:30:00+00:00", 120, "2025-10-26"), "repeated_hour"),
        ("2025-10-26;03:00", ("2025-10-26T02:00:00+00:00", 60, "2025-10-26"), None),
    ],
    ids=["before-gap", "in-gap", "after-gap", "repeated", "after-repeated"],
)
def test_a_night_of_a_clock_change_places_each_minute(local, placed, word):
    parsed = read(classic(f"{local};71.4;22.3;17.9;56.2;42.1;2.9;;\n"))

    assert places(parsed) == {f"weight-{local.replace(';', 'T')}": placed}
    assert [note.word for note in parsed.taken_as] == ([word] if word else [])
    assert parsed.is_whole
