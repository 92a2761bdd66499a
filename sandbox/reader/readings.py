"""The reader's own words: what one Observation that must exist says.

Belongs here: values, readings, and what is asked about. Not here: which readings a vendor's row stands
for (the `expected_*.py`), or what an EHR holds (`found.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.people import Person

WITHINGS, GOOGLE_HEALTH = "withings", "google_health"
# The last two are apps whose files somebody exports.
OMRON, BEURER, OMRON_CONNECT = "omron", "beurer", "omron_connect"
# Codes of HL7's v3-ObservationValue.
BY_DEVICE, BY_PATIENT = "DEVAST", "PATAST"
PAID = frozenset(
    {"pulse_wave_velocity", "vascular_age", "fitness", "skin_temperature", "automatic"}
)
DATA_TYPES = PAID | {
    "body", "blood_pressure", "temperature", "oxygen", "activity", "workouts", "sleep",
    "sleep_stages", "intraday", "ecg", "nerve_health",
}  # fmt: skip
ReadingKey = tuple[Any, str, int]
# The vendor's rows of one person by kind, as `Readings.rows` gives them.
Rows = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Amount:
    """One number with its UCUM code; None for what is not there or is not exact."""

    value: Decimal | None
    unit: str | None


@dataclass(frozen=True)
class Word:
    """One coded value; None for a code that is none of ours."""

    value: str | None
    unit: str | None = None


@dataclass(frozen=True)
class Flag:
    """One yes or no; None for what is neither."""

    value: bool | None
    unit: str | None = None


@dataclass(frozen=True)
class Samples:
    """A series: each sample's time in milliseconds from the start, and its value."""

    value: tuple[tuple[Decimal, Decimal], ...] = field(repr=False)
    unit: str | None


Said = Amount | Word | Flag | Samples


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One Observation that must exist; `amounts` by component code, or by "" for its own value.

    `record` is the vendor's number of the row, `occurrence` counts readings of a code inside it. `end`
    and its offset are those of a period; `says_day` tells that the local day must be said beside it.
    """

    record: Any
    occurrence: int
    patient: str
    code: str
    instant: datetime
    offset: timedelta | None
    end: datetime | None = None
    end_offset: timedelta | None = None
    day: date
    says_day: bool = False
    is_open: bool = False
    amounts: Mapping[str, Said] = field(repr=False)
    device: str | None
    asserted: str  # the label that says by whom
    statuses: frozenset[str]

    @property
    def key(self) -> ReadingKey:
        """Give what stays the same of the person's reading whatever the vendor corrects."""
        return self.record, self.code, self.occurrence

    @property
    def said(self) -> tuple[Any, ...]:
        """Give all that a correction can change."""
        when = (self.instant, self.offset, self.end, self.end_offset)
        return self.amounts, self.device, self.asserted, when


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What of a person's account the EHR is given: by default all that costs nothing more.

    `shared` names data types, None all of them; `stages` and `paid` tell that these are turned on.
    """

    shared: frozenset[str] | None = None
    stages: bool = False
    paid: bool = False

    def shares(self, data_type: str) -> bool:
        """Tell whether a data type is shared."""
        return self.shared is None or data_type in self.shared

    def has(self, data_type: str) -> bool:
        """Tell whether a data type is shared and can be had."""
        return self.shares(data_type) and (self.paid or data_type not in PAID)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One person's rows as the vendor has them `now`; without a `now` every period has ended.

    Without `surely` it is about all that the vendor lists of the person, also where it is not sure
    whose it is, or is not done with it.
    """

    person: Person
    rows: Rows = field(repr=False)
    asked: Asked = field(default_factory=Asked)
    now: datetime | None = None
    surely: bool = True
    vendor: str = WITHINGS

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone of the person's link."""
        return ZoneInfo(self.person.zone)

    def of(self, kind: str) -> list[Row]:
        """Give the rows of a kind."""
        return [*self.rows.get(kind, ())]

    def is_open(self, end: datetime) -> bool:
        """Tell whether something that ends then has not ended."""
        return self.now is not None and end > self.now


def instant_of(seconds: int) -> datetime:
    """Give the instant that a vendor's number stands for."""
    return datetime.fromtimestamp(seconds, UTC)


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    """Give a zone's offset then."""
    return instant.astimezone(zone).utcoffset()


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the calendar day of an instant in a zone."""
    return instant.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the first instant of a local day, also where clocks skip midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def number(value: Any) -> Decimal | None:
    """Give a vendor's number as it stands on the wire; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
