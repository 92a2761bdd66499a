"""What the people of the sandbox wear, sleep on and carry, beside their scales and cuffs.

Belongs here: devices by way of living, and where a traveller is. Not here: what those devices record
(`minutes.py`, `nights.py`, `strips.py`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.withings.habits import (
    CUFF,
    DILIGENT,
    HOUSEMATE,
    NIGHT_OWL,
    PLAIN,
    THERMOMETER,
    TRAVELLER,
    TYPIST,
    Habits,
)
from sandbox.withings.wire import Device

TRACKER, MONITOR = "Activity Tracker", "Sleep Monitor"
SCANWATCH_2 = 94
BPM_CORE = 44
# By days after the sandbox was started: what has been, and what comes when its clock is moved.
AWAY = (range(-20, -16), range(3, 6))
_FAR = ("Europe/Lisbon", "Asia/Dubai", "Asia/Bangkok", "America/New_York", "Pacific/Auckland")
_A_FLIGHT = range(2 * 3_600, 5 * 3_600)


@dataclass(frozen=True, kw_only=True)
class Gear:
    """One person's devices for activity, sleep and ECGs; a phone's readings name no device."""

    watch: Device | None = None
    second_watch: Device | None = None
    mat: Device | None = None
    heart: Device | None = None
    thermometer: Device | None = None
    phone: tuple[int, str] | None = None

    @property
    def devices(self) -> tuple[Device, ...]:
        """Everything that the account lists, once."""
        owned = (self.watch, self.second_watch, self.mat, self.heart, self.thermometer)
        return tuple(dict.fromkeys(one for one in owned if one is not None))


def gear_of(habits: Habits) -> Gear:
    """Give somebody's devices."""
    make = _MAKERS[habits.way]
    return make(habits)


def zone_on(habits: Habits, day: date, started: date) -> ZoneInfo:
    """Give the zone somebody is in on a day: their own, but for a traveller's days away."""
    number = (day - started).days
    if habits.way != TRAVELLER or not any(number in days for days in AWAY):
        return habits.zone
    return _away_from(habits.zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """Give the vendor's number for the first second of a local day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def on_the_clock(day: date, zone: ZoneInfo, since_midnight: timedelta) -> int:
    """Give the vendor's number for what a wall clock shows."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    # Arithmetic of aware datetimes is on the wall clock: eight o'clock stays eight o'clock.
    return int((start + since_midnight).timestamp())


def _away_from(home: ZoneInfo) -> ZoneInfo:
    """Give a zone some hours of flight away."""
    at = datetime(2026, 1, 15)  # noqa: DTZ001 (a wall clock's time, the same in every zone)
    for name in _FAR:
        there = ZoneInfo(name)
        apart = at.replace(tzinfo=home).timestamp() - at.replace(tzinfo=there).timestamp()
        if abs(int(apart)) in _A_FLIGHT:
            return there
    return ZoneInfo(_FAR[0])


def _diligent(habits: Habits) -> Gear:
    watch = _device(habits, TRACKER, SCANWATCH_2, "ScanWatch 2")
    mat = _device(habits, MONITOR, 63, "Aura Sensor V2")
    thermometer = _device(habits, THERMOMETER, 71, "BeamO")
    return Gear(watch=watch, mat=mat, heart=watch, thermometer=thermometer)


def _housemate(habits: Habits) -> Gear:
    watch = _device(habits, TRACKER, 93, "ScanWatch")
    return Gear(watch=watch, heart=watch, phone=(1052, "iOS step tracker"))


def _typist(_habits: Habits) -> Gear:
    return Gear(phone=(1055, "Google Fit tracker"))


def _night_owl(habits: Habits) -> Gear:
    return Gear(
        watch=_device(habits, TRACKER, 95, "ScanWatch Light"),
        second_watch=_device(habits, f"second {TRACKER}", 58, "Pulse HR", kind=TRACKER),
        heart=_device(habits, f"second {CUFF}", BPM_CORE, "BPM Core", kind=CUFF),
    )


def _traveller(habits: Habits) -> Gear:
    watch = _device(habits, TRACKER, SCANWATCH_2, "ScanWatch 2")
    return Gear(watch=watch, heart=watch, phone=(1055, "Google Fit tracker"))


def _plain(habits: Habits) -> Gear:
    return Gear(
        watch=_device(habits, TRACKER, 55, "Steel HR"),
        mat=_device(habits, MONITOR, 63, "Aura Sensor V2"),
        heart=_device(habits, f"second {TRACKER}", 91, "Move ECG", kind=TRACKER),
    )


def _device(
    habits: Habits, name: str, model_id: int, model: str, *, kind: str | None = None
) -> Device:
    digest = hashlib.sha256(f"{habits.seed} {name}".encode()).hexdigest()
    return Device(id=digest[:40], model_id=model_id, model=model, kind=kind or name)


_MAKERS = {
    DILIGENT: _diligent,
    HOUSEMATE: _housemate,
    TYPIST: _typist,
    NIGHT_OWL: _night_owl,
    TRAVELLER: _traveller,
    PLAIN: _plain,
}
