"""Google Health's data calls as data: path, parameters, and the list that an answer holds.

Belongs here: parameters of each call, by the vendor's reference. Not here: sending (`sending.py`),
which are made and when (`fetching.py`), or what rows mean (a reader per kind).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.google_health.listings import Kind, Listing, Method
from ohx_pipelines.providers.google_health.scopes import SETTINGS_SCOPE

USER = "/v4/users/me"
LARGEST_PAGE = 10_000
# The vendor's most for the first two; more would be cut to it. An ECG has thousands of samples, and the filter of ECGs has no end.
LARGEST_PAGE_OF = {"exercise": 25, "sleep": 25, "electrocardiogram": 50}
MOST_DEVICES = 100
# Smaller pages than this are not what a call takes too long for.
SMALLEST_PAGE = 100
SMALLER_BY = 4
# A calendar day begins here first.
FURTHEST_EAST = timedelta(hours=14)
A_DAY = timedelta(days=1)
_TIMES = {
    Kind.INTERVAL: "interval.civil_start_time",
    Kind.SAMPLE: "sample_time.civil_time",
    Kind.DAILY: "date",
    Kind.SESSION: "interval.civil_start_time",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of `listing`: `rows` names the list of its answers, None where they hold none.

    `samples` is the member of each row that has a sample's time; empty where rows are no samples.
    """

    method: Literal["GET", "POST"] = "GET"
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    scope: str | None = None
    listing: str
    rows: str | None = None
    samples: str = ""

    @property
    def with_smaller_pages(self) -> Call | None:
        """The same with pages of a quarter of the size; None where they cannot be smaller."""
        size = int(self.params.get("pageSize", 0))
        if size <= SMALLEST_PAGE:
            return None
        smaller = str(max(size // SMALLER_BY, SMALLEST_PAGE))
        return replace(self, params={**self.params, "pageSize": smaller})

    def at(self, page_token: str) -> Call:
        """Give the call of a further page; all else must be as it was."""
        token = {"pageToken": page_token}
        if self.body is None:
            return replace(self, params={**self.params, **token})
        return replace(self, body={**self.body, **token})


def identity() -> Call:
    """Ask who the user is; any scope will do."""
    return Call(path=f"{USER}/identity", listing="identity")


def settings() -> Call:
    """Ask the user's settings: the time zone is one."""
    return Call(path=f"{USER}/settings", scope=SETTINGS_SCOPE, listing="settings")


def paired_devices() -> Call:
    """Ask the devices that the user paired with the account."""
    return Call(
        path=f"{USER}/pairedDevices",
        params={"pageSize": str(MOST_DEVICES)},
        scope=SETTINGS_SCOPE,
        listing="paired_devices",
        rows="pairedDevices",
    )


def calls_of(listing: Listing, window: Window) -> list[Call]:
    """Give the calls that read a listing for a window of civil days."""
    if listing.method is Method.DAILY:
        return _roll_ups(listing, window.days)
    path = _points(listing)
    return [
        Call(
            path=path if listing.method is Method.LIST else f"{path}:{listing.method}",
            params={
                "filter": _filter(listing, window),
                "pageSize": str(LARGEST_PAGE_OF.get(listing.path, LARGEST_PAGE)),
            },
            scope=listing.scope,
            listing=listing.name,
            rows="dataPoints",
            samples=listing.member if listing.kind is Kind.SAMPLE else "",
        )
    ]


def _roll_ups(listing: Listing, days: list[date]) -> list[Call]:
    """Split days by the cap of the data type. A page holds as many: no pageSize is sent.

    Google refuses one for total-calories, whatever its size.
    """
    parts = [days[at : at + listing.most_days] for at in range(0, len(days), listing.most_days)]
    return [
        Call(
            method="POST",
            path=f"{_points(listing)}:{listing.method}",
            body={
                "range": {"start": _civil(part[0]), "end": _civil(part[-1] + A_DAY)},
                "windowSizeDays": 1,
            },
            scope=listing.scope,
            listing=listing.name,
            rows="rollupDataPoints",
        )
        for part in parts
    ]


def _points(listing: Listing) -> str:
    return f"{USER}/dataTypes/{listing.path}/dataPoints"


def _civil(day: date) -> dict[str, Any]:
    return {"date": {"year": day.year, "month": day.month, "day": day.day}}


def _filter(listing: Listing, window: Window) -> str:
    first, after = window.first_day, window.last_day + A_DAY
    if listing.path == "electrocardiogram":
        # No civil time and no end may be named: from where the first day begins anywhere.
        since = datetime.combine(first, time(), UTC) - FURTHEST_EAST
        return f'{listing.field}.interval.start_time >= "{since:%Y-%m-%dT%H:%M:%SZ}"'
    # A night belongs to the day on which it ends.
    of_kind = "interval.civil_end_time" if listing.path == "sleep" else _TIMES[listing.kind]
    named = f"{listing.field}.{of_kind}"
    return f'{named} >= "{first}" AND {named} < "{after}"'
