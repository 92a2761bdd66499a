"""HealthForYou's and HealthCoach's exports; expectations from the fact sheet's samples."""

import pytest

from ohx_pipelines.providers.files.base import Cut, DateOrder
from tests.unit.providers.beurer.beurer_exports import (
    COACH,
    FOR_YOU_DE_HEAD,
    FOR_YOU_EN,
    counted,
    methods,
    notes,
    of,
    places,
    read,
)

ROWS = "15.03.2026;20:11;127;79;63;95;0\n15.03.2026;07:40;131;83;66;99;1\n"
EVENING, MORNING = "pressure-2026-03-15T20:11", "pressure-2026-03-15T07:40"
TAKEN = {
    "systolic_blood_pressure": ("127", "mm[Hg]"),
    "diastolic_blood_pressure": ("79", "mm[Hg]"),
    "heart_rate": ("63", "/min"),
    "mean_blood_pressure": ("95", "mm[Hg]"),
}


def for_you(rows=ROWS, count=2):
    return FOR_YOU_DE_HEAD.format(count=count) + rows + "MAD = Mittlerer arterieller Druck"


def test_a_german_export_tells_who_measured():
    parsed = read(for_you())

    assert of(parsed, EVENING) == TAKEN
    assert places(parsed) == {
        EVENING: ("2026-03-15T19:11:00+00:00", 60, "2026-03-15"),
        MORNING: ("2026-03-15T06:40:00+00:00", 60, "2026-03-15"),
    }
    assert methods(parsed) == {EVENING: "device", MORNING: "manual"}
    assert (parsed.format, parsed.language, parsed.is_whole) == ("HealthForYou", "de", True)
    assert parsed.birth_date.isoformat() == "1975-02-01"


def test_an_english_export_is_read_without_any_block():
    parsed = read(FOR_YOU_EN + "15/03/2026;20:11;127;79;63;95;0\n")

    assert of(parsed, EVENING) == TAKEN
    assert (parsed.format, parsed.language) == ("HealthForYou", "en")
    assert parsed.date_order is DateOrder.DAY_FIRST
    assert parsed.birth_date is None


def test_the_period_tells_the_order_of_day_and_month():
    text = for_you("05/03/2026;20:11;127;79;63;95;0\n", count=1)
    parsed = read(text.replace("01.03.2026", "01/03/2026").replace("31.03.2026", "31/03/2026"))

    assert [*places(parsed)] == ["pressure-2026-03-05T20:11"]


def test_a_count_that_differs_is_told():
    assert read(for_you(count=3)).cut is Cut.COUNT_DIFFERS


def test_a_flag_that_nobody_can_read_does_not_cost_the_reading():
    parsed = read(for_you(ROWS.replace(";95;0", ";95;x")))

    assert of(parsed, EVENING) == TAKEN
    assert methods(parsed)[EVENING] == "manual"
    assert notes(parsed) == [(17, "flag_unreadable", None)]


def test_an_empty_flag_is_the_patients_word():
    parsed = read(for_you(ROWS.replace(";95;0", ";95;")))

    assert (methods(parsed)[EVENING], parsed.is_whole) == ("manual", True)


COACH_ROW = (
    "19.12.2018;07:15;71,4;17,9;16,1;18,2;56,2;42,1;40,1;43,2;2,9;22,3;1540;2310;3;81;96;0,84;68;"
    "0;;gut\n"
)


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolon", "tab"])
def test_the_web_export_has_one_table_and_no_title(separator):
    parsed = read((COACH + COACH_ROW).replace(";", separator))

    assert of(parsed, "weight-2018-12-19T07:15") == {
        "body_weight": ("71.4", "kg"),
        "fat_ratio": ("17.9", "%"),
        "water_ratio": ("56.2", "%"),
        "muscle_ratio": ("42.1", "%"),
        "bone_mass": ("2.9", "kg"),
        "body_mass_index": ("22.3", "kg/m2"),
        "basal_metabolic_rate": ("1540", "kcal"),
    }
    assert places(parsed) == {
        "weight-2018-12-19T07:15": ("2018-12-19T06:15:00+00:00", 60, "2018-12-19")
    }
    # Two of fat, two of muscle, AMR, activity level, waist, hip, WHR, target weight.
    assert counted(parsed) == {"2018-12-19": {"not_mapped": 10}}
    assert (parsed.format, parsed.language, parsed.separator) == ("HealthCoach", "en", separator)
    assert set(methods(parsed).values()) == {"manual"}


def test_commas_between_and_inside_cells_are_told_apart_by_quotes():
    row = ",".join(f'"{cell}"' for cell in COACH_ROW.strip().split(";"))
    parsed = read(COACH.replace(";", ", ") + row + "\n")

    assert of(parsed, "weight-2018-12-19T07:15")["body_weight"] == ("71.4", "kg")
    assert (parsed.separator, parsed.decimal_mark, parsed.is_whole) == (",", ",", True)


NIGHT = [
    ("29.03.2026", "2026-03-29T01:30:00+00:00", 120, "skipped_hour"),
    ("25.10.2026", "2026-10-25T00:30:00+00:00", 120, "repeated_hour"),
]


@pytest.mark.parametrize(("day", "instant", "offset", "word"), NIGHT, ids=["spring", "autumn"])
@pytest.mark.parametrize("app", ["for-you-de", "for-you-en", "coach"])
def test_a_night_of_a_clock_change_is_placed_alike_in_every_app(app, day, instant, offset, word):
    text = {
        "for-you-de": for_you(f"{day};02:30;127;79;63;95;0\n", count=1),
        "for-you-en": f"{FOR_YOU_EN}{day.replace('.', '/')};02:30;127;79;63;95;0\n",
        "coach": COACH + COACH_ROW.replace("19.12.2018;07:15", f"{day};02:30"),
    }[app]
    parsed = read(text)

    year_first = "-".join(reversed(day.split(".")))
    assert [*places(parsed).values()] == [(instant, offset, year_first)]
    assert [note.word for note in parsed.taken_as] == [word]
