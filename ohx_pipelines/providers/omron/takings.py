"""What the readers of OMRON's listings share: one taking, whose fields become measurements or are counted.

Belongs here: adding, refusing and counting of fields. Not here: which rows there are (`listed_rows.py`),
or which fields a listing has (its reader).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, Value
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.omron.moments import Moment
from ohx_pipelines.providers.omron.rows import Row, first_of, flag, number
from ohx_pipelines.providers.plausible import Bounds, is_plausible

IMPLAUSIBLE, UNIT_UNKNOWN = "implausible", "unit_unknown"
NUMBER_UNREADABLE, FLAG_UNREADABLE = "number_unreadable", "flag_unreadable"
LARGEST = Decimal(10**9)


@dataclass(frozen=True)
class Field:
    """What a number is: its metric, its UCUM unit and the names it goes by.

    `bounds` are what can be true of it where that is not what is plausible elsewhere; `counts_zero`
    tells a total, of which nothing is a number, from what was not measured.
    """

    metric: Metric
    unit: str
    names: tuple[str, ...]
    bounds: Bounds | None = None
    counts_zero: bool = False

    def allows(self, value: Decimal, unit: str) -> bool:
        """Tell whether a value can be true, in the unit that it has."""
        # Negative numbers are degrees alone, and none of a body.
        is_sane = 0 <= value <= LARGEST
        return is_sane and is_plausible(self.metric, value, unit, bounds=self.bounds)


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One row that says which it is and when: its values are taken together."""

    record: str
    moment: Moment
    end: Moment | None = None
    device: DeviceInfo | None
    method: RecordingMethod
    into: Collected = field(repr=False)

    def take(self, known: Field, row: Row, *, unit: str | None = None) -> None:
        """Take a number, in another unit than the usual where one is given."""
        given = first_of(row, *known.names)
        if given is None:
            self.keep()
            return
        value = number(given)
        if value is None:
            self.refuse(known.metric, NUMBER_UNREADABLE)
        elif value == 0 and not known.counts_zero:
            # Not measured: a scale that measures no fat says so.
            return
        elif not known.allows(value, unit or known.unit):
            self.refuse(known.metric, IMPLAUSIBLE)
        else:
            self.add(known.metric, value, unit or known.unit)

    def take_in(self, units: dict[str, str], known: Field, row: Row, *, said: object) -> None:
        """Take a number whose unit is `said`; without one that is known it is none."""
        unit = units.get(said.strip().lower()) if isinstance(said, str) else None
        given = first_of(row, *known.names)
        is_measured = given is not None and (known.counts_zero or number(given) != 0)
        if is_measured and unit is None:
            self.refuse(known.metric, UNIT_UNKNOWN)
        else:
            self.take(known, row, unit=unit)

    def take_flag(self, metric: Metric, row: Row, *names: str) -> None:
        """Take a flag, also one that says no."""
        given = first_of(row, *names)
        if given is None:
            self.keep()
            return
        value = flag(given)
        if value is None:
            self.refuse(metric, FLAG_UNREADABLE)
        else:
            self.add(metric, value, None)

    def add(self, metric: Metric, value: Value, unit: str | None) -> None:
        """Add one of its readings; one that was not asked for is counted."""
        if metric not in self.into.asked:
            self.ignore("not_asked_for")
            return
        if self.device is not None:
            self.into.devices[self.device.device] = self.device
        self.into.measurements.append(
            Measurement(
                metric=metric,
                value=value,
                unit=unit,
                start=self.moment.at,
                end=self.end.at if self.end else None,
                offset_minutes=self.moment.offset,
                end_offset_minutes=self.end.offset if self.end else None,
                day=self.moment.day,
                device=self.device.device if self.device else None,
                method=self.method,
                record=self.record,
                group=self.record,
            )
        )

    def refuse(self, metric: Metric, reason: str) -> None:
        """Note what cannot be published of it; of what was not asked for there is nothing to tell."""
        self.keep()
        if metric in self.into.asked:
            day = self.moment.day
            self.into.leave_out(metric=metric, record=self.record, day=day, reason=reason)
        else:
            self.ignore("not_asked_for")

    def keep(self) -> None:
        """Conclude nothing from what it does not say: it is listed, and answers can lack fields."""
        self.into.kept.add(self.record)

    def ignore(self, word: str) -> None:
        """Count what nobody misses of it."""
        self.into.ignore(self.moment.day, word)
