"""Nights and naps as the vendor's sleep calls list them, by the local day of waking up.

Belongs here: when somebody sleeps, who records it, and the summary of what was recorded. Not here:
the stages and series inside (`stages.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sandbox.withings.gear import on_the_clock
from sandbox.withings.habits import DILIGENT, NIGHT_OWL, TRAVELLER, TYPIST
from sandbox.withings.life import HOUR, MINUTE, Life
from sandbox.withings.stages import (
    ASLEEP,
    AWAKE,
    DEEP,
    LIGHT,
    OUT_OF_BED,
    REM,
    UNSPECIFIED,
    Segment,
    make_segments,
)
from sandbox.withings.wire import Device, group_number

Row = dict[str, Any]
TRACKER_MODEL, MONITOR_MODEL = 16, 32
HEALTH_CONNECT = 1060
UPLOADED_AFTER = 15 * MINUTE
COMPLETED_AFTER = 2 * HOUR
# Apart from the numbers of measure groups and of workouts.
APART = 2_000_000_000
NAP, WATCH, MAT, EXTERNAL = range(4)


@dataclass(frozen=True, kw_only=True)
class Night:
    """One row of the summary and the segments of `get` that belong to it."""

    row: Row
    segments: tuple[Segment, ...] = field(default=(), repr=False)
    # While a night is not completed, what will be known of it is not listed.
    completed_at: int | None = None

    def listed(self, now: float) -> Row | None:
        """Give the row as it is listed now; None before it is."""
        if self.row["created"] > now:
            return None
        if self.completed_at is None:
            return self.row
        if self.completed_at > now:
            return self.row | {"completed": False}
        return self.row | {"modified": self.completed_at}


def nights_of(life: Life, day: date) -> list[Night]:
    """Give the nights and naps that end on a day."""
    return list(_nights(life, day))


def _nights(life: Life, day: date) -> Iterator[Night]:
    start, end = _in_bed(life, day)
    gear = life.gear
    if life.habits.way == TYPIST:
        if life.turn(day) % 3:
            yield _external(life, day, start, end)
        return
    if gear.mat is not None:
        yield _recorded(life, day, MAT, (start, end), gear.mat)
    # With both, the watch is worn every other night.
    if gear.watch is not None and (gear.mat is None or life.turn(day) % 2 == 0):
        apart = 0 if gear.mat is None else 9 * MINUTE
        yield _recorded(life, day, WATCH, (start + apart, end - apart), gear.watch)
    if life.habits.way in {DILIGENT, TRAVELLER} and life.turn(day) % 6 == 2 and gear.watch:  # noqa: PLR2004
        slept = life.chance(day, "nap").randrange(25, 75) * MINUTE
        lay_down = life.at(day, 14, 40)
        yield _recorded(life, day, NAP, (lay_down, lay_down + slept), gear.watch)


def _in_bed(life: Life, day: date) -> tuple[int, int]:
    """Go to bed before midnight and get up in the morning, or both later."""
    rng = life.chance(day, "bed")
    zone = life.zone(day)
    late = timedelta(hours=3) if life.habits.way == NIGHT_OWL else timedelta()
    to_bed = timedelta(minutes=rng.randrange(-110, -20)) + late
    up = timedelta(hours=6, minutes=rng.randrange(0, 80)) + late
    return on_the_clock(day, zone, to_bed), on_the_clock(day, zone, up)


def _external(life: Life, day: date, start: int, end: int) -> Night:
    """Give what a phone's health app passed on: how long, and no more."""
    data = dict.fromkeys(("lightsleepduration", "deepsleepduration", "remsleepduration"))
    slept = (end - start) * 9 // 10 // MINUTE * MINUTE
    row = _row(life, day, EXTERNAL, (start, end), data | {"asleepduration": slept})
    return Night(row=row | {"model": TRACKER_MODEL, "model_id": HEALTH_CONNECT})


