"""Samples of Withings' series, put together: one measurement per metric, source and span.

Belongs here: which samples are readings, and the measurement that they become. Not here: where the
samples stand on the wire (`intraday.py`, `stages.py`), or whose count (`sources.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, Series
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.device_models import device_of
from ohx_pipelines.providers.withings.rows import Row, instant, is_integer, number, row_device
from ohx_pipelines.providers.withings.sessions import Field

A_MILLISECOND = timedelta(milliseconds=1)
LONGEST_EPOCH = 12


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose samples they are: a device by its hash, or, where it has none, its model's number."""

    device: str | None
    model_id: object
    model: object

    @property
    def name(self) -> str:
        """What tells it from other sources."""
        return self.device or (str(self.model_id) if is_integer(self.model_id) else "unknown")


@dataclass(frozen=True, kw_only=True)
class Span:
    """What samples are counted in: a local day or a night, and the day that it belongs to."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    day: date


@dataclass(kw_only=True)
class Samples:
    """The samples of one source in one span, as they are read.

    Of several samples of one instant the first counts.
    """

    record: str
    group: str
    span: Span
    source: Source
    into: Collected
    found: dict[Field, dict[datetime, Decimal]] = field(default_factory=dict, repr=False)
    unreadable: set[Metric] = field(default_factory=set)

    def take(self, kind: Field, at: datetime, given: object) -> None:
        """Take a sample; one that is no reading is counted by why."""
        if given is None:
            return
        value = number(given)
        if value is None or value < 0:
            self.refuse(kind)
            return
        word = self._ignored(kind, at, value)
        if word is None:
            self.found.setdefault(kind, {})[at] = value
        else:
            self.into.ignore(self.span.day, word)

    def refuse(self, kind: Field) -> None:
        """Note that some of a series cannot be read."""
        if kind.metric in self.into.asked:
            self.unreadable.add(kind.metric)

    def finish(self) -> None:
        """Hand the series over; of one with samples that cannot be read that is said once."""
        for metric in sorted(self.unreadable):
            self.into.leave_out(
                metric=metric,
                record=self.record,
                group=self.group,
                day=self.span.day,
                reason="unreadable_value",
            )
        for kind, taken in self.found.items():
            tell(self.source, self.into)
            self.into.measurements.append(self._measurement(kind, taken))

    def _ignored(self, kind: Field, at: datetime, value: Decimal) -> str | None:
        """Say in a word why nobody misses a sample; None for one that counts."""
        if kind.metric not in self.into.asked:
            return "not_asked_for"
        if not self.span.start <= at <= self.span.end:
            return "outside"
        if kind.living and not value:
            return "no_value"
        return "copy" if at in self.found.get(kind, {}) else None

    def _measurement(self, kind: Field, taken: Mapping[datetime, Decimal]) -> Measurement:
        span, instants = self.span, sorted(taken)
        offsets = (Decimal((at - span.start) // A_MILLISECOND) for at in instants)
        return Measurement(
            metric=kind.metric,
            value=Series(samples=tuple(taken[at] for at in instants), offsets_ms=tuple(offsets)),
            unit=kind.unit,
            start=span.start,
            end=span.end,
            offset_minutes=offset_minutes(span.start, span.zone),
            end_offset_minutes=offset_minutes(span.end, span.zone),
            day=span.day,
            device=self.source.device,
            method=RecordingMethod.DEVICE,
            record=self.record,
            group=self.group,
        )


def source_of(row: Row) -> Source:
    """Say whose row it is."""
    return Source(device=row_device(row), model_id=row.get("model_id"), model=row.get("model"))


def tell(source: Source, into: Collected) -> None:
    """Describe the device of a measurement; without a hash there is nothing to know it by."""
    if source.device is not None:
        model, kind = device_of(source.model_id, model=source.model)
        into.devices[source.device] = DeviceInfo(device=source.device, model=model, kind=kind)


def epoch(key: object) -> datetime | None:
    """Read a moment that stands as text, as keys of objects do."""
    # A longer number is no moment, and costs time to read.
    if not isinstance(key, str) or len(key) > LONGEST_EPOCH:
        return None
    return instant(int(key)) if key.isascii() and key.isdigit() else None


def fields_of(kinds: Mapping[str, Field], metrics: Iterable[Metric]) -> list[str]:
    """Give the vendor's names of the fields that give these metrics, in order."""
    wanted = frozenset(metrics)
    return [name for name, kind in kinds.items() if kind.metric in wanted]
