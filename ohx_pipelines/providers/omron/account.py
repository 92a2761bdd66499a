"""What tells an OMRON account from another: its devices, and when one of them last measured.

Belongs here: reading those from the last readings, as OMRON has no call for either. Not here: readings
(`normalize.py`), tokens (`oauth.py`). OMRON says no zone: who links is asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import Window
from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import Account, Asked, DeviceInfo, TokenSource
from ohx_pipelines.providers.omron.calls import Call
from ohx_pipelines.providers.omron.client import OmronClient
from ohx_pipelines.providers.omron.devices import source_of
from ohx_pipelines.providers.omron.listings import BY_NAME, listings_of
from ohx_pipelines.providers.omron.moments import moment_of
from ohx_pipelines.providers.omron.pages import rows_of
from ohx_pipelines.providers.omron.rows import Row, row_of
from ohx_pipelines.providers.window_reading import WindowReading

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
    """Ask for the readings of the past 30 days; they name the devices and the last day.

    A listing that cannot be had costs itself; raises a VendorError when none could be had.
    """
    seen = _seen(client, token, settings=settings, shared=None)
    return Account(zone=None, devices=tuple(seen.devices.values()), last_reading=seen.last_reading)


def read_devices(
    client: OmronClient,
    token: TokenSource,
    *,
    settings: OmronSettings,
    shared: frozenset[str] | None,
) -> list[DeviceInfo]:
    """List the devices of the past 30 days, of what is shared alone; two of one model are one."""
    return list(_seen(client, token, settings=settings, shared=shared).devices.values())


def _seen(
    client: OmronClient,
    token: TokenSource,
    *,
    settings: OmronSettings,
    shared: frozenset[str] | None,
) -> _Seen:
    seen, today = _Seen(), datetime.now(UTC).date()
    window = Window(first_day=today - LOOK_BACK, last_day=today, zone=_UTC)
    nothing = Asked(shared=frozenset(), wanted=frozenset())
    reading: WindowReading[Call] = WindowReading(
        client=client, window=window, token=token, asked=nothing, asked_of=lambda _: frozenset()
    )
    for listing in listings_of(settings.types):
        is_shared = shared is None or listing.data_type.name in shared
        # What the user did not allow is not asked for.
        if is_shared and listing.scope in token.scopes:
            call = Call(listing=listing, since=window.first_day, limit=settings.page_size)
            reading.read(listing.name, [call], days=window.days)
    for row in _rows(reading):
        seen.note(row, token.account)
    return seen


def _rows(reading: WindowReading[Call]) -> Iterator[Row]:
    for page in reading.fetched().pages:
        read = (row_of(given) for given in rows_of(page.body, BY_NAME[page.listing]))
        yield from (row for row in read if row is not None)
