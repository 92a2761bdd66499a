"""A night that is told anew: one light stage was deep, or somebody slept a minute longer.

Belongs here: what then changes in stages and summary, so that both agree. Not here: which night
(`seeded.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.google_health.points import Value, without_zeros
from sandbox.google_health.stages import DEEP, LIGHT
from sandbox.withings.life import MINUTE


def deepened(value: Value) -> Value:
    """Give the fields of a night that change; without a light stage its summary alone."""
    stages = value["stages"]
    place = next((n for n, one in enumerate(stages) if one["type"] == LIGHT), None)
    if place is None or "summary" not in value:
        return _longer(value)
    changed = [*stages[:place], stages[place] | {"type": DEEP}, *stages[place + 1 :]]
    told = [one for one in value["summary"]["stagesSummary"] if one["type"] not in {DEEP, LIGHT}]
    told += [_stage_summary(changed, type_) for type_ in (DEEP, LIGHT)]
    told = [one for one in told if one.get("count")]
    return {"stages": changed, "summary": value["summary"] | {"stagesSummary": told}}


def _longer(value: Value) -> Value:
    summary = value.get("summary", {})
    asleep = int(summary.get("minutesAsleep", 0)) + 1
    return {"summary": summary | {"minutesAsleep": str(asleep)}}


def _stage_summary(stages: list[dict[str, Any]], type_: str) -> Value:
    own = [one for one in stages if one["type"] == type_]
    seconds = sum(_at(one["endTime"]) - _at(one["startTime"]) for one in own)
    told = {"type": type_, "minutes": str(int(seconds // MINUTE)), "count": str(len(own))}
    return without_zeros(told)


def _at(told: str) -> float:
    return datetime.fromisoformat(told).timestamp()
