"""HealthManager Pro's weights and pressures in every language and format that was seen."""

import pytest

from ohx_pipelines.providers.files.base import DateOrder, FileRefused, Refusal
from tests.unit.providers.beurer.beurer_exports import (
    LEGEND,
    PRO_DE_HEAD,
    PRO_DE_PRESSURE,
    PRO_DE_WEIGHT,
    PRO_EN_HEAD,
    PRO_EN_PRESSURE,
    PRO_EN_WEIGHT,
    counted,
    notes,
    of,
    places,
    read,
)

ROW = "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9;44;62;5\n"
PRESSURES = "15.03.2026;20:11;127;79;63;95\n15.03.2026;07:40;131;83;66;99\n"
TAKEN = {
    "body_weight": ("71.4", "kg"),
    "body_mass_index": ("22.3", "kg/m2"),
    "fat_ratio": ("17.9", "%"),
    "water_ratio": ("56.2", "%"),
    "muscle_ratio": ("42.1", "%"),
    "bone_mass": ("2.9", "kg"),
}
OF_A_SCALE = TAKEN | {
    "metabolic_age": ("44", "a"),
    "heart_rate": ("62", "/min"),
    "visceral_fat_level": ("5", "{score}"),
}
EVENING = {
    "systolic_blood_pressure": ("127", "mm[Hg]"),
    "diastolic_blood_pressure": ("79", "mm[Hg]"),
    "heart_rate": ("63", "/min"),
    "mean_blood_pressure": ("95", "mm[Hg]"),
}
PLACE = {"weight-2026-03-14T07:52": ("2026-03-14T06:52:00+00:00", 60, "2026-03-14")}
DE = PRO_DE_HEAD + PRO_DE_WEIGHT
EN = PRO_EN_HEAD + PRO_EN_WEIGHT
EIGHT = "07:52;71.4;22.3;17.9;56.2;42.1;2.9\n"


@pytest.mark.parametrize(("mark", "told"), [(",", ","), (".", ".")], ids=["comma", "point"])
def test_german_labels_with_either_decimal_mark(mark, told):
    rows = ";".join(cell.replace(",", mark) for cell in ROW.split(";"))
    parsed = read(DE + rows + "\n" + PRO_DE_PRESSURE + PRESSURES + LEGEND)

    assert of(parsed, "weight-2026-03-14T07:52") == OF_A_SCALE
    assert of(parsed, "pressure-2026-03-15T20:11") == EVENING
    assert of(parsed, "pressure-2026-03-15T07:40") == {
        "systolic_blood_pressure": ("131", "mm[Hg]"),
        "diastolic_blood_pressure": ("83", "mm[Hg]"),
        "heart_rate": ("66", "/min"),
        "mean_blood_pressure": ("99", "mm[Hg]"),
    }
    assert places(parsed) == PLACE | {
        "pressure-2026-03-15T20:11": ("2026-03-15T19:11:00+00:00", 60, "2026-03-15"),
        "pressure-2026-03-15T07:40": ("2026-03-15T06:40:00+00:00", 60, "2026-03-15"),
    }
    assert (parsed.format, parsed.language) == ("HealthManager Pro", "de")
    assert (parsed.decimal_mark, parsed.rows, parsed.is_whole) == (told, 3, True)
    assert parsed.birth_date.isoformat() == "1975-02-01"


@pytest.mark.parametrize(
    ("day", "order", "decided"),
    [
        ("14.03.2026", None, None),
        ("14/03/2026", None, DateOrder.DAY_FIRST),
        ("03/14/2026", None, DateOrder.MONTH_FIRST),
        ("14/03/2026", DateOrder.DAY_FIRST, DateOrder.DAY_FIRST),
        ("14.03.2026", DateOrder.MONTH_FIRST, None),
    ],
    ids=["dots", "slashes", "month-first", "as-stated", "nothing-hangs-on-it"],
)
@pytest.mark.parametrize("mark", [".", ","], ids=["point", "comma"])
def test_english_labels_with_every_date_format(day, order, decided, mark):
    parsed = read(f"{EN}{day};" + EIGHT.replace(".", mark), date_order=order)

    assert of(parsed, "weight-2026-03-14T07:52") == TAKEN
    assert places(parsed) == PLACE
    assert (parsed.language, parsed.date_order, parsed.is_whole) == ("en", decided, True)


def test_english_pressures_and_twelve_hours():
    parsed = read(PRO_EN_HEAD + PRO_EN_PRESSURE + "03/15/2026;8:11 PM;127;79;63;95\n")

    assert of(parsed, "pressure-2026-03-15T20:11") == EVENING
    assert places(parsed)["pressure-2026-03-15T20:11"][0] == "2026-03-15T19:11:00+00:00"


