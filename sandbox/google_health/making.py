"""One more point of a day, as somebody adds it, or as a device tells it late.

Belongs here: points made on order. Not here: the made-up days (`routines.py`), whose order it is
(`seeded.py`, `sandbox/control_google.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sandbox.google_health.exercises import walked
from sandbox.google_health.gear import METER_APP, TYPED_IN
from sandbox.google_health.kinds import DAILY, INTERVAL, KIND_OF
from sandbox.google_health.moves import watch_minutes
from sandbox.google_health.nights import nap_value
from sandbox.google_health.points import Point, Source, Value
from sandbox.google_health.stages import classic_stages
from sandbox.google_health.strips import strip
from sandbox.google_health.wearers import Wearer
from sandbox.withings.life import MINUTE, WALK, Bout

NO_WATCH = "this account has no watch for it"
_ADDED = 900  # apart from the places of the made-up days


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One more point of a day, the n-th that is added of its type; `at` is in seconds."""

    type: str
    day: date
    count: int
    at: float | None = None
    value: Value | None = None
    source: Source | None = None


def make(wearer: Wearer, wish: Wish) -> Point:
    """Make a point; raises ValueError for what this person, or nobody without a value, can add."""
    maker = _MAKERS.get(wish.type, _as_told)
    made = maker(wearer, wish)
    source = wish.source or made.source
    number = wearer.number(wish.type, wish.day, _ADDED + wish.count, source)
    return replace(made, id=number, source=source, value=made.value | (wish.value or {}))


def _as_told(wearer: Wearer, wish: Wish) -> Point:
    """Make a point of a type that has no usual value."""
    if not wish.value:
        raise ValueError(f"a point of {wish.type} needs a value")
    kind = KIND_OF[wish.type]
    if kind == DAILY:
        start: float = wearer.start(wish.day)
        return _point(wearer, wish, start, wearer.gear.watch or TYPED_IN, day=wish.day)
    start = _at(wearer, wish, (12, 0))
    lasts = MINUTE if kind == INTERVAL else 0
    return _point(wearer, wish, start, wearer.gear.watch or TYPED_IN, lasts=lasts)


def _weight(wearer: Wearer, wish: Wish) -> Point:
    grams = wearer.life.habits.weight_grams + 50 * (wish.count % 30 + 1)
    return _typed(wearer, wish, (12, 41), {"weightGrams": grams})


def _body_fat(wearer: Wearer, wish: Wish) -> Point:
    percentage = wearer.life.habits.fat_permille / 10
    return _typed(wearer, wish, (12, 42), {"percentage": percentage})


def _height(wearer: Wearer, wish: Wish) -> Point:
    value = {"heightMillimeters": str(wearer.life.habits.height_millimetres + 1)}
    return _typed(wearer, wish, (12, 43), value)


def _glucose(wearer: Wearer, wish: Wish) -> Point:
    value: Value = {
        "bloodGlucoseMilligramsPerDeciliter": 96 + wish.count % 40,
        "measurementSource": "SELF_MONITORING_BLOOD_GLUCOSE",
        "specimen": "CAPILLARY_BLOOD",
    }
    return replace(_typed(wearer, wish, (17, 20), value), source=METER_APP)


def _temperature(wearer: Wearer, wish: Wish) -> Point:
    value = {"temperatureCelsius": 37.2, "measurementLocation": "EAR"}
    return _typed(wearer, wish, (18, 50), value)


def _exercise(wearer: Wearer, wish: Wish) -> Point:
    start = _at(wearer, wish, (13, 10), apart=0)
    bout = Bout(start=int(start), minutes=25, pace=0, heart_rate=0, category=WALK)
    made = _point(wearer, wish, start, TYPED_IN, lasts=bout.end - bout.start)
    return replace(made, value=walked(bout))


def _nap(wearer: Wearer, wish: Wish) -> Point:
    watch, start = _watch(wearer), int(_at(wearer, wish, (16, 5), apart=0))
    end = start + 42 * MINUTE
    value = nap_value(wearer, classic_stages(wearer, wish.day, (start, end)))
    made = _point(wearer, wish, start, watch, lasts=end - start, day=wearer.day_of(end))
    return replace(made, value=value)


def _strip(wearer: Wearer, wish: Wish) -> Point:
    if not wearer.gear.takes_ecgs:
        raise ValueError(NO_WATCH)
    at = int(_at(wearer, wish, (11, 20)))
    return replace(strip(wearer, wearer.day_of(at), _ADDED, at), has_offset=True)


def _steps(wearer: Wearer, wish: Wish) -> Point:
    """Count steps in a minute that had none."""
    watch = _watch(wearer)
    taken = {one.at for one in watch_minutes(wearer, wish.day)}
    at = _at(wearer, wish, (10, 0))
    while at in taken:
        at += MINUTE
    return replace(_point(wearer, wish, at, watch, lasts=MINUTE), value={"count": "37"})


def _at(wearer: Wearer, wish: Wish, usually: tuple[int, int], *, apart: int = MINUTE) -> float:
    """Give the second that is wished, or the usual one, so that no two added are at once."""
    return wearer.at(wish.day, *usually) + wish.count * apart if wish.at is None else wish.at


def _typed(wearer: Wearer, wish: Wish, usually: tuple[int, int], value: Value) -> Point:
    return replace(_point(wearer, wish, _at(wearer, wish, usually), TYPED_IN), value=value)


def _point(
    wearer: Wearer,
    wish: Wish,
    start: float,
    source: Source,
    *,
    lasts: float = 0,
    day: date | None = None,
) -> Point:
    return wearer.point(wish.type, (start, start + lasts), {}, source, day=day)


def _watch(wearer: Wearer) -> Source:
    if wearer.gear.watch is None:
        raise ValueError(NO_WATCH)
    return wearer.gear.watch


_MAKERS: dict[str, Callable[[Wearer, Wish], Point]] = {
    "weight": _weight,
    "body-fat": _body_fat,
    "height": _height,
    "blood-glucose": _glucose,
    "core-body-temperature": _temperature,
    "exercise": _exercise,
    "sleep": _nap,
    "electrocardiogram": _strip,
    "steps": _steps,
}
