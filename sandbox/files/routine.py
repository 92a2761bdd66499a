"""What a person measures on a day with devices that only a phone app knows.

Belongs here: the readings, always the same for a person, an app and a day. Not here: how they are
written, or which of them a variant of the export holds (`sections.py`).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.files.truth import BEURER, Kind, TruthRow
from sandbox.people import Person

SCALE, CUFF = "HBF-702T", "HEM-7361T"
# A zone that nobody of the sandbox lives in: weighed on a journey.
ABROAD = "Asia/Singapore"
_TENTH, _TWENTIETH = Decimal("0.1"), Decimal("0.05")
_MINUTE = timedelta(minutes=1)


def rows_on(person: Person, app: str, day: date) -> list[TruthRow]:
    """Give a day's readings in the order of their wall clock's time."""
    dice = _dice(person.login, app, day.isoformat())
    rows = [*_weights(person, app, day, dice), *_pressures(person, app, day, dice)]
    rows += _night_rows(person, app, day, dice)
    if app == BEURER:
        rows += [*_glucose(person, day, dice), *_temperature(person, day, dice)]
        rows += _oxygen(person, day, dice)
    return sorted(rows, key=lambda row: row.moment)


def row_at(person: Person, app: str, kind: Kind, moment: datetime) -> TruthRow:
    """Give the reading that somebody takes at a minute of their choice."""
    dice = _dice(person.login, app, moment.isoformat())
    if kind is Kind.WEIGHT:
        return _weight(person, app, moment, dice)
    if kind is Kind.PRESSURE:
        return _pressure(person, app, moment, dice)
    values = {
        Kind.GLUCOSE: _glucose_values(dice),
        Kind.TEMPERATURE: {"temperature": _tenths(dice, 362, 374)},
        Kind.OXYGEN: {"spo2": Decimal(dice.randint(94, 99)), "pulse": Decimal(70)},
    }[kind]
    return TruthRow(kind=kind, moment=moment, zone=person.zone, values=values)


def odd_moment(day: date, zone: str) -> tuple[datetime, bool] | None:
    """Give a minute of a day that its clocks show twice (True) or never (False), if there is one."""
    there, midnight = ZoneInfo(zone), datetime.combine(day, time())
    for quarter in range(96):
        moment = midnight + timedelta(minutes=15 * quarter)
        first = moment.replace(tzinfo=there).utcoffset() or timedelta()
        second = moment.replace(tzinfo=there, fold=1).utcoffset() or timedelta()
        if first != second:
            return moment + 7 * _MINUTE, first > second
    return None


def _weights(person: Person, app: str, day: date, dice: random.Random) -> Iterator[TruthRow]:
    if _happens(dice, 85):
        yield _weight(person, app, _at(day, dice, 6), dice)


def _weight(person: Person, app: str, moment: datetime, dice: random.Random) -> TruthRow:
    body = _dice(person.login, "body")
    step = _TENTH if app == BEURER else _TWENTIETH
    kilograms = Decimal(body.randint(600, 900)) / 10 + step * dice.randint(-12, 12)
    height = Decimal(body.randint(158, 188)) / 100
    values = {
        "weight": kilograms,
        "bmi": (kilograms / (height * height)).quantize(_TENTH),
        "body_fat": _tenths(dice, 180, 260),
        "water": _tenths(dice, 510, 580),
        "muscles": _tenths(dice, 360, 440),
        "bones": _tenths(dice, 24, 31),
        "metabolic_age": Decimal(body.randint(25, 70)),
        "visceral_fat": Decimal(dice.randint(3, 9)),
        "bmr": Decimal(dice.randint(1400, 1800)),
        "pulse": Decimal(dice.randint(55, 80)),
    }
    row = TruthRow(
        kind=Kind.WEIGHT, moment=moment, zone=person.zone, values=values, noise=_happens(dice, 40)
    )
    if app != BEURER:
        abroad = moment.toordinal() % 11 == 0
        return replace(row, device=SCALE, manual=False, zone=ABROAD if abroad else person.zone)
    # Hands that were not on the scale's grips.
    return _without_pulse(row) if _happens(dice, 30) else row


def _pressures(person: Person, app: str, day: date, dice: random.Random) -> Iterator[TruthRow]:
    if _happens(dice, 80):
        morning = _pressure(person, app, _at(day, dice, 7), dice)
        yield morning
        # A cuff that is pressed twice: two readings of one minute, which are no copies.
        if day.toordinal() % 6 == 0:
            yield _higher(morning)
    if _happens(dice, 60):
        evening = _pressure(person, app, _at(day, dice, 19), dice)
        yield _without_pulse(evening) if day.toordinal() % 5 == 0 else evening


def _pressure(person: Person, app: str, moment: datetime, dice: random.Random) -> TruthRow:
    systolic = _dice(person.login, "cuff").randint(112, 138) + dice.randint(-6, 6)
    diastolic = systolic - dice.randint(38, 48)
    mean = diastolic + (systolic - diastolic) // 3
    pulse = dice.randint(56, 84)
    values = {"sys": systolic, "dia": diastolic, "map": mean, "pulse": pulse}
    typed = _happens(dice, 20)
    raised = [flag for flag in ("irregular", "movement", "afib") if _happens(dice, 8)]
    of_app = app != BEURER and not typed
    return TruthRow(
        kind=Kind.PRESSURE,
        moment=moment,
        zone=person.zone,
        values={name: Decimal(value) for name, value in values.items()},
        manual=typed,
        device=CUFF if of_app else None,
        flags=frozenset(raised if of_app else ()),
    )


def _higher(row: TruthRow) -> TruthRow:
    """Give a second reading, higher in all: whoever sorts by any value finds the same order."""
    return replace(row, values={name: value + 4 for name, value in row.values.items()})


def _without_pulse(row: TruthRow) -> TruthRow:
    values = {name: value for name, value in row.values.items() if name != "pulse"}
    return replace(row, values=values, zeros=frozenset({"pulse"}))


def _night_rows(person: Person, app: str, day: date, dice: random.Random) -> Iterator[TruthRow]:
    """Give readings in the hour of a night in which the clocks change."""
    odd = odd_moment(day, person.zone)
    if odd is None:
        return
    moment, twice = odd
    reading = _pressure(person, app, moment, dice)
    yield reading
    if twice:
        yield _higher(reading)
    yield replace(_weight(person, app, moment + 3 * _MINUTE, dice), zone=person.zone)


def _glucose(person: Person, day: date, dice: random.Random) -> Iterator[TruthRow]:
    if _happens(dice, 70):
        moment, values = _at(day, dice, 12), _glucose_values(dice)
        yield TruthRow(kind=Kind.GLUCOSE, moment=moment, zone=person.zone, values=values)


def _glucose_values(dice: random.Random) -> dict[str, Decimal]:
    milligrams = Decimal(dice.randint(82, 148))
    molar = (milligrams * Decimal("0.0555")).quantize(_TENTH)
    return {"glucose_mg_dl": milligrams, "glucose_mmol_l": molar}


def _temperature(person: Person, day: date, dice: random.Random) -> Iterator[TruthRow]:
    if day.toordinal() % 4 == 0:
        values = {"temperature": _tenths(dice, 362, 374)}
        moment = _at(day, dice, 20)
        yield TruthRow(kind=Kind.TEMPERATURE, moment=moment, zone=person.zone, values=values)


def _oxygen(person: Person, day: date, dice: random.Random) -> Iterator[TruthRow]:
    """Give a session of the night, every second one over midnight, or some single minutes."""
    turn = day.toordinal() % 6
    if turn in {0, 3}:
        start = datetime.combine(day, time(23 if turn == 0 else 21, dice.randint(5, 55)))
        mean = dice.randint(93, 96)
        values = {"spo2_mean": mean, "spo2_min": mean - 5, "spo2_max": mean + 3, "pulse": 61}
        yield TruthRow(
            kind=Kind.OXYGEN,
            moment=start,
            zone=person.zone,
            values={name: Decimal(value) for name, value in values.items()},
            end=start + timedelta(minutes=dice.randint(60, 70)),
        )
    elif turn in {1, 4}:
        start = _at(day, dice, 15)
        for minute in range(3):
            values = {"spo2": dice.randint(94, 99), "pulse": dice.randint(60, 75)}
            yield TruthRow(
                kind=Kind.OXYGEN,
                moment=start + minute * _MINUTE,
                zone=person.zone,
                values={name: Decimal(value) for name, value in values.items()},
            )


def _at(day: date, dice: random.Random, hour: int) -> datetime:
    return datetime.combine(day, time(hour, dice.randint(0, 59)))


def _happens(dice: random.Random, percent: int) -> bool:
    return dice.randrange(100) < percent


def _tenths(dice: random.Random, least: int, most: int) -> Decimal:
    return Decimal(dice.randint(least, most)) / 10


def _dice(*words: str) -> random.Random:
    digest = hashlib.sha256("|".join(words).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 (no secret)
