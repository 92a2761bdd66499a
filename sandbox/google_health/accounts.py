"""What the vendor says of an account itself: its numbers, its settings, its paired devices.

Belongs here: JSON of accounts. Not here: what the people own (`gear.py`) or measure (`store.py`).
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google_health.points import SCALE, Source
from sandbox.google_health.wire import instant
from sandbox.people import Person
from sandbox.withings.life import uploads_by

_LETTERS = string.ascii_uppercase + string.digits
_DIGITS, _LEGACY_LETTERS = 17, 6


def health_user_id(person: Person) -> str:
    """Give the account's number: 17 digits, none of which is a leading zero."""
    smallest: int = 10 ** (_DIGITS - 1)
    return str(smallest + _number(person, "health") % (9 * smallest))


def legacy_user_id(person: Person) -> str:
    """Give the name that the account had at Fitbit."""
    number, letters = _number(person, "legacy"), []
    for _ in range(_LEGACY_LETTERS):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def identity_json(person: Person) -> dict[str, Any]:
    """Give the answer to who this is."""
    return {
        "name": "users/me/identity",
        "healthUserId": health_user_id(person),
        "legacyUserId": legacy_user_id(person),
    }


def settings_json(zone: ZoneInfo, now: float) -> dict[str, Any]:
    """Give the account's settings, in metric units."""
    shift = datetime.fromtimestamp(now, zone).utcoffset()
    return {
        "name": "users/me/settings",
        "autoStrideEnabled": True,
        "distanceUnit": "DISTANCE_UNIT_KILOMETERS",
        "glucoseUnit": "GLUCOSE_UNIT_MG_DL",
        "heightUnit": "HEIGHT_UNIT_CENTIMETERS",
        "languageLocale": "en_GB",
        "temperatureUnit": "TEMPERATURE_UNIT_CELSIUS",
        "timeZone": zone.key,
        "utcOffset": f"{int(shift.total_seconds()) if shift is not None else 0}s",
        "waterUnit": "WATER_UNIT_ML",
        "weightUnit": "WEIGHT_UNIT_KILOGRAMS",
    }


def paired_json(
    person: Person, devices: Sequence[Source | None], now: float
) -> list[dict[str, Any]]:
    """Give the vendor's own devices, with when each last told something."""
    return [
        _paired(person, one, now) for one in devices if one is not None and one.device is not None
    ]


def _paired(person: Person, device: Source, now: float) -> dict[str, Any]:
    number = _number(person, f"device {device.device}")
    is_scale = device.form == SCALE
    return {
        "name": f"users/me/pairedDevices/{10**9 + number % 10**9}",
        "deviceType": "SCALE" if is_scale else "TRACKER",
        "deviceVersion": device.device,
        "batteryStatus": "Medium" if is_scale else "High",
        "batteryLevel": 54 if is_scale else 92,
        "lastSyncTime": instant(uploads_by(now) * 1_000),
        "macAddress": f"{number % 16**12:012X}",
        "features": ["WEIGHT"] if is_scale else ["SLEEP", "HEART_RATE"],
    }


def _number(person: Person, purpose: str) -> int:
    digest = hashlib.sha256(f"google {purpose} {person.user_id}".encode()).digest()
    return int.from_bytes(digest[:12], "big")