def _recorded(life: Life, day: date, place: int, span: tuple[int, int], device: Device) -> Night:
    is_mat = place == MAT
    segments = make_segments(life, day, place, span, device=device, is_mat=is_mat)
    data = summary(segments, span, is_mat=is_mat)
    if life.habits.way == TRAVELLER:
        data["rr_average"] = 0  # seen on the wire where a watch does not count breaths
    row = _row(life, day, place, span, data) | {
        "model": MONITOR_MODEL if is_mat else TRACKER_MODEL,
        "model_id": device.model_id,
        "hash_deviceid": device.id,
    }
    if place == WATCH and life.habits.way == NIGHT_OWL and life.turn(day) % 13 == 5:  # noqa: PLR2004
        return Night(row=row | {"completed": False}, segments=segments)
    waits = place == MAT and life.turn(day) % 4 == 1
    completed_at = span[1] + COMPLETED_AFTER if waits else None
    return Night(row=row, segments=segments, completed_at=completed_at)


def _row(life: Life, day: date, place: int, span: tuple[int, int], data: Row) -> Row:
    start, end = span
    uploaded_at = end + UPLOADED_AFTER
    return {
        "id": group_number(life.habits.number, day, place) - APART,
        "timezone": life.zone(day).key,
        "hash_deviceid": None,
        "startdate": start,
        "enddate": end,
        "date": day.isoformat(),
        "created": uploaded_at,
        "modified": uploaded_at,
        "completed": True,
        "data": data,
    }


def summary(segments: Sequence[Segment], span: tuple[int, int], *, is_mat: bool) -> Row:
    """Give the summary of segments: every sum is one of theirs."""
    first, last = _outer(segments, AWAKE), _outer(segments[::-1], AWAKE)
    slept = sum(_lasted(segments, state) for state in ASLEEP)
    awake = _lasted(segments, AWAKE) + _lasted(segments, OUT_OF_BED)
    in_bed = span[1] - span[0]
    inner = [one for one in segments[1:-1] if one["state"] in {AWAKE, OUT_OF_BED}]
    asleep_parts = {}
    if not _lasted(segments, UNSPECIFIED):
        asleep_parts = {
            "lightsleepduration": _lasted(segments, LIGHT),
            "deepsleepduration": _lasted(segments, DEEP),
            "remsleepduration": _lasted(segments, REM),
        }
    return {
        "total_timeinbed": in_bed,
        "total_sleep_time": slept,
        **asleep_parts,
        "sleep_efficiency": round(slept / in_bed, 2),
        "sleep_latency": first,
        "wakeup_latency": last,
        "wakeupduration": awake,
        "wakeupcount": len(inner),
        "waso": max(0, awake - first - last),
        "out_of_bed_count": sum(one["state"] == OUT_OF_BED for one in segments),
        "nb_rem_episodes": sum(one["state"] == REM for one in segments),
        "sleep_score": min(100, 30 + slept // (8 * MINUTE)),
        **_through("hr", segments),
        **(_through("rr", segments) | _breathing(segments) if is_mat else {}),
    }


def _outer(segments: Sequence[Segment], state: int) -> int:
    """Give how long the first of the segments lasted, if it was of this state."""
    one = segments[0]
    return one["enddate"] - one["startdate"] if one["state"] == state else 0


def _lasted(segments: Sequence[Segment], state: int) -> int:
    return sum(one["enddate"] - one["startdate"] for one in segments if one["state"] == state)


def _through(name: str, segments: Sequence[Segment]) -> Row:
    values = [value for one in segments for value in one.get(name, {}).values()]
    if not values:
        return {}
    average = round(sum(values) / len(values))
    return {f"{name}_average": average, f"{name}_min": min(values), f"{name}_max": max(values)}


def _breathing(segments: Sequence[Segment]) -> Row:
    snored = [value for one in segments for value in one.get("snoring", {}).values()]
    episodes = sum(value > 0 for value in snored)
    return {
        "snoring": sum(snored),
        "snoringepisodecount": episodes,
        "apnea_hypopnea_index": 2 + episodes % 5,
        "breathing_disturbances_intensity": 4 + 3 * (episodes % 7),
        "night_events": None,
        "mvt_score_avg": 20 + episodes,
    }
