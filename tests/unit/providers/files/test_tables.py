"""Lines become rows of cells; a quote that nobody closed costs its own row."""

import time
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.files.base import Bounds, FileRefused, Refusal
from ohx_pipelines.providers.files.stopwatch import Stopwatch
from ohx_pipelines.providers.files.tables import MOST_LINES_OF_A_ROW, read_rows
from ohx_pipelines.providers.files.text import read_text
from tests.unit.providers.files.reading import cells_of, rows_of

CELLS = st.text(alphabet='ab1 ,;"\n.', max_size=8)


@pytest.mark.parametrize("separator", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_the_separator_is_the_one_that_rows_have_equally_often(separator):
    rows = rows_of("\n".join(separator.join("abc") for _ in range(3)))

    assert rows.separator == separator
    assert [row.cells for row in rows.rows] == [("a", "b", "c")] * 3


def test_commas_of_decimals_are_no_separators():
    content = "Datum;Uhrzeit;kg;BMI\n14.03.2026;07:52;71,4;22,3\n13.03.2026;07:50;71,2;22,2\n"

    assert cells_of(content)[1] == ("14.03.2026", "07:52", "71,4", "22,3")


def test_tabs_between_names_and_values_above_a_table_are_no_separators():
    user = "Geschlecht\tWeiblich\nVorname\tKim\nNachname\tA\nGeburtsdatum\t01.02.1975\nGröße\t1\n"

    assert rows_of(user + "\nDatum;Uhrzeit;kg\n14.03.2026;07:52;71,4\n").separator == ";"


def test_semicolons_of_notes_are_no_separators():
    content = 'Date,Time,Sys,Notes\n1,2,3,"a;b;c"\n1,2,3,"a;b;c"\n1,2,3,a;b;c\n'

    assert rows_of(content).separator == ","


def test_a_room_may_say_the_separator():
    assert cells_of("a,b;c", separator=",") == [("a", "b;c")]


def test_quotes_and_outer_blanks_are_not_of_a_cell():
    assert cells_of('"a" ; b;" c "\n1;2;3\n') == [("a", "b", "c"), ("1", "2", "3")]


def test_a_tab_before_a_formula_stays():
    assert cells_of("a;\t=1;c\na;b;c\n")[0] == ("a", "\t=1", "c")


def test_doubled_quotes_are_one_and_separators_inside_quotes_are_text():
    assert cells_of('"a ""b""";"c;d";e\n1;2;3\n')[0] == ('a "b"', "c;d", "e")


def test_a_quoted_line_break_is_of_the_cell_and_the_row_has_its_first_lines_number():
    rows = rows_of('1;2;3\n1;"two\nlines";3\n4;5;6\n').rows

    assert [(row.number, row.cells) for row in rows] == [
        (1, ("1", "2", "3")),
        (2, ("1", "two\nlines", "3")),
        (4, ("4", "5", "6")),
    ]


def test_a_file_that_ends_in_a_quoted_cell_says_so():
    rows = rows_of('1;2;3\n4;5;"six')

    assert rows.ends_inside_quote
    assert rows.rows[-1].cells == ("4", "5", "six")


@pytest.mark.parametrize(
    "stray",
    ['4;5;"six', '4;5;"six" and', '"4;5;6', '4;"5"x;6'],
    ids=["open-at-the-end", "text-behind-it", "open-at-the-begin", "text-behind-it-in-the-middle"],
)
def test_a_stray_quote_costs_its_own_row_and_none_below(stray):
    below = [("7", "8", "nine")] * 60

    rows = rows_of(f"1;2;3\n{stray}\n" + '7;8;"nine"\n' * 60).rows

    assert [row.cells for row in rows[2:]] == below
    assert [row.number for row in rows] == list(range(1, 63))


def test_a_quote_nobody_closes_swallows_nothing():
    rows = rows_of('1;2;"3\n' + "7;8;9\n" * 200)

    assert len(rows.rows) == 201
    assert not rows.ends_inside_quote


def test_rows_of_separators_alone_and_blank_lines_are_blank():
    rows = rows_of("a;b;c\n;;;\n\n ; ;\na;b;c\n").rows

    assert [row.is_blank for row in rows] == [False, True, True, True, False]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), min_size=1, max_size=6))
