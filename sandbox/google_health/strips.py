"""ECGs, and notices of an irregular rhythm.

Belongs here: when somebody takes one, and what it says. Not here: other samples of the heart
(`pulses.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from sandbox.google_health.points import NO_SOURCE, Point, Value, civil
from sandbox.google_health.wearers import Wearer
from sandbox.google_health.wire import civil_json, instant
from sandbox.withings.life import MINUTE
from sandbox.withings.minutes import resting

HERTZ, SECONDS = 250, 30
UPLOADED_AFTER = 95
# Every one of them divides a sample into a short decimal.
# The last is Fitbit's own, which divides into no end of digits.
FACTORS = (1_000, 1_024, 10_922)
_R_WAVE, _T_WAVE = 1.12, 0.24  # millivolts
_FOUND = {
    0: "ATRIAL_FIBRILLATION",
    3: "INCONCLUSIVE",
    4: "INCONCLUSIVE_HIGH_HEART_RATE",
    6: "UNREADABLE",
    7: "INCONCLUSIVE_LOW_HEART_RATE",
    9: "NOT_ANALYZED",
    10: "PREMATURE_BEATS",  # on no list
}
_TURN, _OLD, _WITHOUT_SAMPLES = 14, 21, 22


def strips(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give a day's ECGs: on two days of three."""
    turn = wearer.turn(day)
    if not wearer.gear.takes_ecgs or turn % 3 == 2:  # noqa: PLR2004 (two days of three)
        return
    at = wearer.at(day, 9, turn % 41) + turn % MINUTE
    yield strip(wearer, day, 0, at)
    if turn % 8 == 1:
        yield strip(wearer, day, 1, wearer.end(day) - 20)  # its samples reach into the next day


def strip(wearer: Wearer, day: date, place: int, at: int) -> Point:
    """Give one ECG; an old one tells no offsets."""
    turn, watch = wearer.turn(day), wearer.gear.watch
    rate = resting(wearer.life.habits) + 6 + turn % 11
    factor = FACTORS[turn // 3 % len(FACTORS)]
    value: Value = {
        "beatsPerMinuteAvg": str(rate),
        "leadNumber": 1,
        "medicalDeviceInfo": device_info(watch.device if watch else None),
        "millivoltsScalingFactor": factor,
        "resultClassification": _FOUND.get(turn % _TURN, "NORMAL_SINUS_RHYTHM"),
        "samplingFrequencyHertz": HERTZ,
        "waveformSamples": list(samples_of(rate, factor, turn % 23)),
    }
    if turn % _WITHOUT_SAMPLES == 0:
        del value["waveformSamples"]
    return wearer.point(
        "electrocardiogram",
        (at, at),
        value,
        NO_SOURCE,
        day=day,
        told_at=at + UPLOADED_AFTER,
        point_id=wearer.number("electrocardiogram", day, place, None),
        has_offset=turn % _OLD != 0,
    )


@lru_cache(maxsize=256)
def samples_of(rate: int, factor: int, seed: int) -> tuple[int, ...]:
    """Give the samples of an ECG: spikes and waves at the rate of the heart, and some noise."""
    beat = round(HERTZ * 60 / rate)
    shape = [round(_millivolts(number / beat) * factor) for number in range(beat)]
    return tuple(
        shape[number % beat] + (number * 7 + seed) % 23 - 11 for number in range(HERTZ * SECONDS)
    )


def device_info(model: str | None) -> Value:
    """Give what a medical device tells of itself."""
    return {
        "deviceModel": model or "",
        "algorithmVersion": "1.0.2",
        "featureVersion": "2.4.1",
        "firmwareVersion": "60.1.77.4",
        "serviceVersion": "1.1.0",
    }


def rhythm_notices(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the rare notice of an irregular rhythm, by the windows in which it was looked for."""
    turn, watch = wearer.turn(day), wearer.gear.watch
    if not wearer.gear.takes_ecgs or watch is None or turn % 12 != 5:  # noqa: PLR2004
        return
    start = wearer.at(day, 2, 10)
    starts = range(start, start + 75 * MINUTE, 15 * MINUTE)
    is_sure = turn % 36 != 29  # noqa: PLR2004 (one of three is not)
    windows = [_window(wearer, at, is_positive=is_sure and at > start) for at in starts]
    value = {"alertWindows": windows, "medicalDeviceInfo": device_info(watch.device)}
    type_ = "irregular-rhythm-notification"
    number = wearer.number(type_, day, 0, watch)
    span = (start, starts[-1] + 5 * MINUTE)
    yield wearer.point(type_, span, value, watch, day=day, point_id=number)


def _window(wearer: Wearer, start: int, *, is_positive: bool) -> Value:
    end, offset = start + 5 * MINUTE, wearer.offset(start)
    window = {
        "startTime": instant(start * 1_000),
        "startUtcOffset": f"{offset}s",
        "civilStartTime": civil_json(civil(start * 1_000, offset)),
        "endTime": instant(end * 1_000),
        "endUtcOffset": f"{wearer.offset(end)}s",
        "civilEndTime": civil_json(civil(end * 1_000, wearer.offset(end))),
        "heartBeats": [_heart_beat(start + 48 * number, offset, number) for number in range(6)],
    }
    return window | ({"positive": True} if is_positive else {})


def _heart_beat(at: int, offset: int, number: int) -> Value:
    return {
        "beatsPerMinute": 88 + 17 * number % 41,
        "physicalTime": instant(at * 1_000),
        "utcOffset": f"{offset}s",
        "civilTime": civil_json(civil(at * 1_000, offset)),
    }


def _millivolts(part: float) -> float:
    """Give the millivolts at a part of a beat."""
    spike = _R_WAVE * math.exp(-(((part - 0.3) / 0.012) ** 2))
    wave = _T_WAVE * math.exp(-(((part - 0.55) / 0.05) ** 2))
    return spike + wave