@pytest.mark.parametrize(
    ("order", "day"),
    [(DateOrder.DAY_FIRST, "2026-04-03"), (DateOrder.MONTH_FIRST, "2026-03-04")],
    ids=str,
)
def test_ambiguous_dates_need_the_order_stated(order, day):
    text = f"{EN}03/04/2026;{EIGHT}"

    with pytest.raises(FileRefused) as refused:
        read(text)
    assert refused.value.reason is Refusal.AMBIGUOUS_DATES
    assert {one[2] for one in places(read(text, date_order=order)).values()} == {day}


def test_one_date_of_the_file_decides_for_all_its_sections():
    text = f"{EN}03/04/2026;{EIGHT}\n{PRO_EN_PRESSURE}28/03/2026;20:11;127;79;63;95\n"

    assert {one[2] for one in places(read(text)).values()} == {"2026-04-03", "2026-03-28"}


@pytest.mark.parametrize(
    ("days", "order", "reason"),
    [
        (["14/03/2026", "03/14/2026"], None, Refusal.MIXED_DATES),
        (["14/03/2026"], DateOrder.MONTH_FIRST, Refusal.OTHER_DATE_ORDER),
    ],
    ids=["mixed", "not-as-stated"],
)
def test_dates_that_contradict_cost_the_file(days, order, reason):
    with pytest.raises(FileRefused) as refused:
        read(EN + "".join(f"{day};{EIGHT}" for day in days), date_order=order)
    assert refused.value.reason is reason


def test_both_decimal_marks_cost_the_file():
    with pytest.raises(FileRefused) as refused:
        read(DE + ROW + ROW.replace(",", "."))
    assert refused.value.reason is Refusal.MIXED_DECIMALS


@pytest.mark.parametrize("zero", ["0", "0,0", "", "-"], ids=["zero", "zeros", "empty", "dash"])
def test_what_was_not_measured_is_nothing(zero):
    parsed = read(DE + ROW.replace("62", zero))

    assert of(parsed, "weight-2026-03-14T07:52") == {
        name: said for name, said in OF_A_SCALE.items() if name != "heart_rate"
    }
    assert parsed.is_whole


@pytest.mark.parametrize(
    ("unit", "ucum"),
    [("kg", "kg"), ("lb", "[lb_av]"), ("st", "[stone_av]")],
    ids=["kg", "lb", "st"],
)
def test_the_weight_is_in_the_unit_that_titles_its_column(unit, ucum):
    parsed = read(EN.replace("kg", unit) + "14.03.2026;07:52;12.4;22.3;17.9;56.2;42.1;2.9\n")

    assert of(parsed, "weight-2026-03-14T07:52")["body_weight"] == ("12.4", ucum)


@pytest.mark.parametrize(
    ("row", "rejected", "left"),
    [
        (
            "15.03.2026;20:11;127;;63;95\n",
            [
                (10, "pair_incomplete", "mean_blood_pressure"),
                (10, "pair_incomplete", "systolic_blood_pressure"),
            ],
            {"heart_rate": ("63", "/min")},
        ),
        (
            "15.03.2026;20:11;427;79;63;\n",
            [
                (10, "implausible", "systolic_blood_pressure"),
                (10, "pair_incomplete", "diastolic_blood_pressure"),
            ],
            {"heart_rate": ("63", "/min")},
        ),
        (
            "15.03.2026;20:11;127;79;0;95\n",
            [],
            {k: EVENING[k] for k in EVENING if k != "heart_rate"},
        ),
        (
            "15.03.2026;20:11;=1+1;79;63;\n",
            [
                (10, "formula", "systolic_blood_pressure"),
                (10, "pair_incomplete", "diastolic_blood_pressure"),
            ],
            {"heart_rate": ("63", "/min")},
        ),
    ],
    ids=["half", "implausible", "zero-pulse", "formula"],
)
def test_half_a_pressure_is_none_and_the_pulse_stays(row, rejected, left):
    parsed = read(PRO_DE_HEAD + PRO_DE_PRESSURE + row)

    assert sorted(notes(parsed)) == sorted(rejected)
    assert of(parsed, "pressure-2026-03-15T20:11") == left


def test_averages_legends_and_empty_rows_are_no_readings():
    parsed = read(PRO_DE_HEAD + PRO_DE_PRESSURE + PRESSURES + ";;129;81;63;\n" + LEGEND)

    assert (parsed.rows, parsed.is_whole, counted(parsed)) == (2, True, {})
