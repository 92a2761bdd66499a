"""What the readers of Google's listings share: fields that become measurements, or are counted.

Belongs here: whose fields they are, and what is told of those that are no readings. Not here: points
with an id (`listed_points.py`), or which fields there are (a reader per kind of listing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import day_start, offset_minutes
from ohx_pipelines.measurements import Measurement, Metric, Value
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import Moment, Row
from ohx_pipelines.providers.google_health.sources import Source, is_better_told

_FIELD_NAME = re.compile("[a-z][A-Za-z0-9]{0,59}")
_HUMP = re.compile("(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a listing is read into, for whom, and in which zone its days are where it says none."""

    into: Collected
    zone: ZoneInfo
    account: str
    # Where the vendor lists all that came later, too.
    is_open_ended: bool = False

    def is_inside(self, day: date) -> bool:
        """Tell whether a civil day is one of the window's; a row of another is counted."""
        window = self.into.window
        if window.first_day <= day <= window.last_day:
            return True
        # An open end lists what nobody asked for, on both sides: the days it is of count it.
        if not self.is_open_ended:
            nearest = window.first_day if day < window.first_day else window.last_day
            self.into.ignore(nearest, "outside")
        return False

    def leave_out(
        self, *, metric: Metric | None, record: str, day: date, reason: str, held_back: bool = False
    ) -> None:
        """Note what is not published; of what was not asked for there is nothing to tell."""
        asked = self.into.asked
        self.into.kept.add(record)
        if metric in asked if metric else asked:
            self.into.leave_out(
                metric=metric, record=record, day=day, reason=reason, held_back=held_back
            )
        else:
            self.into.ignore(day, "not_asked_for")


@dataclass(frozen=True)
class Field:
    """What a field is: its metric, its UCUM unit, and how it stands on the wire.

    `living` says that zero is no reading of a living body.
    """

    metric: Metric
    unit: str
    read: Callable[[object], Decimal | None]
    living: bool = False


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Whose fields they are: record, civil day, span and source of a day, a sample or a session."""

    record: str
    day: date
    start: Moment
    end: Moment | None
    source: Source
    reading: Reading = field(repr=False)
    group: str = ""

    def add(self, metric: Metric, value: Value, unit: str | None) -> None:
        """Add one of its readings; one that was not asked for is counted."""
        into = self.reading.into
        if metric not in into.asked:
            into.ignore(self.day, "not_asked_for")
            return
        device = self.source.described(self.reading.account)
        if device is not None and is_better_told(device, into.devices):
            into.devices[device.device] = device
        into.measurements.append(
            Measurement(
                metric=metric,
                value=value,
                unit=unit,
                start=self.start.at,
                end=self.end.at if self.end else None,
                offset_minutes=self.start.offset,
                end_offset_minutes=self.end.offset if self.end else None,
                day=self.day,
                device=device.device if device else None,
                method=self.source.method,
                record=self.record,
                group=self.group or self.record,
            )
        )

    def take(self, known: Field, given: object) -> None:
        """Take a field; a number that is missing is zero, as the vendor leaves zeros out."""
        value = Decimal() if given is None else known.read(given)
        if known.metric not in self.reading.into.asked:
            self.ignore("not_asked_for")
        elif value is None or value < 0:
            self.refuse(known.metric)
        elif known.living and not value:
            self.keep("no_value")
        else:
            self.add(known.metric, value, known.unit)

    def refuse(self, metric: Metric | None, reason: str = "unreadable_value") -> None:
        """Note what cannot be read of it."""
        self.reading.leave_out(metric=metric, record=self.record, day=self.day, reason=reason)

    def ignore(self, word: str) -> None:
        """Count what nobody misses of it."""
        self.reading.into.ignore(self.day, word)

    def keep(self, word: str) -> None:
        """Count what says nothing this time: it is listed, so what was told before is not deleted."""
        self.ignore(word)
        self.reading.into.kept.add(self.record)

    def count_unmapped(self, fields: Row, *, known: Collection[str]) -> None:
        """Count the fields that say something and are not carried."""
        for name, given in fields.items():
            if name not in known and _says_something(given):
                self.ignore(_unmapped(name))


def taking_of_day(day: date, listing: Listing, reading: Reading, source: Source) -> Taking:
    """Give the taking that a civil day is, from one local midnight to the next."""
    begin, end = (day_start(day + timedelta(days=n), reading.zone) for n in (0, 1))
    return Taking(
        record=f"{listing.name}-{day}",
        day=day,
        start=Moment(at=begin, offset=offset_minutes(begin, reading.zone)),
        end=Moment(at=end, offset=offset_minutes(end, reading.zone)),
        source=source,
        reading=reading,
    )


def _says_something(given: object) -> bool:
    return not (
        given is None or given is False or (isinstance(given, str | list | dict) and not given)
    )


def _unmapped(name: str) -> str:
    """Word a field that is not carried; text that is no field's name is not repeated."""
    is_name = _FIELD_NAME.fullmatch(name) is not None
    return f"unmapped_field_{_HUMP.sub('_', name).lower()}" if is_name else "unmapped_field"
