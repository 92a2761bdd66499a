"""Takings beyond scales and cuffs: temperatures, oxygen, what goes with an ECG, feet, body water.

Belongs here: which types a day has. Not here: weights and pressures (`routines.py`, `bodies.py`), or
when an ECG is taken (`strips.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.withings.gear import BPM_CORE, SCANWATCH_2
from sandbox.withings.habits import DILIGENT, HOUSEMATE, NIGHT_OWL, PLAIN, TRAVELLER
from sandbox.withings.life import Life
from sandbox.withings.strips import strips_of
from sandbox.withings.wire import Device, Taking, any_exponent, measure

GUIDED = 15
RHYTHM, RHYTHM_BY_PULSE = 130, 139
QRS, PR, QT, QTC = range(135, 139)
# Codes of a rhythm; 99 is none.
RHYTHMS = (*range(14), 99)
ARMS_AND_LEGS_AND_TRUNK = (2, 3, 10, 11, 12)
WHOLE_BODY, RIGHT_FOOT = 7, 4
AFTER_THE_ECG = 14
LATE_SECONDS = 9 * 3_600


def further_takings(life: Life, day: date) -> list[Taking]:
    """Give a day's takings, in the order of their numbers."""
    return [
        *_temperatures(life, day),
        *_oxygen(life, day),
        *_with_ecgs(life, day),
        *_rhythms(life, day),
        *_fitness(life, day),
        *_scans(life, day),
    ]


def _temperatures(life: Life, day: date) -> Iterator[Taking]:
    rng, turn = life.chance(day, "warmth"), life.turn(day)
    tenths = rng.randrange(361, 379)
    if life.habits.way == DILIGENT and turn % 2:
        warmth = [measure(71, tenths, -1), measure(12, tenths, -1)]
        yield _taken(life, day, (7, 10), warmth, life.gear.thermometer)
    if life.habits.way == PLAIN and turn % 3 == 1:
        # An older thermometer's type alone, typed in.
        yield Taking(
            at=timedelta(hours=11), measures=[measure(12, tenths * 10, -2, fm=1)], attrib=2
        )
    if life.gear.watch and life.gear.watch.model_id == SCANWATCH_2:
        skin = [measure(73, tenths - 30, -1)]
        yield _taken(life, day, (6, 2), skin, life.gear.watch)


def _oxygen(life: Life, day: date) -> Iterator[Taking]:
    rng = life.chance(day, "oxygen")
    by = life.gear.thermometer or life.gear.watch
    if life.habits.way in {DILIGENT, HOUSEMATE, TRAVELLER} and life.turn(day) % 4:
        # A watch out of reach uploads hours later.
        late = LATE_SECONDS if life.turn(day) % 4 == 3 else 62  # noqa: PLR2004 (one day of four)
        percent = [any_exponent(rng, 54, rng.randrange(93, 100), 0)]
        yield _taken(life, day, (10, rng.randrange(60)), percent, by, upload_seconds=late)


def _with_ecgs(life: Life, day: date) -> Iterator[Taking]:
    """Give what the vendor lists of an ECG among the measures, seconds after it."""
    rng = life.chance(day, "intervals")
    for row in strips_of(life, day):
        heart = life.gear.heart
        at = _since_midnight(life, day, row["timestamp"])
        if row["model"] == BPM_CORE:
            pressure = row["bloodpressure"]
            sides = [measure(10, pressure["systole"], 0), measure(9, pressure["diastole"], 0)]
            pulse = measure(11, row["heart_rate"], 0)
            yield Taking(at=at, measures=[*sides, pulse], device=heart)
        if "ecg" in row and life.gear.watch == heart:
            at += timedelta(seconds=AFTER_THE_ECG + rng.randrange(12))
            yield Taking(at=at, measures=_intervals(rng), device=heart)
            finer = {0: 9, 1: 11, 2: 2}[row["ecg"]["afib"]]
            yield Taking(at=at, measures=[measure(RHYTHM, finer, 0)], device=heart)


