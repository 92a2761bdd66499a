"""Withings' ECGs: the list of them, and the signal of each.

Belongs here: rows of the heart's `list` and answers of its `get`. Not here: which calls are made
(`fetching.py`), or measures that were taken with an ECG (`ecg_takings.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import local_day, offset_minutes
from ohx_pipelines.measurements import (
    Coded,
    Measurement,
    Metric,
    RecordingMethod,
    Series,
    Value,
)
from ohx_pipelines.metrics import Rhythm
from ohx_pipelines.providers.base import DeviceInfo, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.device_models import device_of
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.measure_types import PULSE_WORDS
from ohx_pipelines.providers.withings.rows import (
    instant,
    is_integer,
    modified_at,
    number,
    row_device,
    rows_of,
)

MS_PER_SECOND = Decimal(1000)
# The vendor's devices take 300 or 500 samples a second; a number far from that is no frequency.
FREQUENCIES = (Decimal(1), Decimal(10_000))
UNREADABLE = f"{Listing.ECG.prefix}-unreadable"
# The list's three words; measures have finer ones.
WORDS: Mapping[int, Rhythm] = PULSE_WORDS


@dataclass(frozen=True, kw_only=True)
class Ecg:
    """One ECG of the list: its signal's id, when and on which local day it was taken."""

    signal: str
    taken_at: datetime
    day: date
    modified: object
    device: str | None
    row: Mapping[str, Any] = field(repr=False)

    @property
    def record(self) -> str:
        """Its name among the account's records."""
        return f"{Listing.ECG.prefix}-{self.signal}"


def ecgs_of(pages: Iterable[Page], zone: ZoneInfo) -> list[Ecg]:
    """Give the ECGs of a list that say which they are and when, the newest row of each."""
    found = (_ecg(row, zone) for page in pages for row in rows_of(page))
    clear = [one for one in found if one is not None]
    by_signal = {one.signal: one for one in sorted(clear, key=lambda one: modified_at(one.row))}
    return list(by_signal.values())


def read_ecg(pages: Sequence[Page], into: Collected) -> bool:
    """Read the list and the signals beside it; tells whether every row was clear.

    Of an ECG whose signal is not there the rest is read. Raises Malformed when an answer has no list.
    """
    listed = [page for page in pages if page.listing == Listing.ECG]
    signals = {page.of: page.body for page in pages if page.listing == Listing.SIGNAL}
    is_clear = True
    for page in listed:
        for row in rows_of(page):
            is_clear &= _is_clear(row, into)
    for one in ecgs_of(listed, into.window.zone):
        if one.day in into.window.days:
            _take(one, signals.get(one.signal), into)
    return is_clear


def _is_clear(row: object, into: Collected) -> bool:
    """Tell whether a row says which ECG it is of, or that it is of none."""
    fields = row if isinstance(row, dict) else {}
    taken_at, signal = instant(fields.get("timestamp")), _signal_of(fields)
    window = into.window
    day = local_day(taken_at, window.zone) if taken_at else window.first_day
    if day not in window.days:
        return False
    if isinstance(row, dict) and signal is None and not _names_one(fields):
        # A cuff with electrodes lists its blood pressure alone here.
        into.ignore(day, "no_signal")
        return True
    if signal is not None and taken_at is not None:
        return True
    reason = "unreadable_row" if signal is None else "no_time"
    into.leave_out(metric=None, record=UNREADABLE, day=day, reason=reason)
    return False


def _ecg(row: object, zone: ZoneInfo) -> Ecg | None:
    if not isinstance(row, dict):
        return None
    signal, taken_at = _signal_of(row), instant(row.get("timestamp"))
    if signal is None or taken_at is None:
        return None
    return Ecg(
        signal=signal,
        taken_at=taken_at,
        day=local_day(taken_at, zone),
        modified=row.get("modified"),
        device=row_device(row),
        row=row,
    )


