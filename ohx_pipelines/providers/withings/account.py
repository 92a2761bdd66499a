"""What tells a Withings account from another: zone, devices, when it last measured.

Belongs here: reading those, for the page that asks whose account it is. Not here: readings
(`normalize.py`), tokens (`oauth.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import local_day
from ohx_pipelines.providers.base import Account, DataType, DeviceInfo, TokenSource
from ohx_pipelines.providers.withings import calls
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.groups import groups_of
from ohx_pipelines.providers.withings.listings import Listing, asked_of
from ohx_pipelines.providers.withings.measure_types import types_of

LOOK_BACK = timedelta(days=30)


def read_account(
    client: WithingsClient, token: TokenSource, *, data_types: Iterable[DataType]
) -> Account:
    """Ask zone, devices and the date of the last measure of the past 30 days."""
    now, offered = datetime.now(UTC), tuple(data_types)
    every = frozenset(one.name for one in offered)
    types = types_of(asked_of(Listing.MEASURES, offered, shared=every))
    pages = list(client.pages(calls.measures(now - LOOK_BACK, now, types), token))
    zone = read_zone(pages)
    return Account(
        zone=zone,
        devices=tuple(read_devices(client, token)),
        last_reading=_last_day(pages, zone),
    )


def read_devices(client: WithingsClient, token: TokenSource) -> list[DeviceInfo]:
    """List the account's devices; rows without an id are phones and apps, and left out."""
    rows = client.devices(token)
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.get("hash_deviceid"):
            # One device can be listed several times, and not each row knows all of it.
            told = {name: value for name, value in row.items() if value not in (None, "")}
            of_device = found.setdefault(str(row["hash_deviceid"]), {})
            of_device |= told | of_device
    return [_device(device, row) for device, row in found.items()]


def read_zone(pages: Sequence[Mapping[str, Any]]) -> ZoneInfo:
    """Give the zone of the user's profile; raises Malformed when there is none to be read."""
    name = pages[0].get("timezone") if pages else None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "Withings names no usable time zone"
    raise Malformed(message)


def _last_day(pages: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> date | None:
    dates = [group.get("date") for page in pages for group in groups_of(page)]
    seconds = [value for value in dates if isinstance(value, int)]
    return local_day(datetime.fromtimestamp(max(seconds), UTC), zone) if seconds else None


def _device(device: str, row: Mapping[str, Any]) -> DeviceInfo:
    last = row.get("last_session_date")
    return DeviceInfo(
        device=device,
        model=str(row.get("model") or "Unknown model"),
        kind=str(row.get("type") or "Unknown"),
        # In partner plans alone.
        firmware=_version(row.get("fw")),
        last_used=datetime.fromtimestamp(last, UTC).date() if isinstance(last, int) else None,
    )


def _version(value: object) -> str | None:
    is_one = bool(value) and isinstance(value, (int, str)) and not isinstance(value, bool)
    return str(value) if is_one else None
