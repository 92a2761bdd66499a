"""The minutes of a day as the vendor's `getintradayactivity` lists them, by their second.

Belongs here: entries of heart rates, steps, and what a plan that costs more adds. Not here: when
somebody moves (`life.py`), or the totals of a day (`activity_days.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sandbox.withings.gear import SCANWATCH_2
from sandbox.withings.habits import PLAIN, Habits
from sandbox.withings.life import HOUR, MINUTE, Bout, Life
from sandbox.withings.wire import Device

Entry = dict[str, Any]
Entries = dict[int, Entry]
TEN_MINUTES = 10 * MINUTE
STEPS_PER_FLOOR = 400
PHONE_LATE, SECOND_LATE = 7, 31  # seconds, so that no two devices tell of the same second
NIGHT_HOURS = range(6)


def minutes_of(life: Life, day: date) -> Entries:
    """Give the entries of a day, in order: of the watches and of the phone."""
    start, end = life.start(day), life.end(day)
    found: Entries = {}
    if life.gear.watch is not None:
        _merge(found, _pulses(life, day, life.gear.watch))
        _merge(found, _moves(life, day, life.gear.watch))
        _merge(found, _costly(life, day, life.gear.watch))
        _merge(found, _gaps(life, day, life.gear.watch))
    if life.gear.second_watch is not None:
        _merge(found, _of_second(life, day, life.gear.second_watch))
    if life.gear.phone is not None:
        _merge(found, _of_phone(life, day, life.gear.phone))
    return {at: found[at] for at in sorted(found) if start <= at < end}


def workout_minutes(life: Life, day: date, number: int, bout: Bout) -> Iterator[tuple[int, Entry]]:
    """Give what a watch counts of the n-th workout of a day, minute by minute."""
    return _counted(bout, life.chance(day, f"workout {number}"), with_pulse=True)


def named(device: Device) -> Entry:
    """Give the fields that name a device."""
    return {
        "deviceid": device.id,
        "hash_deviceid": device.id,
        "model": device.model,
        "model_id": device.model_id,
    }


def _merge(found: Entries, more: Iterator[tuple[int, Entry]]) -> None:
    for at, entry in more:
        found[at] = found.get(at, {}) | entry


def _pulses(life: Life, day: date, watch: Device) -> Iterator[tuple[int, Entry]]:
    """Take the pulse every ten minutes; what a loose strap reads is 0."""
    rng = life.chance(day, "pulses")
    start = life.start(day)
    for at in range(start, life.end(day), TEN_MINUTES):
        asleep = (at - start) // HOUR in NIGHT_HOURS
        rate = resting(life.habits) + (rng.randrange(-5, 4) if asleep else rng.randrange(3, 19))
        is_loose = life.habits.way == PLAIN and rng.random() < 0.02  # noqa: PLR2004 (one in fifty)
        yield at, named(watch) | {"heart_rate": 0 if is_loose else rate}


def resting(habits: Habits) -> int:
    """Give somebody's pulse at rest."""
    return 52 + habits.seed % 13


def _moves(life: Life, day: date, watch: Device) -> Iterator[tuple[int, Entry]]:
    """Give the minutes of walks and workouts, also of one that began the day before."""
    for number, walk in enumerate(life.walks(day)):
        for at, entry in _counted(walk, life.chance(day, f"walk {number}"), with_pulse=False):
            yield at, named(watch) | entry
    for began in (day - timedelta(days=1), day):
        for number, bout in enumerate(life.workouts(began)):
            if not bout.by_phone and bout.pace:
                for at, entry in workout_minutes(life, began, number, bout):
                    yield at, named(watch) | entry


def _counted(bout: Bout, rng: random.Random, *, with_pulse: bool) -> Iterator[tuple[int, Entry]]:
    for number in range(bout.minutes):
        steps = max(1, bout.pace + rng.randrange(-3, 4))
        entry: Entry = {
            "steps": steps,
            "duration": MINUTE,
            "distance": round(steps * 0.74, 1),
            "calories": round(steps * 0.043, 2),
            "elevation": 1 if rng.randrange(STEPS_PER_FLOOR) < steps else 0,
        }
        if with_pulse:
            entry["heart_rate"] = bout.heart_rate + rng.randrange(-9, 14)
        yield bout.start + number * MINUTE, entry


def _costly(life: Life, day: date, watch: Device) -> Iterator[tuple[int, Entry]]:
    """Give what one watch measures in the night for a plan that costs more."""
    if watch.model_id != SCANWATCH_2:
        return
    rng = life.chance(day, "costly")
    for half_hour in range(2 * len(NIGHT_HOURS)):
        at = life.start(day) + half_hour * HOUR // 2 + 2 * MINUTE
        yield (
            at,
            named(watch)
            | {
                "spo2_auto": rng.randrange(93, 99),
                "rmssd": rng.randrange(24, 71),
                "sdnn1": rng.randrange(30, 88),
                "hrv_quality": rng.randrange(1, 4),
                "rr": rng.randrange(12, 18),
                "core_body_temperature": round(36.2 + rng.randrange(9) / 10, 1),
            },
        )


def _gaps(life: Life, day: date, watch: Device) -> Iterator[tuple[int, Entry]]:
    """Leave the watch on its charger for an hour now and then: nothing but a length."""
    if life.turn(day) % 5 == 2:  # noqa: PLR2004 (a turn of five days)
        yield life.at(day, 21, 3), named(watch) | {"duration": HOUR}


def _of_second(life: Life, day: date, watch: Device) -> Iterator[tuple[int, Entry]]:
    """Wear a second watch in the evening: it counts steps that the first counts, too."""
    if life.turn(day) % 3 == 0:
        evening = life.walks(day)[-1]
        for at, entry in _counted(evening, life.chance(day, "second"), with_pulse=False):
            yield at + SECOND_LATE, named(watch) | entry


def _of_phone(life: Life, day: date, phone: tuple[int, str]) -> Iterator[tuple[int, Entry]]:
    """Carry the phone on walks: one entry for each, of somewhat other steps."""
    model_id, model = phone
    name = {"deviceid": None, "hash_deviceid": None, "model": model, "model_id": model_id}
    for walk in life.walks(day):
        steps = walk.minutes * walk.pace * 97 // 100
        counted = {"steps": steps, "duration": walk.end - walk.start}
        yield walk.start + PHONE_LATE, name | counted | {"distance": round(steps * 0.71, 1)}
