"""The rows of a window as OMRON lists them: each once, by its id, with when it was.

Belongs here: telling rows apart, and those that say not which or when they are. Not here: what they say
(a reader per listing), or days' totals (`days.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.omron.devices import source_of
from ohx_pipelines.providers.omron.listings import Listing
from ohx_pipelines.providers.omron.moments import Moment, moment_of
from ohx_pipelines.providers.omron.rows import Row, row_id, row_of
from ohx_pipelines.providers.omron.takings import Taking

TIME_UNREADABLE, UNREADABLE_ROW = "time_unreadable", "unreadable_row"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a listing is read into, whose account it is, and the link's zone."""

    listing: Listing
    into: Collected = field(repr=False)
    zone: ZoneInfo
    account: str

    def is_inside(self, day: date) -> bool:
        """Tell whether a day is one of the window's; OMRON lists all that came later, too."""
        return self.into.window.first_day <= day <= self.into.window.last_day

    def leave_out(self, record: str, *, reason: str, day: date | None = None) -> None:
        """Note a row of which nothing is published; without a day it counts on the window's first."""
        into, day = self.into, day or self.into.window.first_day
        into.kept.add(record)
        if into.asked:
            into.leave_out(metric=None, record=record, day=day, reason=reason)
        else:
            into.ignore(day, "not_asked_for")


@dataclass(frozen=True, kw_only=True)
class ListedRow:
    """A row that says which it is; `moment` is None where it does not say when."""

    id: str
    moment: Moment | None
    row: Row = field(repr=False)


def read_rows(
    rows: Iterable[object], reading: Reading, take: Callable[[Row, Taking], None]
) -> bool:
    """Read the rows of a listing; tells whether every one was told from the others."""
    found, is_clear = told_apart(rows, reading)
    for one in found:
        record = f"{reading.listing.name}-{one.id}"
        if one.moment is None:
            reading.leave_out(record, reason=TIME_UNREADABLE)
        elif reading.is_inside(one.moment.day):
            _take(one.row, one.moment, record, reading, take)
        else:
            # It may have stood on a day of the window before: it has moved and is not deleted.
            reading.into.kept.add(record)
    return is_clear


def _take(
    row: Row,
    moment: Moment,
    record: str,
    reading: Reading,
    take: Callable[[Row, Taking], None],
) -> None:
    into = reading.into
    device, method = source_of(row, reading.account)
    taking = Taking(record=record, moment=moment, device=device, method=method, into=into)
    for note in moment.notes:
        taking.ignore(note)
    before = len(into.measurements), len(into.unpublished)
    take(row, taking)
    if before == (len(into.measurements), len(into.unpublished)) and into.asked:
        taking.keep()
        taking.ignore("no_value")


def told_apart(rows: Iterable[object], reading: Reading) -> tuple[list[ListedRow], bool]:
    """Give each row once, as it was listed last, and whether all could be told from the others."""
    found: dict[str, ListedRow] = {}
    is_clear = True
    for position, given in enumerate(rows):
        row = row_of(given)
        moment = moment_of(row, reading.zone) if row is not None else None
        name = row_id(row) if row is not None else None
        if row is None or name is None:
            is_clear &= _leave_out(moment, reading, at=position)
            continue
        held = found.get(name)
        if held is not None:
            _count_copy(held.moment or moment, reading)
        if held is None or moment is not None or held.moment is None:
            found[name] = ListedRow(id=name, moment=moment, row=row)
    return list(found.values()), is_clear


def _count_copy(moment: Moment | None, reading: Reading) -> None:
    if moment is not None and reading.is_inside(moment.day):
        reading.into.ignore(moment.day, "copy")


def _leave_out(moment: Moment | None, reading: Reading, *, at: int) -> bool:
    """Note a row without an id; tells whether it is surely of a day that was not asked for."""
    if moment is not None and not reading.is_inside(moment.day):
        return True
    record = f"{reading.listing.name}-unreadable-{at}"
    reading.leave_out(record, reason=UNREADABLE_ROW, day=moment.day if moment else None)
    return False