def _intervals(rng: Any) -> list[dict[str, Any]]:
    return [
        measure(QRS, rng.randrange(82, 108), 0),
        measure(PR, rng.randrange(130, 190), 0),
        measure(QT, rng.randrange(350, 420), 0),
        measure(QTC, rng.randrange(380, 440), 0),
    ]


def _rhythms(life: Life, day: date) -> Iterator[Taking]:
    """Give a word about a rhythm on its own, of any of the vendor's codes."""
    rng, turn = life.chance(day, "rhythm"), life.turn(day)
    if life.habits.way == HOUSEMATE and turn % 2:
        word = [measure(RHYTHM, RHYTHMS[turn // 2 % len(RHYTHMS)], 0)]
        if turn % 5 == 0:
            word += _intervals(rng)
        yield _taken(life, day, (15, rng.randrange(60)), word, life.gear.watch)
    if life.gear.watch and turn % 4 == 0:
        word = [measure(RHYTHM_BY_PULSE, turn // 4 % 3, 0)]
        yield _taken(life, day, (3, rng.randrange(60)), word, life.gear.watch)


def _fitness(life: Life, day: date) -> Iterator[Taking]:
    rng, turn = life.chance(day, "fitness"), life.turn(day)
    if life.habits.way in {DILIGENT, TRAVELLER} and turn % 7 == 2:  # noqa: PLR2004 (once a week)
        most = [measure(123, rng.randrange(340, 520), -1)]
        yield _taken(life, day, (18, 40), most, life.gear.watch)
    if life.habits.way in {DILIGENT, NIGHT_OWL} and turn % 3 == 0:
        years = [measure(155, rng.randrange(31, 66), 0)]
        yield _taken(life, day, (8, 3), years, life.habits.scale)


def _scans(life: Life, day: date) -> Iterator[Taking]:
    """Stand on a scale that measures water, feet and each limb."""
    if life.habits.way != NIGHT_OWL or life.turn(day) % 2:
        return
    rng = life.chance(day, "scan")
    water = life.habits.weight_grams * 55 // 100
    body = [
        any_exponent(rng, 168, water * 4 // 100, -2),
        any_exponent(rng, 169, water * 6 // 100, -2),
        measure(226, 1_300 + life.habits.weight_grams // 150, 0),
        measure(227, rng.randrange(28, 60), 0),
        measure(170, rng.randrange(18, 64), -1),
        *(
            measure(175, rng.randrange(210, 980), -2, position=position)
            for position in (*ARMS_AND_LEGS_AND_TRUNK, WHOLE_BODY, RIGHT_FOOT)
        ),
    ]
    yield _taken(life, day, (8, 5), body, life.habits.scale)
    feet = [
        measure(158, rng.randrange(40, 100), 0),
        measure(159, rng.randrange(40, 100), 0),
        measure(167, rng.randrange(40, 100), 0),
        *(measure(kind, rng.randrange(480, 890), -1) for kind in (196, 197, 198, 229)),
    ]
    yield _taken(life, day, (8, 6), feet, life.habits.scale, attrib=GUIDED)


def _taken(  # noqa: PLR0913 (when, what, by which device, and how it reached the vendor)
    life: Life,
    day: date,
    clock: tuple[int, int],
    measures: list[dict[str, Any]],
    device: Device | None,
    *,
    attrib: int = 0,
    upload_seconds: int = 62,
) -> Taking:
    hour, minute = clock
    seconds = life.chance(day, f"{hour}:{minute}").randrange(60)
    at = timedelta(hours=hour, minutes=minute, seconds=seconds)
    return Taking(
        at=at, measures=measures, device=device, attrib=attrib, upload_seconds=upload_seconds
    )


def _since_midnight(life: Life, day: date, instant: int) -> timedelta:
    """Give what a clock at home shows then, since midnight: takings are dated so."""
    shown = datetime.fromtimestamp(instant, life.habits.zone).replace(tzinfo=None)
    return shown - datetime(day.year, day.month, day.day)  # noqa: DTZ001 (two of one clock's times)
