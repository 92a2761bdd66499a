"""Withings' measure groups into the common vocabulary: values, attribution, copies, devices.

Belongs here: what a group's measures become, and why some do not. Not here: reading the wire
(`groups.py`), tables (`measure_types.py`), other listings, or FHIR.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ohx_pipelines.local_day import Window, local_day, offset_minutes
from ohx_pipelines.measurements import Coded, Measurement, Metric, RecordingMethod, Value
from ohx_pipelines.providers.base import DeviceInfo, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.device_models import device_of
from ohx_pipelines.providers.withings.groups import (
    Group,
    Reading,
    groups_of,
    read_group,
    without_copies,
)
from ohx_pipelines.providers.withings.measure_types import (
    BODY_TEMPERATURE,
    LIVING,
    MEASURE_TYPES,
    PRESSURES,
    SEGMENT_TYPES,
    UNSPECIFIED_TEMPERATURE,
    WHOLE_BODY,
    MeasureType,
    segment_type,
    types_of,
)


@dataclass(frozen=True)
class _Place:
    """Where a group stands in time: its instant, the user's local day and offset then."""

    taken_at: datetime
    day: date
    offset_minutes: int


@dataclass(frozen=True)
class _Mapped:
    """A reading of a mapped type, with its occurrence of that type inside the group."""

    reading: Reading
    type: MeasureType
    occurrence: int

    @property
    def metric(self) -> Metric:
        return self.type.metric

    @property
    def value(self) -> Value | None:
        """The value in the type's unit or words; None when it is no word of it."""
        number, words = self.reading.value, self.type.words
        if number is None or words is None:
            return number
        word = words.get(int(number)) if number == number.to_integral_value() else None
        return Coded(word.value) if word is not None else None


def read_measures(pages: Sequence[Page], into: Collected) -> bool:
    """Read a window's measure groups; tells whether what is not among them is deleted.

    Raises Malformed when a page has no list of groups; a bad group or measure costs only itself.
    """
    rows = [row for page in pages for row in groups_of(page.body)]
    groups = [read_group(row, position=n) for n, row in enumerate(rows)]
    seen: set[object] = set()
    # Confirmed groups first: a taking that is confirmed in one of them is not held back in another.
    for group in sorted(without_copies(groups), key=lambda group: group.method is None):
        _take(group, into, seen)
    return _is_whole(groups, into.window, into.asked)


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


def _take(group: Group, into: Collected, seen: set[object]) -> None:
    window = into.window
    if group.taken_at is None:
        # Its day is unknown; it is shown on the first day of the window rather than nowhere.
        place = _Place(window.start, window.first_day, 0)
        _leave_out(group, _mapped(group, place, into), place, into=into, refused="no_time")
        return
    if not _lies_in(window, group.taken_at):
        return
    place = _Place(
        group.taken_at,
        local_day(group.taken_at, window.zone),
        offset_minutes(group.taken_at, window.zone),
    )
    _count_unreadable(group, place, into=into)
    for taking in _takings(_mapped(group, place, into)):
        _take_taking(group, taking, place, into, seen)


def _take_taking(
    group: Group, taking: list[_Mapped], place: _Place, into: Collected, seen: set[object]
) -> None:
    """Publish, hold back or refuse what belongs together: a cuff's values, or one value alone."""
    if any(m.reading.value is None or m.reading.value < 0 for m in taking):
        _leave_out(group, taking, place, into=into, refused="unreadable_value")
        return
    values = [(m, value) for m in taking if (value := m.value) is not None]
    if len(values) < len(taking):
        _leave_out(group, taking, place, into=into, refused="unknown_word")
        return
    fingerprint = (place.taken_at, frozenset((m.metric, v, m.occurrence) for m, v in values))
    if fingerprint in seen:
        into.ignore(place.day, "copy", len(taking))
        return
    method = group.method
    if method is None:
        _leave_out(group, taking, place, into=into)
        return
    seen.add(fingerprint)
    into.measurements.extend(_measurement(group, m, v, place, method) for m, v in values)
    if group.device is not None:
        model, kind = device_of(group.model_id, model=group.model)
        into.devices[group.device] = DeviceInfo(device=group.device, model=model, kind=kind)


def _mapped(group: Group, place: _Place, into: Collected) -> list[_Mapped]:
    occurrences: Counter[Metric] = Counter()
    mapped = []
    for reading in group.readings:
        if reading.type is None:
            continue
        known = _known(reading, group)
        if isinstance(known, str):
            into.ignore(place.day, known)
        elif known.metric not in into.asked:
            into.ignore(place.day, "not_asked_for")
        else:
            mapped.append(_Mapped(reading, known, occurrences[known.metric]))
            occurrences[known.metric] += 1
    return mapped


def _known(reading: Reading, group: Group) -> MeasureType | str:
    """Give what a measure's type means, or a word for why it is nothing of its own."""
    code = reading.type
    if code == UNSPECIFIED_TEMPERATURE and BODY_TEMPERATURE in group.kinds:
        # Thermometers list one taking under both.
        return "other_source"
    if code in SEGMENT_TYPES:
        if reading.position == WHOLE_BODY:
            return "aggregate"
        return segment_type(code, reading.position) or f"unmapped_position_{reading.position}"
    known = MEASURE_TYPES.get(code) if code is not None else None
    if known is not None and known.metric in LIVING and reading.value == 0:
        return "no_value"
    return known or f"unmapped_type_{code}"


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
    group: Group, mapped: _Mapped, value: Value, place: _Place, method: RecordingMethod
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
    into: Collected,
    refused: str | None = None,
) -> None:
    """Note readings as refused for that reason, or, without one, as held back."""
    for mapped in taking:
        into.leave_out(
            metric=mapped.metric,
            record=group.id,
            occurrence=mapped.occurrence,
            day=place.day,
            reason=refused or group.hold_reason,
            held_back=refused is None,
        )


def _count_unreadable(group: Group, place: _Place, *, into: Collected) -> None:
    """Show measures without a readable type: what they would have become nobody knows."""
    for n, reading in enumerate(group.readings):
        if reading.type is None:
            into.leave_out(
                metric=None,
                record=group.id,
                occurrence=n,
                day=place.day,
                reason="unreadable_measure",
            )
