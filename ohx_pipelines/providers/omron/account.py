"""What tells an OMRON account from another: its devices, and when one of them last measured.

Belongs here: reading those from the last readings, as OMRON has no call for either. Not here: readings
(`normalize.py`), tokens (`oauth.py`). OMRON says no zone: who links is asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import Account, DeviceInfo, TokenSource
from ohx_pipelines.providers.omron.calls import Call
from ohx_pipelines.providers.omron.client import OmronClient
from ohx_pipelines.providers.omron.devices import source_of
from ohx_pipelines.providers.omron.listings import listings_of
from ohx_pipelines.providers.omron.moments import moment_of
from ohx_pipelines.providers.omron.pages import rows_of
from ohx_pipelines.providers.omron.rows import Row, row_of

LOOK_BACK = timedelta(days=30)
_UTC = ZoneInfo("UTC")


@dataclass(kw_only=True)
class _Seen:
    """What the last readings say of an account."""

    devices: dict[str, DeviceInfo] = field(default_factory=dict)
    last_reading: date | None = None

    def note(self, row: Row, account: str) -> None:
        """Take note of a row's day and device."""
        moment = moment_of(row, _UTC)
        if moment is None:
            return
        self.last_reading = max(self.last_reading or moment.day, moment.day)
        device, _ = source_of(row, account)
        if device is not None:
            known = self.devices.get(device.device)
            used = max(known.last_used or moment.day if known else moment.day, moment.day)
            self.devices[device.device] = replace(device, last_used=used)


def read_account(client: OmronClient, token: TokenSource, *, settings: OmronSettings) -> Account:
    """Ask for the readings of the past 30 days; they name the devices and the last day."""
    seen = _seen(client, token, settings)
    return Account(zone=None, devices=tuple(seen.devices.values()), last_reading=seen.last_reading)


def read_devices(
    client: OmronClient, token: TokenSource, *, settings: OmronSettings
) -> list[DeviceInfo]:
    """List the devices of the past 30 days; two of one model are one."""
    return list(_seen(client, token, settings).devices.values())


def _seen(client: OmronClient, token: TokenSource, settings: OmronSettings) -> _Seen:
    seen = _Seen()
    for row in _rows(client, token, settings):
        seen.note(row, token.account)
    return seen


def _rows(client: OmronClient, token: TokenSource, settings: OmronSettings) -> Iterator[Row]:
    since = (datetime.now(UTC) - LOOK_BACK).date()
    for listing in listings_of(settings.types):
        # What the user did not allow is not asked for.
        if listing.name not in token.scopes:
            continue
        call = Call(listing=listing, since=since, limit=settings.page_size)
        for page in client.pages(call, token):
            read = (row_of(given) for given in rows_of(page, listing))
            yield from (row for row in read if row is not None)
