"""Devices as the vendor's `getdevice` lists them.

Belongs here: the shape of a row, and the last use of a device. Not here: who owns what (`habits.py`,
`gear.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sandbox.withings.gear import MONITOR, TRACKER
from sandbox.withings.wire import Device

Row = dict[str, Any]


def device_rows(
    devices: Iterable[Device],
    recent: Sequence[Row],
    *,
    zone: str,
    battery: str,
    opened: date,
    uploaded_at: int,
) -> list[Row]:
    """Give a row per device; `recent` are measure groups, newest first."""
    opened_at = int(datetime(opened.year, opened.month, opened.day, tzinfo=UTC).timestamp())
    return [
        {
            "type": device.kind,
            "battery": battery,
            "model": device.model,
            "model_id": device.model_id,
            "timezone": zone,
            "first_session_date": opened_at,
            "last_session_date": _last_used(device, recent, uploaded_at),
            "deviceid": device.id,
            "hash_deviceid": device.id,
            **({} if device.firmware is None else {"fw": device.firmware}),
        }
        for device in devices
    ]


def _last_used(device: Device, recent: Iterable[Row], uploaded_at: int) -> int | None:
    # What is worn or slept on tells by itself, many times a day.
    if device.kind in {TRACKER, MONITOR}:
        return uploaded_at
    return next((group["date"] for group in recent if group["deviceid"] == device.id), None)
