"""ECGs as the vendor's heart calls list them, with their signals.

Belongs here: when somebody takes one, and what it says. Not here: what the vendor lists of it among
the measures (`further_measures.py`), or lists (`collection.py`).
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import Any

from sandbox.withings.gear import BPM_CORE
from sandbox.withings.habits import HOUSEMATE
from sandbox.withings.life import MINUTE, Life
from sandbox.withings.minutes import resting
from sandbox.withings.wire import group_number

Row = dict[str, Any]
NEGATIVE, POSITIVE, INCONCLUSIVE = range(3)
UPLOADED_AFTER = 95
# Apart from the numbers of measure groups, of workouts and of nights.
APART = 3_000_000_000
_WATCH_HZ, _WATCH_SECONDS = 300, 30
_CORE_HZ, _CORE_SECONDS = 500, 20
_R_WAVE, _T_WAVE = 920, 210  # microvolts


def strips_of(life: Life, day: date) -> list[Row]:
    """Give the rows of a day; one is listed from `modified` on. Without an ECG: a cuff's reading."""
    turn = life.turn(day)
    if life.gear.heart is None or turn % 3 == 2:  # noqa: PLR2004 (two days of three)
        return []
    rng = life.chance(day, "ecg")
    at = life.at(day, 9, rng.randrange(5, 45)) + rng.randrange(MINUTE)
    rows = [_row(life, day, at, 0)]
    if life.habits.way == HOUSEMATE and turn % 8 == 1:
        rows.append(_row(life, day, life.at(day, 23, 59) + 40, 1))
    return rows


def _row(life: Life, day: date, at: int, number: int) -> Row:
    heart = life.gear.heart
    if heart is None:
        raise ValueError("nothing takes ECGs here")
    turn = life.turn(day)
    row: Row = {
        "deviceid": heart.id,
        "hash_deviceid": heart.id,
        "model": heart.model_id,
        "heart_rate": resting(life.habits) + 6 + turn % 11,
        "modified": at + UPLOADED_AFTER,
        "timestamp": at,
    }
    signal = group_number(life.habits.number, day, number) - APART
    if heart.model_id == BPM_CORE:
        systolic = life.habits.systolic + turn % 7 - 3
        row["bloodpressure"] = {"systole": systolic, "diastole": round(systolic * 0.63)}
        if turn % 2:
            return row
        row["stetho"] = {"signalid": signal + 16, "vhd": 0}
    return row | {"ecg": {"signalid": signal, "afib": _found(turn)}}


def _found(turn: int) -> int:
    if turn % 12 == 0:
        return POSITIVE
    return INCONCLUSIVE if turn % 9 == 0 else NEGATIVE


@lru_cache(maxsize=256)
def samples_of(signal: int, *, rate: int, is_core: bool) -> tuple[int, ...]:
    """Give the microvolts of an ECG: spikes and waves at the rate of the heart, and some noise."""
    hertz = _CORE_HZ if is_core else _WATCH_HZ
    seconds = _CORE_SECONDS if is_core else _WATCH_SECONDS
    beat = hertz * 60 / rate
    return tuple(
        _at(number % beat / beat, (number * 7 + signal) % 23) for number in range(hertz * seconds)
    )


def _at(part: float, noise: int) -> int:
    """Give the microvolts at a part of a beat."""
    spike = _R_WAVE * math.exp(-(((part - 0.3) / 0.012) ** 2))
    wave = _T_WAVE * math.exp(-(((part - 0.55) / 0.05) ** 2))
    return round(spike + wave) + noise - 11


def signal_body(row: Row) -> Row:
    """Give what `get` says of a row's ECG."""
    is_core = row["model"] == BPM_CORE
    signal = row["ecg"]["signalid"]
    samples = list(samples_of(signal, rate=row["heart_rate"], is_core=is_core))
    if "sample" in row:
        samples[0] = row["sample"]
    return {
        "signal": samples,
        "sampling_frequency": _CORE_HZ if is_core else _WATCH_HZ,
        "wearposition": 2 if is_core else 1,
        "model": row["model"],
        "heart_rate": {"value": row["heart_rate"], "date": row["timestamp"]},
    }


def with_signal(row: Row) -> Row:
    """Give a row of the list with what `get` says of its ECG, where it has one."""
    return row | {"signal": signal_body(row)} if "ecg" in row else row
