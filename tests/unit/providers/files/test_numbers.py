"""Numbers of cells: one decimal mark for a file, exact digits, nothing guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.files.base import FileRefused, Refusal
from ohx_pipelines.providers.files.numbers import (
    CellRefused,
    DecimalMark,
    decimal_mark,
    read_number,
)

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA


def word_of(cell, mark=POINT):
    with pytest.raises(CellRefused) as caught:
        read_number(cell, mark)
    assert cell not in repr(caught.value)
    assert caught.value.__context__ is None
    return caught.value.word


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["71,4", "62", "-"], COMMA),
        (["71.4", "70.05999755859375"], POINT),
        (["62", "", "0", "abc", "=1,5"], None),
        (["1.834", "71,4"], COMMA),
        (["1,834", "71.4"], POINT),
        (["1,834"], COMMA),
        (["0.500", "1,834"], POINT),
        (["1.834,5"], COMMA),
        (["1,834.5"], POINT),
        (["1.234.567"], COMMA),
        (["1234.567", "1,834"], POINT),
    ],
    ids=lambda given: "_".join(given) if isinstance(given, list) else str(given),
)
def test_the_decimal_mark_is_decided_by_all_numbers_of_a_file(cells, mark):
    assert decimal_mark(cells) == mark


@pytest.mark.parametrize("cells", [["71,4", "71.4"], ["1,834", "2.345"]], ids=["both", "open"])
def test_a_file_with_both_marks_is_refused(cells):
    with pytest.raises(FileRefused) as caught:
        decimal_mark(cells)

    assert caught.value.reason is Refusal.MIXED_DECIMALS


@pytest.mark.parametrize(
    ("cell", "mark", "number"),
    [
        ("71,4", COMMA, "71.4"),
        ("71.40", POINT, "71.40"),
        ("62", None, "62"),
        ("-5", None, "-5"),
        ("0,0", COMMA, "0.0"),
        ("0", None, "0"),
        ("70.05999755859375", POINT, "70.1"),
        ("21,89999961853027", COMMA, "21.9"),
        ("70.2500", POINT, "70.2"),
        ("70.3500", POINT, "70.4"),
        ("2.861", POINT, "2.861"),
        ("1.834", COMMA, "1834"),
        ("1,834.5", POINT, "1834.5"),
    ],
    ids=str,
)
def test_a_number_keeps_its_digits_unless_they_are_a_floats_noise(cell, mark, number):
    assert str(read_number(cell, mark)) == number


@pytest.mark.parametrize("cell", ["", "-", "–", "--"], ids=["empty", "hyphen", "dash", "two"])
def test_an_empty_cell_or_a_dash_was_not_measured(cell):
    assert read_number(cell, COMMA) is None


@pytest.mark.parametrize("cell", ["=71.4", "+71.4", "@71", "\t71.4"], ids=["=", "+", "@", "tab"])
def test_a_formula_is_no_number(cell):
    assert word_of(cell) == "formula"


@pytest.mark.parametrize(
    "cell",
    [
        "71,4",
        "7 1",
        "71.",
        ".5",
        "1e5",
        "NaN",
        "Infinity",
        "٧١",
        "0x1F",
        "1_000",
        "71.4 kg",
        "−5",
        "9" * 40,
        "1." + "1" * 40,
        "1.83.4",
        "71.4.2",
        "12,34.5",
        "1234,567.8",
    ],
    ids=repr,
)
def test_anything_else_is_unreadable_and_not_guessed(cell):
    assert word_of(cell) == "number_unreadable"


@pytest.mark.parametrize(("cell", "mark"), [("1,834.5", COMMA), ("1.834,5", POINT)])
def test_a_number_in_the_other_way_of_writing_is_not_guessed(cell, mark):
    assert word_of(cell, mark) == "number_unreadable"


def test_a_mark_that_no_number_of_the_file_was_asked_about_is_not_guessed():
    assert word_of("71.4", None) == "number_unreadable"


@given(st.text(max_size=40), st.sampled_from([None, POINT, COMMA]))
def test_any_text_is_a_number_nothing_or_refused(cell, mark):
    try:
        number = read_number(cell, mark)
    except CellRefused as refused:
        number = refused.word

    assert number in {None, "formula", "number_unreadable"} or number.is_finite()


@given(st.decimals(min_value=-999, max_value=9999, places=2), st.sampled_from([POINT, COMMA]))
def test_what_was_written_is_read_with_either_mark(number, mark):
    assert read_number(str(number).replace(".", mark), mark) == number
