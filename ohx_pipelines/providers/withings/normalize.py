"""Withings' measure groups into the common vocabulary: values, attribution, copies, devices.

Belongs here: what a group's measures become, and why some do not. Not here: reading the wire
(`groups.py`) or FHIR.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ohx_pipelines.local_day import Window, local_day, offset_minutes
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import DeviceInfo, Normalized, Unpublished
from ohx_pipelines.providers.withings.codes import (
    MEASURE_TYPES,
    PRESSURES,
    MeasureType,
    device_kind,
    types_of,
)
from ohx_pipelines.providers.withings.groups import (
    Group,
    Reading,
    groups_of,
    read_group,
    without_copies,
)


@dataclass(frozen=True)
class _Place:
    """Where a group stands in time: its instant, the user's local day and offset then."""

    taken_at: datetime
    day: date
    offset_minutes: int


@dataclass
class _Result:
    asked: frozenset[Metric]
    measurements: list[Measurement] = field(default_factory=list)
    devices: dict[str, DeviceInfo] = field(default_factory=dict)
    unpublished: list[Unpublished] = field(default_factory=list)
    ignored: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seen: set[object] = field(default_factory=set)


@dataclass(frozen=True)
class _Mapped:
    """A reading of a mapped type, with its occurrence of that type inside the group."""

    reading: Reading
    type: MeasureType
    occurrence: int

    @property
    def metric(self) -> Metric:
        return self.type.metric


def normalize_pages(
    pages: Sequence[Mapping[str, Any]], window: Window, *, asked: frozenset[Metric]
) -> Normalized:
    """Turn a window's pages into one frame, and say what is not in it and why.

    `asked` are the metrics that were asked for: others are never published, whoever sends them.
    Raises Malformed when a page has no list of groups; a bad group or measure costs only itself.
    """
    rows = [row for page in pages for row in groups_of(page)]
    groups = [read_group(row, position=n) for n, row in enumerate(rows)]
    result = _Result(asked)
    # Confirmed groups first: a taking that is confirmed in one of them is not held back in another.
    for group in sorted(without_copies(groups), key=lambda group: group.method is None):
        _take(group, window, result)
    return Normalized(
        frame=to_frame(sorted(result.measurements, key=lambda m: (m.start, m.record))),
        devices=result.devices,
        unpublished=result.unpublished,
        ignored=result.ignored,
        listed=asked if _is_whole(groups, window, asked) else frozenset(),
    )


def _is_whole(groups: Iterable[Group], window: Window, asked: frozenset[Metric]) -> bool:
    """Tell whether what is not among the groups is deleted, and not just not recognized.

    A row without its id, its time or its kinds may be the reading that is missing. One that lies
    outside the window was not asked for: what else the vendor took the question for nobody knows.
    """
    # A kind that cannot be read may be any.
    kinds = {None, *types_of(asked)}
    concerned = (group for group in groups if not group.kinds or group.kinds & kinds)
    return all(group.is_clear and _lies_in(window, group.taken_at) for group in concerned)


def _lies_in(window: Window, instant: datetime | None) -> bool:
    return instant is not None and window.start <= instant < window.end


def _take(group: Group, window: Window, result: _Result) -> None:
    if group.taken_at is None:
        # Its day is unknown; it is shown on the first day of the window rather than nowhere.
        place = _Place(window.start, window.first_day, 0)
        _leave_out(group, _mapped(group, place, result), place, into=result, refused="no_time")
        return
    if not _lies_in(window, group.taken_at):
        return
    place = _Place(
        group.taken_at,
        local_day(group.taken_at, window.zone),
        offset_minutes(group.taken_at, window.zone),
    )
    _count_unreadable(group, place, into=result)
    for taking in _takings(_mapped(group, place, result)):
        _take_taking(group, taking, place, result)


def _take_taking(group: Group, taking: list[_Mapped], place: _Place, result: _Result) -> None:
    """Publish, hold back or refuse what belongs together: a cuff's values, or one value alone."""
    values = [(m, m.reading.value) for m in taking if m.reading.value is not None]
    if len(values) < len(taking):
        _leave_out(group, taking, place, into=result, refused="unreadable_value")
        return
    fingerprint = (
        place.taken_at,
        frozenset((m.metric, v, m.occurrence) for m, v in values),
    )
    if fingerprint in result.seen:
        result.ignored[place.day]["copy"] += len(taking)
        return
    method = group.method
    if method is None:
        _leave_out(group, taking, place, into=result)
        return
    result.seen.add(fingerprint)
    result.measurements.extend(_measurement(group, m, v, place, method) for m, v in values)
    if group.device is not None:
        result.devices[group.device] = DeviceInfo(
            device=group.device, model=group.model, kind=device_kind(group.model_id)
        )


def _mapped(group: Group, place: _Place, result: _Result) -> list[_Mapped]:
    occurrences: Counter[int] = Counter()
    mapped = []
    for reading in group.readings:
        known = MEASURE_TYPES.get(reading.type) if reading.type is not None else None
        if reading.type is None:
            continue
        if known is None:
            result.ignored[place.day][f"unmapped_type_{reading.type}"] += 1
            continue
        if known.metric not in result.asked:
            result.ignored[place.day]["not_asked_for"] += 1
            continue
        mapped.append(_Mapped(reading, known, occurrences[reading.type]))
        occurrences[reading.type] += 1
    return mapped


def _takings(mapped: list[_Mapped]) -> Iterator[list[_Mapped]]:
    """Split a group into what stands or falls together: half a blood pressure is none."""
    cuff: dict[int, list[_Mapped]] = {}
    for one in mapped:
        if one.metric in PRESSURES:
            cuff.setdefault(one.occurrence, []).append(one)
    for one in mapped:
        if one.metric is Metric.HEART_RATE and one.occurrence in cuff:
            cuff[one.occurrence].append(one)
        elif one.metric not in PRESSURES:
            yield [one]
    yield from cuff.values()


def _measurement(
    group: Group,
    mapped: _Mapped,
    value: Decimal,
    place: _Place,
    method: RecordingMethod,
) -> Measurement:
    return Measurement(
        metric=mapped.metric,
        value=value,
        unit=mapped.type.unit,
        start=place.taken_at,
        offset_minutes=place.offset_minutes,
        day=place.day,
        device=group.device if method is RecordingMethod.DEVICE else None,
        method=method,
        record=group.id,
        occurrence=mapped.occurrence,
        group=group.id,
    )


def _leave_out(
    group: Group,
    taking: Iterable[_Mapped],
    place: _Place,
    *,
    into: _Result,
    refused: str | None = None,
) -> None:
    """Note readings as refused for that reason, or, without one, as held back."""
    into.unpublished.extend(
        Unpublished(
            metric=mapped.metric,
            record=group.id,
            group=group.id,
            occurrence=mapped.occurrence,
            day=place.day,
            reason=refused or group.hold_reason,
            held_back=refused is None,
        )
        for mapped in taking
    )


def _count_unreadable(group: Group, place: _Place, *, into: _Result) -> None:
    """Show measures without a readable type: what they would have become nobody knows."""
    into.unpublished.extend(
        Unpublished(
            metric=None,
            record=group.id,
            group=group.id,
            occurrence=n,
            day=place.day,
            reason="unreadable_measure",
            held_back=False,
        )
        for n, reading in enumerate(group.readings)
        if reading.type is None
    )
