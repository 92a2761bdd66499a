"""What tells a Google Health account from another: zone, devices, when one of them last synced.

Belongs here: reading those, for the page that asks whose account it is. Not here: readings
(`normalize.py`), the devices that readings name (`sources.py`), tokens (`oauth.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import local_day
from ohx_pipelines.providers.base import Account, DeviceInfo, TokenSource
from ohx_pipelines.providers.google_health import calls
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.device_names import (
    device_id,
    kind_of,
    maker_of,
    printable,
)

# No device of the vendor's is older: an earlier time is a zero, not a sync.
FIRST_SYNC = datetime(2009, 1, 1, tzinfo=UTC)
# Beyond it a local day is none.
LAST_SYNC = datetime(9000, 1, 1, tzinfo=UTC)


def read_account(client: GoogleHealthClient, token: TokenSource) -> Account:
    """Ask zone and devices; the last reading is as old as the newest sync of a device."""
    zone = read_zone(client.request(calls.settings(), token))
    rows = _paired(client, token)
    synced = [at for row in rows if (at := _last_sync(row)) is not None]
    return Account(
        zone=zone,
        devices=tuple(_devices(rows, token.account)),
        last_reading=local_day(max(synced), zone) if synced else None,
    )


def read_devices(client: GoogleHealthClient, token: TokenSource) -> list[DeviceInfo]:
    """List the account's devices; two of one model are one, as readings name the model alone."""
    return _devices(_paired(client, token), token.account)


def read_zone(settings: Mapping[str, Any]) -> ZoneInfo:
    """Give the zone of the user's settings; raises Malformed when there is none to be read."""
    try:
        return ZoneInfo(str(settings.get("timeZone")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "Google names no usable time zone"
    raise Malformed(message)


def _paired(client: GoogleHealthClient, token: TokenSource) -> list[Mapping[str, Any]]:
    pages = client.pages(calls.paired_devices(), token)
    return [row for page in pages for row in page.get("pairedDevices", []) if isinstance(row, dict)]


def _devices(rows: Iterable[Mapping[str, Any]], account: str) -> list[DeviceInfo]:
    found: dict[str, DeviceInfo] = {}
    for row in rows:
        # As readings' names are, or the ids would differ.
        name = printable(row.get("deviceVersion"))
        if name is not None:
            device = _device(name, row, account)
            found[device.device] = _newer(found.get(device.device), device)
    return list(found.values())


def _device(model: str, row: Mapping[str, Any], account: str) -> DeviceInfo:
    synced, maker = _last_sync(row), maker_of(model)
    return DeviceInfo(
        device=device_id(account, model, maker=maker),
        model=model,
        manufacturer=maker,
        kind=kind_of(row.get("deviceType")),
        last_used=synced.astimezone(UTC).date() if synced else None,
    )


def _newer(one: DeviceInfo | None, other: DeviceInfo) -> DeviceInfo:
    """Give the one that was used last; the first where that is not known."""
    if one is None:
        return other
    return other if (other.last_used or date.min) > (one.last_used or date.min) else one


def _last_sync(row: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(row.get("lastSyncTime")))
    except ValueError:
        return None
    # One without an offset is no instant.
    return moment if moment.tzinfo and FIRST_SYNC <= moment < LAST_SYNC else None
