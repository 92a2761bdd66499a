"""Nights and naps with their stages, by the civil day of waking up.

Belongs here: who tells a night, and in which versions. Not here: when somebody is in bed (`beds.py`),
the stages as they are dealt (`stages.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sandbox.google_health.beds import in_bed, nap_of, night_of
from sandbox.google_health.gear import SLEEP_APP
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.stages import (
    ASLEEP,
    CLASSIC,
    STAGES,
    Stage,
    classic_stages,
    deep_stages,
    stages_json,
    summary,
)
from sandbox.google_health.wearers import Wearer
from sandbox.withings.habits import DILIGENT, NIGHT_OWL, TRAVELLER, TYPIST
from sandbox.withings.life import HOUR, MINUTE

PROCESSED_AFTER = HOUR
NIGHT, OF_APP, NAP = range(3)


def nights(wearer: Wearer, day: date) -> Iterator[Point]:
    """Give the nights and naps that end on a day; of one there may be an earlier version."""
    watch, night, nap = wearer.gear.watch, night_of(wearer, day), nap_of(wearer, day)
    if watch is not None and night is not None:
        yield from _of_watch(wearer, day, night, watch)
    if watch is not None and nap is not None:
        value = nap_value(wearer, classic_stages(wearer, day, nap))
        yield _told(wearer, day, nap, place=NAP, watch=watch, value=value)
    if wearer.way == TYPIST and wearer.turn(day) % 3:
        yield _of_app(wearer, day, in_bed(wearer, day))
    if wearer.way == DILIGENT and wearer.turn(day) % 4 == 1:
        start, end = in_bed(wearer, day)
        yield _of_app(wearer, day, (start - 4 * MINUTE, end + 6 * MINUTE))


def nap_value(wearer: Wearer, stages: list[Stage]) -> Value:
    """Give what a tracker tells of a nap."""
    metadata = {"stagesStatus": "REJECTED_NAP", "processed": True, "nap": True}
    return _value(wearer, stages, metadata)


def _of_watch(wearer: Wearer, day: date, span: tuple[int, int], watch: Source) -> Iterator[Point]:
    """Give a night as it is told at first, and as it is an hour later."""
    rough, turn = classic_stages(wearer, day, span), wearer.turn(day)
    first = _value(wearer, rough, {"processed": False})
    del first["summary"]
    if turn % 2 and wearer.way != NIGHT_OWL:
        # `false` may be left out, as any zero.
        first |= {"type": STAGES, "metadata": {}}
        del first["stages"]
    told = _told(wearer, day, span, place=NIGHT, watch=watch, value=first)
    yield told
    if (wearer.way, turn % 26) in {(NIGHT_OWL, 9), (TRAVELLER, 13)}:
        return  # one that is never done
    is_old = wearer.way == NIGHT_OWL
    status = "REJECTED_COVERAGE" if is_old else "SUCCEEDED"
    metadata = {"stagesStatus": status, "processed": True, "mainSleep": True}
    if turn % 19 == 4:  # noqa: PLR2004 (somebody corrects the times now and then)
        metadata["manuallyEdited"] = True
    stages = rough if is_old else deep_stages(wearer, day, span)
    value = _value(wearer, stages, metadata, type_=CLASSIC if is_old else STAGES)
    yield replace(
        told, value=value | _asides(wearer, day, stages), updated=told.created + PROCESSED_AFTER
    )


def _of_app(wearer: Wearer, day: date, span: tuple[int, int]) -> Point:
    """Give what an app on the phone passed on: how long, on some nights no summary either."""
    stages = [Stage(start=span[0], end=span[1], type=ASLEEP)]
    number = wearer.number("sleep", day, OF_APP, SLEEP_APP)
    turn = wearer.turn(day)
    metadata: Value = {"externalId": number, "mainSleep": True}
    if turn % 4:
        metadata["processed"] = True  # not every one says so
    value = _value(wearer, stages, metadata)
    if turn % 5 == 0:
        del value["summary"]
    told_at = span[1] + 9 * MINUTE
    return wearer.point("sleep", span, value, SLEEP_APP, day=day, told_at=told_at, point_id=number)


def _told(
    wearer: Wearer, day: date, span: tuple[int, int], *, place: int, watch: Source, value: Value
) -> Point:
    number = wearer.number("sleep", day, place, watch)
    return wearer.point("sleep", span, value, watch, day=day, point_id=number)


def _value(wearer: Wearer, stages: list[Stage], metadata: Value, *, type_: str = CLASSIC) -> Value:
    return {
        "type": type_,
        "stages": stages_json(wearer, stages),
        "metadata": metadata,
        "summary": summary(stages),
    }


def _asides(wearer: Wearer, day: date, stages: list[Stage]) -> Value:
    """Give what some nights have beside their stages."""
    turn, middle = wearer.turn(day), stages[len(stages) // 2]
    found: Value = {}
    if turn % 4 == 0:
        short = Stage(start=middle.start + MINUTE, end=middle.start + 2 * MINUTE, type="AWAKE")
        found["shortAwakenings"] = stages_json(wearer, [short])
    if turn % 7 == 2:  # noqa: PLR2004 (a turn of a week)
        out = Stage(start=middle.start, end=middle.start + 3 * MINUTE, type="")
        told = stages_json(wearer, [out])[0]
        found["outOfBedSegments"] = [{name: told[name] for name in told if name != "type"}]
    return found
