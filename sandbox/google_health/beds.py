"""When somebody is in bed with a device on.

Belongs here: spans of nights and naps. Not here: their stages (`nights.py`), or what is measured
meanwhile (`pulses.py`, `mornings.py`).
"""

from __future__ import annotations

from datetime import date, timedelta

from sandbox.google_health.wearers import ONE_DAY, Wearer
from sandbox.withings.gear import on_the_clock
from sandbox.withings.habits import DILIGENT, NIGHT_OWL, TRAVELLER
from sandbox.withings.life import MINUTE

HALF_MINUTE = 30


def night_of(wearer: Wearer, day: date) -> tuple[int, int] | None:
    """Give the night that ends on a day; None when the watch lay on the table."""
    if wearer.gear.watch is None or wearer.turn(day) % 17 == 3:  # noqa: PLR2004
        return None
    return in_bed(wearer, day)


def in_bed(wearer: Wearer, day: date) -> tuple[int, int]:
    """Go to bed before midnight and get up in the morning, or both later."""
    rng = wearer.chance(day, "bed")
    zone = wearer.life.zone(day - ONE_DAY)
    late = timedelta(hours=3) if wearer.way == NIGHT_OWL else timedelta()
    to_bed = timedelta(minutes=rng.randrange(-115, -15)) + late
    up = timedelta(hours=6, minutes=rng.randrange(85)) + late
    seconds = HALF_MINUTE * rng.randrange(2)
    return on_the_clock(day, zone, to_bed), on_the_clock(day, zone, up) + seconds


def nap_of(wearer: Wearer, day: date) -> tuple[int, int] | None:
    """Give the nap of a day, if there is one."""
    if wearer.way not in {DILIGENT, TRAVELLER} or wearer.turn(day) % 6 != 2:  # noqa: PLR2004
        return None
    start = wearer.at(day, 14, 40)
    return start, start + wearer.chance(day, "nap").randrange(25, 70) * MINUTE
