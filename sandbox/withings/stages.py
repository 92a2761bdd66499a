"""The segments of a night as the vendor's sleep `get` lists them, with the series inside.

Belongs here: stages and series. Not here: nights and their summaries (`nights.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sandbox.withings.habits import NIGHT_OWL, PLAIN
from sandbox.withings.life import MINUTE, Life
from sandbox.withings.minutes import resting
from sandbox.withings.wire import Device

Segment = dict[str, Any]
AWAKE, LIGHT, DEEP, REM = range(4)
UNSPECIFIED, OUT_OF_BED = 5, 15
ASLEEP = (LIGHT, DEEP, REM, UNSPECIFIED)
# The vendor's list may grow: 9 is on none.
UNKNOWN = 9
SAMPLED_EVERY = 10 * MINUTE
SHORT = 90 * MINUTE
SERIES = ("hr", "rr", "snoring", "sdnn_1", "rmssd", "mvt_score")
# Stages in the order of a cycle, with their least and most minutes.
_CYCLE = ((LIGHT, 14, 36), (DEEP, 12, 38), (LIGHT, 8, 24), (REM, 6, 31))


def make_segments(
    life: Life, day: date, place: int, span: tuple[int, int], *, device: Device, is_mat: bool
) -> tuple[Segment, ...]:
    """Give segments without gap from the start of a span to its end."""
    rng = life.chance(day, f"stages {place}")
    name = {
        "model": device.model,
        "model_id": device.model_id,
        "deviceid": device.id,
        "hash_deviceid": device.id,
    }
    start, end = span
    made: list[Segment] = []
    for state, minutes in _states(life, day, rng, is_short=end - start <= SHORT, is_mat=is_mat):
        until = min(start + minutes * MINUTE, end)
        segment = {"startdate": start, "enddate": until, "state": state} | name
        made.append(segment | _series(life, rng, (start, until), is_mat=is_mat))
        start = until
        if start == end:
            break
    if life.habits.way == PLAIN and life.turn(day) % 7 == 1:
        # Seen on the wire: a sample after what it belongs to.
        made[-1]["hr"] |= {str(end + SAMPLED_EVERY): resting(life.habits)}
    return tuple(made)


def _states(
    life: Life, day: date, rng: random.Random, *, is_short: bool, is_mat: bool
) -> Iterator[tuple[int, int]]:
    """Give stages and their minutes, more of them than any night is long."""
    if is_short:
        yield AWAKE, 4
        while True:
            yield UNSPECIFIED, 30
    yield AWAKE, rng.randrange(4, 26)
    if life.habits.way == NIGHT_OWL and life.turn(day) % 9 == 0:
        yield UNKNOWN, 3
    while True:
        for state, least, most in _CYCLE:
            yield state, rng.randrange(least, most)
        if rng.random() < 0.4:  # noqa: PLR2004 (after some of the cycles)
            leaves = is_mat and rng.random() < 0.3  # noqa: PLR2004 (now and then)
            yield OUT_OF_BED if leaves else AWAKE, rng.randrange(1, 9)


def _series(life: Life, rng: random.Random, span: tuple[int, int], *, is_mat: bool) -> Segment:
    """Give a sample every ten minutes, of what the device counts."""
    start, end = span
    times = [str(at) for at in range(start, end, SAMPLED_EVERY)]
    pulse = resting(life.habits)
    found: Segment = {"hr": {at: pulse + rng.randrange(-6, 9) for at in times}}
    if is_mat:
        found["rr"] = {at: rng.randrange(11, 18) for at in times}
        found["snoring"] = {at: rng.choice((0, 0, 0, 45, 120)) for at in times}
        found["mvt_score"] = {at: rng.randrange(0, 60) for at in times}
    else:
        found["rmssd"] = {at: rng.randrange(22, 74) for at in times}
        found["sdnn_1"] = {at: rng.randrange(30, 90) for at in times}
    return found


def within(segments: Sequence[Segment], start: int, end: int) -> list[Segment]:
    """Give the segments that reach into a window, by their start."""
    found = [one for one in segments if one["startdate"] <= end and one["enddate"] > start]
    return sorted(found, key=lambda one: (one["startdate"], str(one["hash_deviceid"])))


def narrowed(segment: Mapping[str, Any], names: frozenset[str]) -> Segment:
    """Leave of a segment's series those that were asked for."""
    return {name: part for name, part in segment.items() if name not in SERIES or name in names}
