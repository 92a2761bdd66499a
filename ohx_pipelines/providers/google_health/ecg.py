"""Google's ECGs: the signal, its heart rate, and what the algorithm made of its rhythm.

Belongs here: electrocardiograms as they are listed. Not here: notifications of an irregular rhythm
(`irregular_rhythm.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import offset_minutes
from ohx_pipelines.measurements import Coded, Metric, Series
from ohx_pipelines.metrics import Rhythm
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import newest, points_of, taking_of
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    INTERVAL,
    START_OFFSET,
    Moment,
    Row,
    int32,
    int64,
    object_of,
    seconds,
    start_moment,
    word,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, Taking
from ohx_pipelines.providers.google_health.sources import MEDICAL_DEVICE

SAMPLES, FREQUENCY, FACTOR = (
    "waveformSamples",
    "samplingFrequencyHertz",
    "millivoltsScalingFactor",
)
HEART_RATE, CLASSIFICATION = "beatsPerMinuteAvg", "resultClassification"
RATE = Field(Metric.ECG_HEART_RATE, "/min", int64, living=True)
WORDS: Mapping[str, Rhythm] = {
    "NORMAL_SINUS_RHYTHM": Rhythm.NORMAL_SINUS_RHYTHM,
    "ATRIAL_FIBRILLATION": Rhythm.ATRIAL_FIBRILLATION,
    "INCONCLUSIVE": Rhythm.INCONCLUSIVE,
    "INCONCLUSIVE_HIGH_HEART_RATE": Rhythm.HIGH_HEART_RATE,
    "INCONCLUSIVE_LOW_HEART_RATE": Rhythm.LOW_HEART_RATE,
    "UNREADABLE": Rhythm.UNREADABLE,
}
NOT_ANALYZED = "NOT_ANALYZED"
MS_PER_SECOND = Decimal(1000)
# Devices take some hundred samples a second; a number far from that is no frequency.
FREQUENCIES = (Decimal(1), Decimal(10_000))
# A factor that divides into more digits has no end: Fitbit's own is 10922. A millionth of a millivolt
# is a hundredth of its step.
MOST_DIGITS = 12
FINEST = Decimal("0.000001")


def read_ecg(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read ECGs; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    # The vendor's filter knows a beginning and no end.
    reading = replace(reading, is_open_ended=True)
    points, is_clear = points_of(pages, listing, reading, _when)
    for one in newest(points, reading):
        # The vendor tells the reading's own moment as start and as end.
        _take(one.value, replace(taking_of(one, reading), end=None))
    return is_clear


def _when(value: Row, zone: ZoneInfo) -> tuple[Moment, None, date] | None:
    start = start_moment(value, zone)
    if start is None:
        return None
    if not _tells_offset(value):
        start = replace(start, offset=offset_minutes(start.at, zone))
    return start, None, start.day


def _tells_offset(value: Row) -> bool:
    """Tell whether an offset is given: old ECGs have none, and the vendor says zero for none."""
    return bool(seconds((object_of(value, INTERVAL) or {}).get(START_OFFSET)))


def _take(value: Row, taking: Taking) -> None:
    _take_waveform(value, taking)
    taking.take(RATE, value.get(HEART_RATE))
    _take_word(word(value.get(CLASSIFICATION)), taking)
    about = {INTERVAL, MEDICAL_DEVICE, HEART_RATE, CLASSIFICATION}
    taking.count_unmapped(value, known={*about, SAMPLES, FREQUENCY, FACTOR})


def _take_waveform(value: Row, taking: Taking) -> None:
    if not value.get(SAMPLES):
        taking.keep("no_value")
        return
    samples, frequency = _millivolts(value), int32(value.get(FREQUENCY))
    slowest, fastest = FREQUENCIES
    if not samples or frequency is None or not slowest <= frequency <= fastest:
        taking.refuse(Metric.ECG_WAVEFORM)
        return
    # Up to a whole millisecond: no sample lies beyond the end.
    length = (len(samples) * MS_PER_SECOND / frequency).to_integral_value(ROUND_CEILING)
    end = _after(taking, timedelta(milliseconds=int(length)), is_told=_tells_offset(value))
    series = Series(samples=samples, interval_ms=MS_PER_SECOND / frequency)
    replace(taking, end=end).add(Metric.ECG_WAVEFORM, series, "mV")


def _after(taking: Taking, length: timedelta, *, is_told: bool) -> Moment:
    at = taking.start.at + length
    offset = taking.start.offset if is_told else offset_minutes(at, taking.reading.zone)
    return Moment(at=at, offset=offset)


def _millivolts(value: Row) -> tuple[Decimal, ...]:
    """Give the samples in millivolts; none where one of them cannot be read.

    To the last digit where they have one, else to a nanovolt.
    """
    given, factor = value[SAMPLES], int32(value.get(FACTOR))
    if factor is None or factor <= 0 or not isinstance(given, list):
        return ()
    known = [one for sample in given if (one := int32(sample)) is not None]
    if len(known) != len(given):
        return ()
    step = (1 / factor).normalize()
    exponent = step.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -MOST_DIGITS:
        return tuple(one * step for one in known)
    return tuple((one / factor).quantize(FINEST, ROUND_HALF_EVEN) for one in known)


def _take_word(given: str | None, taking: Taking) -> None:
    if given is None or given == NOT_ANALYZED:
        taking.keep("no_value")
    elif given not in WORDS:
        taking.keep("unknown_classification")
    else:
        taking.add(Metric.ATRIAL_FIBRILLATION_CLASSIFICATION, Coded(WORDS[given].value), None)
