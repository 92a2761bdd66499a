"""What must stand for the totals of a local day: one row of the day, as its tracker summed it.

Belongs here: the activity list. Not here: takings (`takings.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.reader.conversions import converted
from sandbox.reader.omron.rows import Moment, moment_of, reading, row_number, unit_of
from sandbox.reader.readings import Amount, Listing, Reading, Row, midnight, number, offset_at

STEPS, DISTANCE, ENERGY = "41950-7", "103208-5", "active-energy"
CODES = frozenset({STEPS, DISTANCE, ENERGY})
_LENGTHS = {"km": "km", "m": "m", **dict.fromkeys(("mi", "mile", "miles"), "[mi_i]")}
_ENERGIES = {"kcal": "kcal", "kj": "kJ"}


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A row of totals, and when it was."""

    row: Row
    moment: Moment

    @property
    def rank(self) -> tuple[Decimal, int]:
        """Of two rows of a day that with the most steps counts."""
        steps = number(self.row.get("steps"))
        return Decimal(-1) if steps is None else steps, row_number(self.row)


def day_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each local day."""
    if not listing.asked.shares("activity"):
        return
    by_day: dict[date, list[_Told]] = {}
    for row in listing.of("activity"):
        moment = moment_of(row, listing.zone)
        if moment is not None:
            by_day.setdefault(moment.day, []).append(_Told(row=row, moment=moment))
    for told in by_day.values():
        yield from _of_day(listing, max(told, key=lambda one: one.rank))


def _of_day(listing: Listing, told: _Told) -> Iterator[Reading]:
    start, end = _span(told.moment, listing.zone)
    for code in sorted(CODES):
        said = _said(told.row, code)
        # What it does not say this time is not gone.
        if said is not None or not listing.surely:
            yield reading(
                listing,
                told.row,
                start,
                record=f"activity-{told.moment.day}",
                code=code,
                amounts={"": said or Amount(None, None)},
                end=end,
            )


def _said(row: Row, code: str) -> Amount | None:
    name = {STEPS: "steps", DISTANCE: "distance", ENERGY: "calories"}[code]
    given = number(row.get(name))
    if given is None or given < 0:
        return None
    if code == STEPS:
        return Amount(given, "{steps}/d")
    unit = unit_of(row, f"{name}Units", _LENGTHS if code == DISTANCE else _ENERGIES)
    return None if unit is None else converted(given, unit)


def _span(moment: Moment, zone: ZoneInfo) -> tuple[Moment, Moment]:
    """Give a date from midnight to midnight on the row's clock.

    Where that clock is the one of the link's zone, when the row was made or when its day began, the
    day is as long as it is there, whichever way the clocks were changed within it.
    """
    tomorrow = moment.day + timedelta(days=1)
    began = datetime.combine(moment.day, time(), UTC) - (moment.offset or timedelta())
    is_at_home = any(offset_at(at, zone) == moment.offset for at in (moment.at, began))
    if is_at_home:
        start, end = midnight(moment.day, zone), midnight(tomorrow, zone)
        offsets = offset_at(start, zone), offset_at(end, zone)
    else:
        start, end = began, began + timedelta(days=1)
        offsets = moment.offset, moment.offset
    return (
        Moment(at=start, offset=offsets[0], day=moment.day),
        Moment(at=end, offset=offsets[1], day=tomorrow),
    )
