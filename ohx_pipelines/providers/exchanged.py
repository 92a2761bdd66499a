"""What passes between a vendor's room and those that use it: plain data, in memory only.

Belongs here: tokens given, windows asked for, pages, readings, notifications. Not here: the methods
(`base.py`), or what a vendor declares (`declared.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from ohx_pipelines.errors import VendorError
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric


@dataclass(frozen=True, kw_only=True)
class TokenGrant:
    """What a vendor's token endpoint gave. Secrets stay out of `repr`.

    `expires_at` is an aware UTC instant, `scopes` what was granted, `user` the vendor's user id.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    user: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class DeviceInfo:
    """One physical device as the vendor describes it; `device` is the vendor's hashed id.

    `firmware` is the version as the vendor gives it, None where it gives none. `manufacturer` is
    None for the vendor's own make, and empty where nobody says whose it is.
    """

    device: str
    model: str
    kind: str
    firmware: str | None = None
    manufacturer: str | None = None
    last_used: date | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """What identifies a vendor account to its owner, and the zone its days are counted in.

    `zone` is None where the vendor says none: its owner is asked for it then.
    """

    zone: ZoneInfo | None
    devices: tuple[DeviceInfo, ...]
    last_reading: date | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a window is read for.

    `shared` are names of data types, `wanted` the metrics of which the EHR is given anything.
    `read_at` tells of days that were read whole and published, for just this, when that was: what
    is costly and has not changed since need not be read again.
    """

    shared: frozenset[str]
    wanted: frozenset[Metric]
    read_at: Mapping[date, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer of the vendor, in memory only: of which listing, and its body.

    `of` names the one thing that was asked for, where a call is about one thing.
    """

    listing: str
    body: Mapping[str, Any] = field(repr=False)
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class ListingFailed:
    """One of several listings that could not be had or read, the days that it costs, and why."""

    listing: str
    days: frozenset[date]
    error: VendorError


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A window's raw answers, in memory only, in order.

    `account` is the TokenSource's word for whose they are. `failures` are listings that could not be
    had while others could; `gave_up` says that the rest was not asked for, and why. By record, with its day:
    `unchanged` are those that were not read again, `unread` those that could not be read.
    """

    window: Window
    pages: Sequence[Page] = field(repr=False)
    calls: int
    asked: Asked
    account: str = ""
    failures: Sequence[ListingFailed] = ()
    gave_up: VendorError | None = None
    unchanged: Mapping[str, date] = field(default_factory=dict)
    unread: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unpublished:
    """A reading that will not be published, and why, in a word. Never its value.

    `metric` is None when the vendor's type is not known; `record` and `group` as in Measurement;
    `held_back` tells a reading that may yet be confirmed from one that cannot be read.
    """

    metric: Metric | None
    record: str
    group: str
    occurrence: int
    day: date
    reason: str
    held_back: bool


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A listing that was read whole: what is not there of these metrics is deleted.

    Where two listings may tell of the same metric, it is about records named `<prefix>-<id>`, with
    an empty prefix about those without a dash; None is for all.
    """

    metrics: frozenset[Metric]
    prefix: str | None = None

    def covers(self, record: str) -> bool:
        """Tell whether a record is one of this listing."""
        if self.prefix is None:
            return True
        before, dash, _ = record.partition("-")
        return (before if dash else "") == self.prefix


@dataclass(frozen=True, kw_only=True)
class Normalized:
    """A window in the common vocabulary.

    `frame` is the tidy frame (see measurements.py), `devices` describes every device id in it,
    `unpublished` lists what was held back or rejected. `ignored` counts, by local day and a word
    for why, rows that nobody misses: of types not mapped or not asked for, and copies of a taking.
    `listed` are the listings that hold everything that the vendor has for the window; not those in
    which a row could not be told from others. `kept` are records of which nothing is concluded:
    unchanged since they were read, not read this time, or listed without a word of what they said
    before; a record's parts are named after it, behind a dot. `failures` are listings that cannot be read.
    """

    frame: pd.DataFrame = field(repr=False)
    devices: Mapping[str, DeviceInfo]
    unpublished: Sequence[Unpublished]
    ignored: Mapping[date, Mapping[str, int]]
    listed: Sequence[Listed]
    kept: frozenset[str] = frozenset()
    failures: Sequence[ListingFailed] = ()


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A hint that something changed, as anybody could have sent it; never a reading.

    `user` is the vendor's user id, `kind` a NotificationKind's name. What changed lies between
    `start` and `end` (aware UTC instants) or on `day` (the user's own), or from it to `last_day`, as
    far as it was said; `ended` tells that the user has ended the permission.
    """

    user: str = field(repr=False)
    kind: str
    start: datetime | None = None
    end: datetime | None = None
    day: date | None = None
    last_day: date | None = None
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What was posted to the address of a vendor's notifications: nothing of it is believed yet.

    Names of `headers` are in lower case.
    """

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a delivery said to us, and the HTTP status that the vendor waits for.

    The status says nothing of whoever is named, or a caller could learn who has a link here.
    """

    status: int
    notifications: Sequence[Notification] = ()
