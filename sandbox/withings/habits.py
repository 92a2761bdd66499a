"""What the people of the sandbox own and how they are: the constants behind their readings.

Belongs here: devices, bodies, oddities per person. Not here: the readings of a day
(`routines.py`).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sandbox.people import Person
from sandbox.withings.wire import Device

SCALE = "Scale"
CUFF = "Blood Pressure Monitor"
THERMOMETER = "Smart Connected Thermometer"
# Six ways of using devices, dealt out in turn.
WAYS = 6
DILIGENT, HOUSEMATE, TYPIST, NIGHT_OWL, TRAVELLER, PLAIN = range(WAYS)
_SCALES = {
    DILIGENT: (18, "Body Comp"),
    TYPIST: (5, "Body+"),
    NIGHT_OWL: (10, "Body Scan"),
    TRAVELLER: (18, "Body Comp"),
    PLAIN: (13, "Body Smart"),
}


@dataclass(frozen=True, kw_only=True)
class Habits:
    """One person's devices and body."""

    number: int
    way: int
    zone: ZoneInfo
    seed: int
    scale: Device
    cuff: Device
    thermometer: Device
    weight_grams: int
    height_millimetres: int
    fat_permille: int
    systolic: int

    @property
    def devices(self) -> tuple[Device, ...]:
        """Everything that the account lists."""
        owned = (self.scale, self.cuff)
        return (*owned, self.thermometer) if self.way == HOUSEMATE else owned


def make_habits(people: Sequence[Person]) -> dict[str, Habits]:
    """Give everybody's habits by login."""
    habits: dict[str, Habits] = {}
    before: Habits | None = None
    for number, person in enumerate(people):
        before = _habits(number, person, before)
        habits[person.login] = before
    return habits


def _habits(number: int, person: Person, before: Habits | None) -> Habits:
    rng = random.Random(person.user_id)  # noqa: S311 (the same readings at every start)
    way = number % WAYS
    # One scale in one household, two accounts: the vendor sorts the readings, or is not sure.
    # Each keeps the zone of their own profile, which nobody corrects after a move.
    shared = before.scale if way == HOUSEMATE and before else None
    return Habits(
        number=number,
        way=way,
        zone=ZoneInfo(person.zone),
        seed=person.user_id,
        scale=shared or _device(person, SCALE, *_SCALES.get(way, (5, "Body+"))),
        # As for partners, who are told; most are not.
        cuff=_device(person, CUFF, 45, "BPM Connect", firmware=None if way % 2 else 2_331),
        thermometer=_device(person, THERMOMETER, 70, "Thermo"),
        weight_grams=rng.randrange(52_000, 98_000),
        height_millimetres=rng.randrange(1_540, 1_930),
        fat_permille=rng.randrange(170, 340),
        systolic=rng.randrange(112, 148),
    )


def _device(
    person: Person, kind: str, model_id: int, model: str, *, firmware: int | None = None
) -> Device:
    digest = hashlib.sha256(f"{person.user_id} {kind}".encode()).hexdigest()
    return Device(id=digest[:40], model_id=model_id, model=model, kind=kind, firmware=firmware)
