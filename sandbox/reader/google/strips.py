"""What must stand for an ECG: its waveform with the heart rate in it, and its classification.

Belongs here: strips. Not here: rhythms that were noticed by the pulse (`rhythm.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from sandbox.reader.google.points import has_offset, once, raw_points, record_of
from sandbox.reader.google.rules import Field, at, reading
from sandbox.reader.google.wire_values import MS_PER_SECOND, whole
from sandbox.reader.readings import Listing, Reading, Row, Said, Samples, Word, offset_at
from sandbox.reader.rules import codes

STRIP, CLASSIFICATION = codes("131329", "11524-6"), "atrial-fibrillation-classification"
HEART_RATE = Field(
    name="beatsPerMinuteAvg",
    code=codes("8867-4", "147842"),
    unit="/min",
    is_whole=True,
    living=True,
)
WORDS = {
    "NORMAL_SINUS_RHYTHM": "normal-sinus-rhythm",
    "ATRIAL_FIBRILLATION": "atrial-fibrillation",
    "INCONCLUSIVE": "inconclusive",
    "INCONCLUSIVE_HIGH_HEART_RATE": "high-heart-rate",
    "INCONCLUSIVE_LOW_HEART_RATE": "low-heart-rate",
    "UNREADABLE": "unreadable",
}
CODES = frozenset({STRIP, CLASSIFICATION, HEART_RATE.code})
FINEST_MS = Decimal("0.001")
# A quotient that has not ended by then is no exact number: it is rounded to a nanovolt.
MOST_DIGITS = 12
NANOVOLT = Decimal("0.000001")


def strip_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each ECG, of the civil day that it was taken on."""
    if listing.asked.shares("ecg"):
        for point in once(raw_points(listing, "electrocardiogram")):
            yield from _of_point(listing, point)


def _has_waveform(value: Row) -> bool:
    """Tell whether there are samples, with values and times."""
    factor, rate = (
        whole(value.get(name)) or Decimal()
        for name in ("millivoltsScalingFactor", "samplingFrequencyHertz")
    )
    return bool(value.get("waveformSamples")) and factor > 0 and rate > 0


def _of_point(listing: Listing, point: Row) -> Iterator[Reading]:
    record, taken = record_of(point), at(point, listing)
    if not listing.surely:
        # What it does not say this time is not gone.
        for code in sorted(CODES):
            yield reading(listing, taken, point, record=record, code=code, amounts={"": Word("")})
        return
    beats = HEART_RATE.said(point["value"])
    own: dict[str, Said] = {} if beats is None else {HEART_RATE.code: beats}
    if _has_waveform(point["value"]):
        yield _strip(listing, point, own)
    elif beats is not None:
        yield reading(
            listing, taken, point, record=record, code=HEART_RATE.code, amounts={"": beats}
        )
    word = WORDS.get(point["value"].get("resultClassification", ""))
    if word is not None:
        yield reading(
            listing, taken, point, record=record, code=CLASSIFICATION, amounts={"": Word(word)}
        )


def _strip(listing: Listing, point: Row, measured: Mapping[str, Said]) -> Reading:
    """Give the waveform, as long as its samples take, with what was measured in it."""
    value, taken = point["value"], at(point, listing)
    rate, factor = (
        Decimal(value[name]) for name in ("samplingFrequencyHertz", "millivoltsScalingFactor")
    )
    length_ms = math.ceil(len(value["waveformSamples"]) * MS_PER_SECOND / rate)
    end = taken.start + timedelta(milliseconds=length_ms)
    end_offset = taken.offset if has_offset(point) else offset_at(end, listing.zone)
    return reading(
        listing,
        replace(taken, end=end, end_offset=end_offset, closes=end),
        point,
        record=record_of(point),
        code=STRIP,
        amounts={"": _waveform(value["waveformSamples"], rate, factor), **measured},
    )


def _waveform(samples: Sequence[int], rate: Decimal, factor: Decimal) -> Samples:
    times = ((n * MS_PER_SECOND / rate).quantize(FINEST_MS) for n in range(len(samples)))
    values = (_millivolts(one, factor) for one in samples)
    return Samples(tuple(zip(times, values, strict=True)), "mV")


def _millivolts(sample: int, factor: Decimal) -> Decimal:
    value = Decimal(sample) / factor
    is_exact = Decimal(10) ** MOST_DIGITS % factor == 0
    return value if is_exact else value.quantize(NANOVOLT, ROUND_HALF_EVEN)