def _signal_of(row: Mapping[str, Any]) -> str | None:
    ecg = row.get("ecg")
    signal = ecg.get("signalid") if isinstance(ecg, dict) else None
    # A dot or dash would tell of another record.
    is_name = isinstance(signal, str) and signal.isascii() and signal.isalnum()
    return str(signal) if is_name or (is_integer(signal) and signal > 0) else None


def _names_one(row: Mapping[str, Any]) -> bool:
    """Tell whether a row is of an ECG, readable or not."""
    ecg = row.get("ecg")
    return ecg.get("signalid") is not None if isinstance(ecg, dict) else bool(ecg)


def _take(one: Ecg, signal: Mapping[str, Any] | None, into: Collected) -> None:
    for name, word in (("bloodpressure", "other_source"), ("stetho", "unmapped_stetho")):
        if one.row.get(name):
            # The pressures are a measure group as well.
            into.ignore(one.day, word)
    if signal is not None:
        _take_signal(one, signal, into)
    _take_heart_rate(one, into)
    _take_word(one, into)
    if one.device is not None:
        model, kind = device_of(one.row.get("model"))
        into.devices[one.device] = DeviceInfo(device=one.device, model=model, kind=kind)


def _take_signal(one: Ecg, body: Mapping[str, Any], into: Collected) -> None:
    frequency, samples = number(body.get("sampling_frequency")), _samples_of(body)
    slowest, fastest = FREQUENCIES
    if not samples or frequency is None or not slowest <= frequency <= fastest:
        _leave_out(one, Metric.ECG_WAVEFORM, "unreadable_value", into)
        return
    # Up to a whole millisecond: no sample lies beyond the end.
    length = (len(samples) * MS_PER_SECOND / frequency).to_integral_value(ROUND_CEILING)
    series = Series(samples=samples, interval_ms=MS_PER_SECOND / frequency)
    end = one.taken_at + timedelta(milliseconds=int(length))
    _add(one, Metric.ECG_WAVEFORM, series, "uV", into, end=end)


def _samples_of(body: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """Give a signal's samples; none where one of them cannot be read."""
    given = body.get("signal")
    values = [number(one) for one in given] if isinstance(given, list) else []
    known = tuple(one for one in values if one is not None)
    return known if len(known) == len(values) else ()


def _take_heart_rate(one: Ecg, into: Collected) -> None:
    given = one.row.get("heart_rate")
    if given is None:
        return
    value = number(given)
    if value is None or value < 0:
        _leave_out(one, Metric.ECG_HEART_RATE, "unreadable_value", into)
    elif not value:
        into.ignore(one.day, "no_value")
    else:
        _add(one, Metric.ECG_HEART_RATE, value, "/min", into)


def _take_word(one: Ecg, into: Collected) -> None:
    given = one.row["ecg"].get("afib")
    if given is None:
        return
    word = WORDS.get(given) if is_integer(given) else None
    if word is None:
        _leave_out(one, Metric.ATRIAL_FIBRILLATION_CLASSIFICATION, "unknown_word", into)
        return
    _add(one, Metric.ATRIAL_FIBRILLATION_CLASSIFICATION, Coded(word.value), None, into)


def _add(
    one: Ecg,
    metric: Metric,
    value: Value,
    unit: str | None,
    into: Collected,
    *,
    end: datetime | None = None,
) -> None:
    if metric not in into.asked:
        into.ignore(one.day, "not_asked_for")
        return
    zone = into.window.zone
    into.measurements.append(
        Measurement(
            metric=metric,
            value=value,
            unit=unit,
            start=one.taken_at,
            end=end,
            offset_minutes=offset_minutes(one.taken_at, zone),
            end_offset_minutes=offset_minutes(end, zone) if end else None,
            day=one.day,
            device=one.device,
            method=RecordingMethod.DEVICE,
            record=one.record,
            group=one.record,
        )
    )


def _leave_out(one: Ecg, metric: Metric, reason: str, into: Collected) -> None:
    if metric in into.asked:
        into.leave_out(metric=metric, record=one.record, day=one.day, reason=reason)
    else:
        into.ignore(one.day, "not_asked_for")
