"""Dates and times as apps and people write them; what is open is asked and never guessed."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.files.base import DateOrder, FileRefused, Refusal
from ohx_pipelines.providers.files.dates import date_order, read_date, read_time
from ohx_pipelines.providers.files.numbers import CellRefused

DAY_FIRST, MONTH_FIRST = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
DAY = date(2026, 1, 18)


def order_refused(cells, stated=None):
    with pytest.raises(FileRefused) as caught:
        date_order(cells, stated)
    return caught.value.reason


def word_of(read, *given_):
    with pytest.raises(CellRefused) as caught:
        read(*given_)
    assert caught.value.__context__ is None
    return caught.value.word


@pytest.mark.parametrize(
    ("cells", "stated", "order"),
    [
        (["03/04/2026", "14/03/2026"], None, DAY_FIRST),
        (["03/04/2026", "03/14/2026"], None, MONTH_FIRST),
        (["03-04-2026", "14-03-2026"], None, DAY_FIRST),
        (["03/04/2026"], DAY_FIRST, DAY_FIRST),
        (["03/04/2026"], MONTH_FIRST, MONTH_FIRST),
        (["14/03/2026"], DAY_FIRST, DAY_FIRST),
        (["05/05/2026"], None, None),
        (["2026-03-04", "03.04.2026", "2026/03/04", "18 Jan. 2026", "", "Ø"], None, None),
        (["2026-03-04"], MONTH_FIRST, None),
        (["31/02/2026", "14/03/2026"], None, DAY_FIRST),
    ],
    ids=[
        "a-day-above-12",
        "a-day-above-12-second",
        "dashes",
        "stated-day",
        "stated-month",
        "stated-and-said",
        "equal",
        "none-needed",
        "stated-and-none-needed",
        "no-date-decides-nothing",
    ],
)
def test_the_order_of_a_file_is_what_its_dates_say_or_what_is_stated(cells, stated, order):
    assert date_order(cells, stated) is order


def test_dates_that_contradict_one_another_are_refused():
    assert order_refused(["14/03/2026", "03/14/2026"], DAY_FIRST) is Refusal.MIXED_DATES


def test_dates_that_may_be_read_both_ways_are_refused_unless_an_order_is_stated():
    assert order_refused(["03/04/2026", "05/05/2026"]) is Refusal.AMBIGUOUS_DATES


def test_a_stated_order_that_is_not_the_files_is_refused():
    assert order_refused(["14/03/2026"], MONTH_FIRST) is Refusal.OTHER_DATE_ORDER


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-18",
        "2026/1/18",
        "2026/01/18",
        "18.01.2026",
        "18. 1. 2026",
        "18/01/2026",
        "18-01-2026",
        "18 Jan. 2026",
        "18. Januar 2026",
        "Jan 18, 2026",
        "January 18 2026",
        "18 JAN 2026",
        "18 janv. 2026",
        "18 janvier 2026",
        "18 gen 2026",
        "18 de enero de 2026",
        "18 ene. 2026",
        "18 de jan. de 2026",
        "18 januari 2026",
        "18\u00a0janv.\u00a02026",
    ],
)
def test_a_date_is_read_as_apps_write_it(cell):
    assert read_date(cell, DAY_FIRST) == DAY


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("Feb February Februar févr. février febbraio febrero fevereiro februari", 2),
        ("Mär März Mar March mars marzo março mrt. maart", 3),
        ("Mai May maggio mag mayo maio mei", 5),
        ("Aug August août agosto ago augustus", 8),
        ("Okt Oktober Oct October octobre ottobre ott octubre out. outubro", 10),
        ("Dez Dezember Dec December déc. décembre dicembre dic diciembre dezembro", 12),
    ],
    ids=["february", "march", "may", "august", "october", "december"],
)
def test_names_of_months_are_known_in_the_apps_languages(words, month):
    for word in words.split():
        assert read_date(f"3 {word} 2026", None) == date(2026, month, 3)


def test_the_order_decides_only_about_what_is_open():
    assert read_date("03/04/2026", DAY_FIRST) == date(2026, 4, 3)
    assert read_date("03/04/2026", MONTH_FIRST) == date(2026, 3, 4)
    assert read_date("03.04.2026", MONTH_FIRST) == date(2026, 4, 3)
    assert read_date("05/05/2026", None) == date(2026, 5, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "31.02.2026",
        "2026-13-01",
        "14/03/26",
        "",
        "-",
        "18 Foo 2026",
        "Jan 2026",
        "18 18 2026",
        "2026-01/18",
        "1" * 50,
        "١٨.٠١.٢٠٢٦",
        "20260118",
        "0000-01-01",
        "18 Jan 2026 07:52",
    ],
    ids=repr,
)
def test_what_is_no_date_is_unreadable(cell):
    assert word_of(read_date, cell, DAY_FIRST) == "date_unreadable"


def test_a_date_against_the_files_order_is_unreadable():
    assert word_of(read_date, "03/14/2026", DAY_FIRST) == "date_unreadable"


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("07:52", time(7, 52)),
        ("7:52", time(7, 52)),
        ("23:59:58", time(23, 59, 58)),
        ("7:52 AM", time(7, 52)),
        ("7:52 p.m.", time(19, 52)),
        ("12:05 AM", time(0, 5)),
        ("12:05pm", time(12, 5)),
        ("7:52:03\u202fPM", time(19, 52, 3)),
        ("07:52\u00a0a.\u00a0m.", time(7, 52)),
        ("8:52\u202fp.\u202fm.", time(20, 52)),
        ("8:52 p.\u2009m.", time(20, 52)),
    ],
    ids=lambda given: ascii(given) if isinstance(given, str) else "",
)
def test_a_time_has_24_hours_or_12(cell, read):
    assert read_time(cell) == read


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "\u2009", "\u00a0 "], ids=ascii)
@pytest.mark.parametrize(
    "cell",
    ["18 Jan. 2026", "Jan 18, 2026", "18 de enero de 2026", "18. Januar 2026", "18. 1. 2026"],
)
def test_blanks_of_any_width_stand_around_the_names_of_months(cell, blank):
    is_dotted = cell.endswith("1. 2026")
    written = cell.replace(" ", blank.strip(" ") if is_dotted else blank)

    assert read_date(written, None) == date(2026, 1, 18)


@pytest.mark.parametrize(
    "cell",
    ["24:00", "07:60", "13:05 PM", "0:05 AM", "7", "", "07:5", "07:52 Uhr", "٠٧:٥٢"],
    ids=repr,
)
def test_what_is_no_time_is_unreadable(cell):
    assert word_of(read_time, cell) == "time_unreadable"


@pytest.mark.parametrize("sign", ["=", "+", "@", "\t"], ids=["=", "+", "@", "tab"])
def test_a_formula_is_no_date_and_no_time(sign):
    assert word_of(read_date, sign + "2026-01-18", None) == "formula"
    assert word_of(read_time, sign + "07:52") == "formula"


def _word_or_nothing(read, *given_):
    try:
        return read(*given_), None
    except CellRefused as refused:
        return None, refused.word


def test_what_is_a_date_in_neither_order_leaves_nothing_open():
    assert date_order(["32/13/2026", "2026-01-18"], None) is None


@given(st.text(max_size=30), st.sampled_from([None, *DateOrder]))
def test_any_text_is_a_date_or_refused(cell, order):
    day, word = _word_or_nothing(read_date, cell, order)

    assert isinstance(day, date) or word in {"date_unreadable", "formula"}


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_refused(cell):
    read, word = _word_or_nothing(read_time, cell)

    assert isinstance(read, time) or word in {"time_unreadable", "formula"}


@given(st.dates(), st.sampled_from(DateOrder))
def test_a_date_written_in_the_order_of_the_file_is_read_back(day, order):
    assert read_date(_written(day, order), order) == day
    assert read_date(day.isoformat(), order) == day


@given(st.lists(st.dates(), max_size=5), st.sampled_from(DateOrder))
def test_the_order_in_which_dates_were_written_is_found_or_asked_for(days, order):
    cells = [_written(one, order) for one in days]
    is_open = days and all(one.day <= 12 for one in days) and any(o.day != o.month for o in days)
    if is_open:
        assert order_refused(cells) is Refusal.AMBIGUOUS_DATES

    found = date_order(cells, order if is_open else None)

    assert [read_date(cell, found) for cell in cells] == days


def _written(day, order):
    first, second = (day.day, day.month) if order is DAY_FIRST else (day.month, day.day)
    return f"{first}/{second:02}/{day.year:04}"
