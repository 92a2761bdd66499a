"""Calls that a user-day costs at each vendor: a month, a night on which nothing changed, and naively.

`python -m benchmarks.vendor_calls` reads one account of each of the sandbox's clouds, all of it shared.
Naive is a call for each listing and day, as most clients make them. Nothing is published: only calls
are counted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

from benchmarks.at_sandbox import (
    LinkedAccount,
    google_settings_at,
    link_accounts,
    omron_settings_at,
    running_sandbox,
    settings_at,
)
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import Asked, Provider
from ohx_pipelines.providers.google_health import GoogleHealthProvider
from ohx_pipelines.providers.google_health.listings import LISTINGS as GOOGLE_LISTINGS
from ohx_pipelines.providers.omron import OmronProvider
from ohx_pipelines.providers.withings import WithingsProvider

DAYS, LOOK_BACK = 30, 3
# Measures, activity, workouts, nights, ECGs, minutes, stages.
WITHINGS_LISTINGS = 7
OMRON_LISTINGS = 5
COSTLY = frozenset({"intraday", "automatic", "sleep_stages", "ecg"})
PAGE_SIZE = 200
MONTH, FEW, NIGHT = "a month, everything", "a month, no minutes, stages, ECGs", "an unchanged night"
# A month of Withings with everything also takes one per ECG: tests/integration/test_vendor_calls.py
# counts them. Google: one per data type, three for roll-ups of at most 14 days, and pages.
MOST = {
    ("withings", FEW): 8,
    ("withings", NIGHT): 6,
    ("google_health", MONTH): len(GOOGLE_LISTINGS) + 3 * 2 + 4,
    ("google_health", NIGHT): len(GOOGLE_LISTINGS),
    # A page more of a cuff that is used three times a day: all readings since then are listed.
    ("omron", MONTH): OMRON_LISTINGS + 2,
    ("omron", NIGHT): OMRON_LISTINGS,
}
Row = tuple[str, str, int, int]


def main() -> None:
    """Print the table."""
    with running_sandbox(people=1) as addresses:
        control = addresses["control"]
        limits: dict[str, dict[str, int]] = {
            "withings": {"page_size": PAGE_SIZE, "rate_limit": 1_000_000},
            "google_health": {"rate_limit": 1_000_000},
            "omron": {"rate_limit": 1_000_000},
        }
        for name, settings in limits.items():
            requests.post(f"{control}/{name}/settings", json=settings, timeout=10)
        rows = [*_of_withings(addresses), *_of_google(addresses), *_of_omron(addresses)]
    sys.stdout.write(f"{'VENDOR':<15}{'READING':<36}{'CALLS':>7}{'PER USER-DAY':>14}\n")
    for vendor, name, calls, days in rows:
        sys.stdout.write(f"{vendor:<15}{name:<36}{calls:>7}{calls / days:>14.2f}\n")
    beyond = [row[:2] for row in rows if row[2] > MOST.get(row[:2], row[2])]
    if beyond:
        sys.exit(f"more calls than promised: {beyond}")


def _of_withings(addresses: dict[str, Any]) -> Iterable[Row]:
    provider = WithingsProvider(settings_at(addresses))
    return _rows(provider, addresses, listings=WITHINGS_LISTINGS, costly=COSTLY)


def _of_google(addresses: dict[str, Any]) -> Iterable[Row]:
    provider = GoogleHealthProvider(google_settings_at(addresses))
    return _rows(provider, addresses, listings=len(GOOGLE_LISTINGS), costly=frozenset())


def _of_omron(addresses: dict[str, Any]) -> Iterable[Row]:
    provider = OmronProvider(omron_settings_at(addresses))
    return _rows(provider, addresses, listings=OMRON_LISTINGS, costly=frozenset())


def _rows(
    provider: Provider, addresses: dict[str, Any], *, listings: int, costly: frozenset[str]
) -> Iterable[Row]:
    name, every = provider.facts.name, provider.facts.shareable
    (account,) = link_accounts(provider, addresses)
    last = datetime.now(UTC).date() - timedelta(days=2)
    month, night = _window(account, last, DAYS), _window(account, last, LOOK_BACK)
    read = {day: datetime.now(UTC) + timedelta(hours=1) for day in night.days}
    yield name, MONTH, _calls(provider, account, month, every), DAYS
    if costly:
        yield name, FEW, _calls(provider, account, month, every - costly), DAYS
    yield name, NIGHT, _calls(provider, account, night, every, read), LOOK_BACK
    yield name, "naive: each listing, each day", DAYS * listings, DAYS


def _window(account: LinkedAccount, last: date, days: int) -> Window:
    return Window(first_day=last - timedelta(days=days - 1), last_day=last, zone=account.zone)


def _calls(
    provider: Provider,
    account: LinkedAccount,
    window: Window,
    shared: frozenset[str],
    read_at: Mapping[date, datetime] | None = None,
) -> int:
    asked = Asked(shared=shared, wanted=provider.facts.metrics_of(shared), read_at=read_at or {})
    return provider.fetch(window, account, asked=asked).calls


if __name__ == "__main__":
    main()
