"""The stages of a night, without gap, and what they come to.

Belongs here: dealing stages, their JSON, the summary. Not here: nights (`nights.py`).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.google_health.beds import HALF_MINUTE
from sandbox.google_health.points import Value, without_zeros
from sandbox.google_health.wearers import Wearer
from sandbox.google_health.wire import instant
from sandbox.withings.habits import TRAVELLER
from sandbox.withings.life import MINUTE

STAGES, CLASSIC = "STAGES", "CLASSIC"
AWAKE, LIGHT, DEEP, REM = "AWAKE", "LIGHT", "DEEP", "REM"
ASLEEP, RESTLESS = "ASLEEP", "RESTLESS"
# The vendor's list may grow: this one is on none.
UNKNOWN = "DOZING"
_SLEPT = frozenset({LIGHT, DEEP, REM, ASLEEP, UNKNOWN})
# Stages in the order of a cycle, with their least and most half minutes.
_CYCLE = ((LIGHT, 28, 72), (DEEP, 24, 76), (LIGHT, 16, 48), (REM, 12, 62))


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One stage, in seconds."""

    start: int
    end: int
    type: str


def deep_stages(wearer: Wearer, day: date, span: tuple[int, int]) -> list[Stage]:
    """Give a night as a watch tells it that knows four stages."""
    rng = wearer.chance(day, "stages")
    has_unknown = wearer.way == TRAVELLER and wearer.turn(day) % 13 == 5  # noqa: PLR2004
    return _cut(span, _cycles(rng, has_unknown=has_unknown))


def is_processed(value: Value) -> bool:
    """Tell whether the vendor has done with a night.

    Of one that is to have stages and has none it may say by silence that it has not.
    """
    metadata = value.get("metadata", {})
    if metadata.keys() & {"processed", "stagesStatus"}:
        return metadata.get("processed") is not False
    return value.get("type") != STAGES or bool(value.get("stages"))


def classic_stages(wearer: Wearer, day: date, span: tuple[int, int]) -> list[Stage]:
    """Give a night, or a nap, as a tracker tells it that knows only movement."""
    return _cut(span, _restless(wearer.chance(day, "classic")))


def stages_json(wearer: Wearer, stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Give stages with the offset of each end."""
    return [
        {
            "startTime": instant(one.start * 1_000),
            "startUtcOffset": f"{wearer.offset(one.start)}s",
            "endTime": instant(one.end * 1_000),
            "endUtcOffset": f"{wearer.offset(one.end)}s",
            "type": one.type,
        }
        for one in stages
    ]


def summary(stages: Sequence[Stage]) -> Value:
    """Give what stages come to, in whole minutes; what is zero is not told."""
    seconds: Counter[str] = Counter()
    for one in stages:
        seconds[one.type] += one.end - one.start
    counts = Counter(one.type for one in stages)
    asleep = sum(lasted for type_, lasted in seconds.items() if type_ in _SLEPT) // MINUTE
    period = (stages[-1].end - stages[0].start) // MINUTE
    told = {
        "minutesInSleepPeriod": str(period),
        "minutesAsleep": str(asleep),
        "minutesAwake": str(period - asleep),
        "minutesToFallAsleep": str(_awake(stages[0])),
        "minutesAfterWakeUp": str(_awake(stages[-1])),
        "stagesSummary": [
            without_zeros(
                {"type": one, "minutes": str(seconds[one] // MINUTE), "count": str(counts[one])}
            )
            for one in sorted(counts)
        ],
    }
    return without_zeros(told)


def _awake(stage: Stage) -> int:
    return (stage.end - stage.start) // MINUTE if stage.type == AWAKE else 0


def _cut(span: tuple[int, int], dealt: Iterator[tuple[str, int]]) -> list[Stage]:
    """Lay stages one after another until the span ends."""
    at, end = span
    made: list[Stage] = []
    while at < end:
        type_, half_minutes = next(dealt)
        until = min(at + half_minutes * HALF_MINUTE, end)
        made.append(Stage(start=at, end=until, type=type_))
        at = until
    return made


def _cycles(rng: random.Random, *, has_unknown: bool) -> Iterator[tuple[str, int]]:
    """Give stages and their half minutes, more of them than any night is long."""
    if rng.random() < 0.8:  # noqa: PLR2004 (some fall asleep at once)
        yield AWAKE, rng.randrange(6, 50)
    if has_unknown:
        yield UNKNOWN, 9
    while True:
        for type_, least, most in _CYCLE:
            yield type_, rng.randrange(least, most)
        if rng.random() < 0.6:  # noqa: PLR2004 (after some of the cycles)
            yield AWAKE, rng.randrange(2, 20)


def _restless(rng: random.Random) -> Iterator[tuple[str, int]]:
    yield (RESTLESS if rng.random() < 0.3 else AWAKE), rng.randrange(2, 24)  # noqa: PLR2004
    while True:
        yield ASLEEP, rng.randrange(40, 170)
        yield rng.choice((RESTLESS, RESTLESS, AWAKE)), rng.randrange(2, 14)