def test_whatever_is_written_quoted_is_read_back(table):
    content = "\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table
    )

    assert cells_of(content, separator=";") == [tuple(c.strip() for c in row) for row in table]


@pytest.mark.parametrize(
    "content",
    [
        ('"' + "a" * 45 + ";\n") * 200_000,
        ('"";' * 20_000 + "\n") * 100,
        ('";' * 30_000 + "\n") * 100,
        ('a;"b"c;' * 9_000 + "\n") * 100,
        (";" * 60_000 + "\n") * 100,
        ('"' + '"    ' * 13_000 + "\n") * 100,
        ('"' + "\n" * 49) * 4_000 + "x",
        '"' + ("a" * 12 + "😀" * 7 + '";"a\n') * 150_000,
        '"' + ("a" * 300 + '";"a\n') * 20_000,
    ],
    ids=[
        *("open", "empty", "halves", "text-behind", "separators", "blanks", "far-apart"),
        *("line-by-line", "long-line-by-line"),
    ],
)
def test_no_quotes_take_long(content):
    begun = time.process_time()

    rows_of(content)

    assert time.process_time() - begun < 10


def test_a_file_that_takes_too_long_is_refused_with_the_row_that_it_came_to():
    with pytest.raises(FileRefused) as caught:
        rows_of("a;b\nc;d\n", Bounds(most_seconds=0))

    assert (caught.value.reason, caught.value.row) == (Refusal.TOO_SLOW, 1)


def _seconds_apart():
    seconds = count()
    return lambda: next(seconds)


@pytest.mark.parametrize(
    "content",
    ['"' + "a\n" * 45 + '";b\n', '"a\nb";' * 45 + "c\n", '"a;";b' + ';"a;"' * 45 + "\n"],
    ids=["lines-of-a-cell", "lines-of-a-row", "cells-of-a-line"],
)
def test_one_row_alone_may_take_too_long(content):
    bounds = Bounds(most_seconds=30)
    text = read_text(content.encode(), bounds=bounds)

    with pytest.raises(FileRefused) as caught:
        read_rows(text, clock=Stopwatch(bounds, clock=_seconds_apart()), separator=";")

    assert caught.value.reason is Refusal.TOO_SLOW


def test_quotes_that_open_in_each_line_where_another_closes_swallow_some_lines_alone():
    rows = rows_of('"' + 'one";"two\n' * 1000, separator=";").rows

    assert all(len(row.cells) <= MOST_LINES_OF_A_ROW + 2 for row in rows)
    assert all(b.number - a.number <= MOST_LINES_OF_A_ROW for a, b in pairwise(rows))


@pytest.mark.parametrize(("lines", "rows"), [(50, 1), (51, 51)])
def test_a_cell_goes_on_for_fifty_lines_and_no_more(lines, rows):
    read = rows_of('1;"' + "\n".join(["a"] * lines) + '"\n2;3\n', separator=";").rows

    assert len(read) == rows + 1
    assert read[-1].cells == ("2", "3")


def test_a_row_may_have_several_cells_of_several_lines():
    rows = rows_of('1;"a\nb""";"c;\n""\nd";2\n3;4;5;6\n').rows

    assert [(row.number, row.cells) for row in rows] == [
        (1, ("1", 'a\nb"', 'c;\n"\nd', "2")),
        (5, ("3", "4", "5", "6")),
    ]


def test_no_cell_is_in_what_is_told_of_rows():
    rows = rows_of("canary;b\n")

    assert "canary" not in repr(rows) + repr(rows.rows[0])
