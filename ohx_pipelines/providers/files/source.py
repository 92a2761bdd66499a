"""A file as a Provider: the same sync reads a window of it as it would ask a cloud.

Belongs here: a parsed file cut into windows. Not here: parsing, or who uploaded it.
A file says what was measured and nothing of what was deleted: no listing of it is ever whole, so
nothing is retracted because of one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace

import pandas as pd

from ohx_pipelines.errors import VendorRejected
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import (
    Asked,
    DeviceInfo,
    Fetched,
    Normalized,
    ProviderFacts,
    TokenSource,
)
from ohx_pipelines.providers.files.base import ParsedFile
from ohx_pipelines.providers.files.no_cloud import NoCloud

NOT_SHARED = "not_shared"
DEVICE_ID_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class FileSource(NoCloud):
    """One parsed file of a provider, in memory; without one it can only be ended and described."""

    facts: ProviderFacts
    parsed: ParsedFile | None = field(default=None, repr=False)

    @property
    def devices_named(self) -> bool:
        """Whether the file names devices."""
        return self.parsed is not None and bool(self.parsed.devices)

    def devices(
        self, token: TokenSource, *, shared: frozenset[str] | None = None
    ) -> list[DeviceInfo]:
        """Give the devices that the file names; asks nobody."""
        del shared
        listed = self.parsed.devices.values() if self.parsed else ()
        return [replace(one, device=_own(token.account, one.device)) for one in listed]

    def fetch(self, window: Window, token: TokenSource, *, asked: Asked) -> Fetched:
        """Give the window itself; raises VendorRejected where there is no file to read."""
        if self.parsed is None:
            raise VendorRejected
        return Fetched(window=window, pages=(), calls=0, asked=asked, account=token.account)

    def normalize(self, fetched: Fetched) -> Normalized:
        """Give the file's readings of the window, as far as they are shared and wanted."""
        if self.parsed is None:
            raise VendorRejected
        window, asked = fetched.window, fetched.asked
        shared = self.facts.metrics_of(asked.shared)
        of_window = self.parsed.frame[
            self.parsed.frame["day"].between(window.first_day, window.last_day)
        ]
        is_shared = of_window["metric"].isin(shared)
        ignored = {
            day: dict(words)
            for day, words in self.parsed.ignored.items()
            if window.first_day <= day <= window.last_day
        }
        for day, count in Counter(of_window[~is_shared]["day"]).items():
            ignored.setdefault(day, {})[NOT_SHARED] = count
        frame = of_window[is_shared].reset_index(drop=True)
        own = {one: _own(fetched.account, one) for one in {*frame["device"]} - {None}}
        # A list, for pandas' own map would make NaN of None.
        frame["device"] = pd.Series([own.get(one) for one in frame["device"]], dtype=object)
        return Normalized(
            frame=frame,
            devices={
                own[name]: replace(one, device=own[name])
                for name, one in self.parsed.devices.items()
                if name in own
            },
            unpublished=[
                one
                for one in self.parsed.unpublished
                if window.first_day <= one.day <= window.last_day
                and (one.metric is None or one.metric in shared)
            ],
            ignored=ignored,
            listed=(),
        )


def _own(account: str, device: str) -> str:
    """Give a device's id: files name models, and without the account all patients would share one."""
    return hashlib.sha256(f"{account} {device}".encode()).hexdigest()[:DEVICE_ID_LENGTH]
