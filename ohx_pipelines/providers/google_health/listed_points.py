"""Google's points that have an id: those of a window, each once, and those that say not when they were.

Belongs here: samples and sessions as they are listed. Not here: what they say (a reader per kind of
listing), or samples that become a day's series (`series.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    NAMES,
    Moment,
    Row,
    epoch_milliseconds,
    instant,
    object_of,
    point_id,
    rows_of,
)
from ohx_pipelines.providers.google_health.readings import Reading, Taking
from ohx_pipelines.providers.google_health.sources import DATA_SOURCE, Source, source_of

UPDATED = "updateTime"
# What a point says beside its value.
ABOUT = frozenset({*NAMES, DATA_SOURCE})


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point that says when it was; `id` is the vendor's, or made of its instant."""

    id: str
    listing: Listing
    start: Moment
    end: Moment | None
    day: date
    source: Source
    updated: datetime | None
    value: Row = field(repr=False)

    @property
    def record(self) -> str:
        """Its name among the account's records."""
        return f"{self.listing.name}-{self.id}"

    @property
    def lasts(self) -> bool:
        """Whether it ends after it began."""
        return self.end is not None and self.end.at > self.start.at


# When a point's member was, and the civil day that it is counted to; None where it does not say.
When = Callable[[Row, ZoneInfo], tuple[Moment, Moment | None, date] | None]


def points_of(
    pages: Sequence[Page], listing: Listing, reading: Reading, when: When
) -> tuple[list[Point], bool]:
    """Give the points of the window, and whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    found: list[Point] = []
    is_clear = True
    for position, row in enumerate(rows_of(pages, listing)):
        value = object_of(row, listing.member)
        told = when(value, reading.zone) if value is not None else None
        if told is None or value is None or not isinstance(row, dict):
            is_clear &= leave_out_unclear(row, listing, reading, at=position)
            continue
        point = _point(row, value, told, listing)
        if reading.is_inside(point.day):
            found.append(point)
            _count_around(row, point, reading)
        else:
            # It may have stood on a day of the window before: it has moved and is not deleted.
            reading.into.kept.add(point.record)
    return found, is_clear


def _point(
    row: Row, value: Row, told: tuple[Moment, Moment | None, date], listing: Listing
) -> Point:
    start, end, day = told
    return Point(
        id=point_id(row) or str(epoch_milliseconds(start.at)),
        listing=listing,
        start=start,
        end=end,
        day=day,
        source=source_of(row, value),
        updated=instant(value.get(UPDATED)),
        value=value,
    )


def _count_around(row: Row, point: Point, reading: Reading) -> None:
    taking = taking_of(point, reading)
    taking.count_unmapped(row, known={*ABOUT, point.listing.member})
    for word in point.source.unknown:
        taking.ignore(word)


def newest(points: Sequence[Point], reading: Reading) -> list[Point]:
    """Give one point of each id: the one that was updated last, else the first."""
    chosen: dict[str, Point] = {}
    for one in points:
        held = chosen.setdefault(one.id, one)
        if held is one:
            continue
        reading.into.ignore(one.day, "copy")
        if one.updated and (held.updated is None or one.updated > held.updated):
            chosen[one.id] = one
    return list(chosen.values())


def taking_of(point: Point, reading: Reading) -> Taking:
    """Give the taking that a point is."""
    return Taking(
        record=point.record,
        day=point.day,
        start=point.start,
        end=point.end,
        source=point.source,
        reading=reading,
    )


def leave_out_unclear(row: object, listing: Listing, reading: Reading, *, at: int) -> bool:
    """Note a row that does not say when it was; tells whether it is known by its id.

    `at` names one without id inside this answer, so that it is still counted.
    """
    name = point_id(row) if isinstance(row, dict) else None
    metrics = list(listing.metrics)
    reading.leave_out(
        metric=metrics[0] if len(metrics) == 1 else None,
        record=f"{listing.name}-{name or f'unreadable-{at}'}",
        day=reading.into.window.first_day,
        reason="unreadable_row" if object_of(row, listing.member) is None else "no_time",
    )
    return name is not None
