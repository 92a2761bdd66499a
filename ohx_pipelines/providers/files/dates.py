"""Dates and times of cells: the order of day and month decided once for a file, names of months.

Belongs here: how people and apps write dates and times. Not here: zones (`wall_clock.py`), or which
dates can be (`findings.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time

from ohx_pipelines.providers.files.base import DateOrder, FileRefused, Refusal
from ohx_pipelines.providers.files.month_names import month_of
from ohx_pipelines.providers.files.numbers import FORMULA_SIGNS, CellRefused

LONGEST = 40
_MOST_MONTHS = 12
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
_OPEN = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")
# Spanish phones write `a. m.` with blanks that do not break: any blank is one.
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:\s?([AaPp])\.?\s?[Mm]\.?)?")
_BETWEEN = re.compile(r"[\s.,]+")
# "18 de enero de 2026"
_SMALL_WORDS = frozenset({"de", "of"})
_NOON = 12


def date_order(cells: Iterable[str], stated: DateOrder | None) -> DateOrder | None:
    """Decide by all date cells of a file which number is the day; None where nothing hangs on it.

    Raises FileRefused: the cells contradict one another or what was stated, or leave it open.
    """
    said: set[DateOrder] = set()
    is_open = False
    for cell in cells:
        found = _OPEN.fullmatch(cell)
        if found is None:
            continue
        readings = _readings(found)
        if len(set(readings.values())) == 1:
            said |= readings.keys() if len(readings) == 1 else set()
        else:
            is_open = is_open or bool(readings)
    if len(said) > 1:
        raise FileRefused(Refusal.MIXED_DATES)
    decided = next(iter(said), None)
    if decided and stated and decided is not stated:
        raise FileRefused(Refusal.OTHER_DATE_ORDER)
    if is_open and not (decided or stated):
        raise FileRefused(Refusal.AMBIGUOUS_DATES)
    return decided or (stated if is_open else None)


def read_date(cell: str, order: DateOrder | None) -> date:
    """Read a date, numbers or with a month's name; raises CellRefused."""
    found = _YEAR_FIRST.fullmatch(cell)
    day: date | None = None
    if found:
        day = _date(found[1], found[3], found[4])
    elif found := _DOTTED.fullmatch(cell):
        day = _date(found[3], found[2], found[1])
    elif found := _OPEN.fullmatch(cell):
        day = _ordered(_readings(found), order)
    elif cell.startswith(FORMULA_SIGNS):
        raise CellRefused("formula")
    elif len(cell) <= LONGEST:
        day = _named(cell)
    if day is None:
        raise CellRefused("date_unreadable")
    return day


def read_time(cell: str) -> time:
    """Read a time of 24 or of 12 hours; raises CellRefused."""
    if cell.startswith(FORMULA_SIGNS):
        raise CellRefused("formula")
    found = _TIME.fullmatch(cell)
    read = _time(found) if found else None
    if read is None:
        raise CellRefused("time_unreadable")
    return read


def _readings(found: re.Match[str]) -> dict[DateOrder, date]:
    """Give what `03/04/2026` may mean: both orders, one, or none."""
    first, second, year = found[1], found[3], found[4]
    both = {
        DateOrder.DAY_FIRST: _date(year, second, first),
        DateOrder.MONTH_FIRST: _date(year, first, second),
    }
    return {order: day for order, day in both.items() if day is not None}


def _ordered(readings: dict[DateOrder, date], order: DateOrder | None) -> date | None:
    if order is not None:
        return readings.get(order)
    days = set(readings.values())
    return days.pop() if len(days) == 1 else None


def _named(cell: str) -> date | None:
    words = [one for one in _BETWEEN.split(cell) if one and one.casefold() not in _SMALL_WORDS]
    if len(words) != len(("day", "month", "year")):
        return None
    first, second, year = words
    name, day = (second, first) if month_of(second) else (first, second)
    month = month_of(name)
    is_date = re.fullmatch("[0-9]{1,2}", day) and re.fullmatch("[0-9]{4}", year)
    return _date(year, str(month), day) if month and is_date else None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _time(found: re.Match[str]) -> time | None:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found[4] in "pP" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
