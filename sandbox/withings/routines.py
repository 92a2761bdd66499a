"""What a person measures on one local day: deterministic, with the oddities that real data have.

Belongs here: takings of a day. Not here: their shape on the wire (`wire.py`) or which of them the
vendor lists by now (`readings.py`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sandbox.withings import bodies
from sandbox.withings.habits import (
    DILIGENT,
    HOUSEMATE,
    NIGHT_OWL,
    PLAIN,
    TRAVELLER,
    TYPIST,
    Habits,
)
from sandbox.withings.wire import GOAL, Taking, any_exponent, as_group, group_number, measure

AMBIGUOUS, MANUAL, AT_CREATION, SERIES, CONFIRMED, SURE, GUIDED, UNDOCUMENTED = (
    1, 2, 4, 5, 7, 8, 15, 17,
)  # fmt: skip
TEN_HOURS = 36_000


def groups_of_day(
    habits: Habits, day: date, *, opened: date, more: Iterable[Taking] = ()
) -> list[dict[str, Any]]:
    """Give the groups of a local day, `more` behind the usual; `opened` is the account's.

    A group that the vendor lists twice stands here twice.
    """
    rng = random.Random(f"{habits.seed} {day}")  # noqa: S311 (the same readings at every start)
    takings = [*_first_day(habits, day, opened), *_takings(habits, day, rng), *more]
    groups = []
    for position, taking in enumerate(takings):
        number = group_number(habits.number, day, position)
        group = as_group(taking, number=number, day=day, zone=habits.zone)
        groups += [group] * taking.listed
    return groups


def _first_day(habits: Habits, day: date, opened: date) -> Iterator[Taking]:
    if day == opened:
        typed = [
            measure(1, habits.weight_grams, -3, fm=1),
            measure(4, habits.height_millimetres, -3, fm=1),
        ]
        yield Taking(at=timedelta(hours=1), measures=typed, attrib=AT_CREATION)


def _takings(habits: Habits, day: date, rng: random.Random) -> Iterator[Taking]:
    turn = day.toordinal()
    if habits.way == TYPIST and turn % 3 == 0:
        return  # days on which this person measures nothing at all
    yield from _mornings(habits, day, rng)
    yield from _pressures(habits, turn, rng)
    yield from _extras(habits, turn, rng)
    if habits.way in {DILIGENT, HOUSEMATE}:
        yield from _whose(habits, turn, rng)
    if habits.way in {NIGHT_OWL, PLAIN}:
        yield from _around_midnight(habits, turn, rng)
    if habits.way == TYPIST:
        yield from _typed(habits, turn, rng)


def _mornings(habits: Habits, day: date, rng: random.Random) -> Iterator[Taking]:
    """Weigh in after getting up, six days of seven."""
    turn = day.toordinal()
    if (turn + habits.number) % 7 == 0:
        return
    drift = round(900 * math.sin(turn / 17 + habits.number)) + rng.randrange(-350, 350)
    grams = (habits.weight_grams + drift) // 10 * 10
    attrib = 0
    if habits.way == TRAVELLER and turn % 4 == 1:
        attrib = CONFIRMED
    if habits.way == NIGHT_OWL and turn % 6 == 2:  # noqa: PLR2004 (a turn of six days)
        attrib = GUIDED
    yield Taking(
        at=_time(rng, 6, 8),
        measures=bodies.composition(habits, grams, rng, scan=habits.way == NIGHT_OWL),
        device=habits.scale,
        attrib=attrib,
        # Scales out of reach of the network upload in the evening.
        upload_seconds=TEN_HOURS if habits.way == TRAVELLER and turn % 2 else 62,
        # Seen on the wire: one grpid twice in one listing.
        listed=2 if habits.way in {DILIGENT, PLAIN} and turn % 4 == 0 else 1,
    )


def _pressures(habits: Habits, turn: int, rng: random.Random) -> Iterator[Taking]:
    """Take the blood pressure: twice a day, or every other day."""
    if habits.way == DILIGENT:
        yield _cuff(habits, rng, _time(rng, 8, 9))
        yield _cuff(habits, rng, _time(rng, 20, 22))
    elif (turn + habits.number) % 2 == 0:
        automatic = habits.way == TYPIST and turn % 4 == 2  # noqa: PLR2004 (a turn of four days)
        attrib = SERIES if automatic else 0
        yield _cuff(habits, rng, _time(rng, 18, 21), attrib=attrib)


def _extras(habits: Habits, turn: int, rng: random.Random) -> Iterator[Taking]:
    """Add what most clients do not map, a lone pulse, goals and an undocumented attribution."""
    if (turn + habits.number) % 3 != 2:  # noqa: PLR2004 (two days of three)
        pulse = [any_exponent(rng, 11, rng.randrange(56, 84), 0)]
        yield Taking(at=_time(rng, 9, 10), measures=pulse, device=habits.scale)
    if habits.way == HOUSEMATE and turn % 3 == 0:
        celsius = rng.randrange(362, 376)
        warmth = [measure(12, celsius, -1), measure(71, celsius, -1)]
        yield Taking(at=_time(rng, 11, 12), measures=warmth, device=habits.thermometer)
    if habits.way == NIGHT_OWL and turn % 5 == 1:
        undocumented = bodies.pressure(habits, rng)
        yield Taking(
            at=_time(rng, 12, 13),
            measures=undocumented,
            device=habits.cuff,
            attrib=UNDOCUMENTED,
        )
    if habits.way == DILIGENT and turn % 7 == 0:
        goal = [measure(1, habits.weight_grams // 1000 - 3, 0, fm=1)]
        yield Taking(at=_time(rng, 12, 13), measures=goal, attrib=MANUAL, category=GOAL)


def _whose(habits: Habits, turn: int, rng: random.Random) -> Iterator[Taking]:
    """Let the shared scale doubt who stood on it, and some doubts be settled by a second group."""
    if (turn + habits.number) % 5 == 0:
        kilograms = [any_exponent(rng, 1, habits.weight_grams // 10 + rng.randrange(-90, 90), -2)]
        doubted = Taking(
            at=_time(rng, 13, 15), measures=kilograms, device=habits.scale, attrib=AMBIGUOUS
        )
        yield doubted
    if (turn + habits.number) % 9 == 0:
        kilograms = [measure(1, habits.weight_grams + 10 * rng.randrange(-90, 90), -3)]
        at = _time(rng, 15, 17)
        for attrib in (AMBIGUOUS, SURE):
            yield Taking(at=at, measures=kilograms, device=habits.scale, attrib=attrib)


def _around_midnight(habits: Habits, turn: int, rng: random.Random) -> Iterator[Taking]:
    """Measure seconds after a day began and before it ends."""
    if turn % 2 == 0:
        yield _cuff(habits, rng, timedelta(seconds=rng.randrange(5, 50)))
        yield _cuff(habits, rng, timedelta(hours=23, minutes=59, seconds=rng.randrange(5, 59)))


def _typed(habits: Habits, turn: int, rng: random.Random) -> Iterator[Taking]:
    """Type in readings of devices that the vendor does not know."""
    if turn % 3 == 1:
        grams = habits.weight_grams + 100 * rng.randrange(-8, 8)
        by_hand = [measure(1, grams // 100, -1, fm=1)]
        yield Taking(at=_time(rng, 16, 17), measures=by_hand, attrib=MANUAL)
    if turn % 6 == 2:  # noqa: PLR2004 (a turn of six days)
        height = [measure(4, habits.height_millimetres // 10, -2, fm=1)]
        yield Taking(at=_time(rng, 17, 18), measures=height, attrib=MANUAL)


def _cuff(habits: Habits, rng: random.Random, at: timedelta, *, attrib: int = 0) -> Taking:
    return Taking(at=at, measures=bodies.pressure(habits, rng), device=habits.cuff, attrib=attrib)


def _time(rng: random.Random, first_hour: int, end_hour: int) -> timedelta:
    return timedelta(seconds=rng.randrange(first_hour * 3600, end_hour * 3600))
