"""OMRON's activity: the totals of a local date.

Belongs here: which of several rows of a date stands, how long its day is, and its fields. Not here: rows
of a moment (`listed_rows.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import day_start, offset_minutes
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.omron.devices import source_of
from ohx_pipelines.providers.omron.listed_rows import TIME_UNREADABLE, UNREADABLE_ROW, Reading
from ohx_pipelines.providers.omron.moments import Moment, moment_of
from ohx_pipelines.providers.omron.rows import Row, first_of, number, row_id, row_of
from ohx_pipelines.providers.omron.takings import Field, Taking

A_DAY = timedelta(days=1)
STEPS = Field(Metric.STEPS_PER_DAY, "{steps}", ("steps",), counts_zero=True)
DISTANCE = Field(Metric.DISTANCE_PER_DAY, "km", ("distance",), counts_zero=True)
ENERGY = Field(Metric.ACTIVE_ENERGY_PER_DAY, "kcal", ("calories",), counts_zero=True)
LENGTHS = {"km": "km", "m": "m", **dict.fromkeys(("mi", "mile", "miles"), "[mi_i]")}
ENERGIES = {"kcal": "kcal", "kj": "kJ"}
NOT_MAPPED = ("aerobicsteps", "aerobicwalkingtime")


def read_days(rows: Iterable[object], reading: Reading) -> bool:
    """Read the rows of dates; tells whether every one says of which it is."""
    is_clear = True
    by_day: dict[date, list[tuple[Moment, Row]]] = {}
    for position, given in enumerate(rows):
        row = row_of(given)
        moment = moment_of(row, reading.zone) if row is not None else None
        if row is None or moment is None:
            name = (row_id(row) if row is not None else None) or f"unreadable-{position}"
            reason = UNREADABLE_ROW if row is None else TIME_UNREADABLE
            reading.leave_out(f"{reading.listing.name}-{name}", reason=reason)
            is_clear = False
        elif reading.is_inside(moment.day):
            by_day.setdefault(moment.day, []).append((moment, row))
    for told in by_day.values():
        _take_day(told, reading)
    return is_clear


def _take_day(told: list[tuple[Moment, Row]], reading: Reading) -> None:
    """Take the row with the most steps: an unfinished day is listed again when it has ended."""
    moment, row = max(told, key=lambda one: _rank(one[1]))
    device, method = source_of(row, reading.account)
    begin, end = _span(moment, reading.zone)
    taking = Taking(
        record=f"{reading.listing.name}-{moment.day}",
        moment=begin,
        end=end,
        device=device,
        method=method,
        into=reading.into,
    )
    for other in told:
        if other[1] is not row:
            # One row that is listed twice is no second row of the day.
            is_copy = row_id(row) is not None and row_id(other[1]) == row_id(row)
            taking.ignore("copy" if is_copy else "copy_of_day")
    for note in moment.notes:
        taking.ignore(note)
    _take(row, taking)


def _take(row: Row, taking: Taking) -> None:
    taking.take(STEPS, row)
    taking.take_in(LENGTHS, DISTANCE, row, said=first_of(row, "distanceunits"))
    taking.take_in(ENERGIES, ENERGY, row, said=first_of(row, "caloriesunits"))
    for name in NOT_MAPPED:
        if first_of(row, name) is not None:
            taking.ignore("not_mapped")


def _rank(row: Row) -> tuple[Decimal, int, str]:
    steps, name = number(first_of(row, *STEPS.names)), row_id(row) or ""
    is_number = name.isdecimal()
    return (Decimal(-1) if steps is None else steps), int(name) if is_number else -1, name


def _span(moment: Moment, zone: ZoneInfo) -> tuple[Moment, Moment]:
    """Give a date's bounds where the patient was: midnight to midnight, as far as that is known."""
    day, offset = moment.day, moment.offset
    midnight = datetime.combine(day, time(), UTC) - timedelta(minutes=offset)
    # At the row's own moment: since midnight the clocks may have changed.
    if offset in {offset_minutes(moment.at, zone), offset_minutes(midnight, zone)}:
        return _begin(day, zone), _begin(day + A_DAY, zone)
    # Somebody who travels: where the next midnight was, nobody says.
    begin = Moment(at=midnight, offset=offset, day=day)
    return begin, Moment(at=midnight + A_DAY, offset=offset, day=day + A_DAY)


def _begin(day: date, zone: ZoneInfo) -> Moment:
    at = day_start(day, zone)
    return Moment(at=at, offset=offset_minutes(at, zone), day=day)
