"""Calls that a user-day costs at the vendor: a month, a night on which nothing changed, and naively.

`python -m benchmarks.vendor_calls` reads one account of the sandbox, all of it shared. Naive is a call
for each listing and day, as most clients make them. Nothing is published: only calls are counted.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import requests

from benchmarks.at_sandbox import LinkedAccount, link_accounts, running_sandbox, settings_at
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.withings import WithingsProvider

DAYS, LOOK_BACK = 30, 3
# Measures, activity, workouts, nights, ECGs, minutes, stages.
LISTINGS = 7
COSTLY = frozenset({"intraday", "automatic", "sleep_stages", "ecg"})
PAGE_SIZE = 200
# A month with everything also takes one per ECG: tests/integration/test_vendor_calls.py counts them.
MOST = {"a month, no minutes, stages, ECGs": 8, "a night, nothing changed": 6}


def main() -> None:
    """Print the table."""
    with running_sandbox(people=1) as addresses:
        control = addresses["control"]
        settings = {"page_size": PAGE_SIZE, "rate_limit": 1_000_000}
        requests.post(f"{control}/withings/settings", json=settings, timeout=10)
        provider = WithingsProvider(settings_at(addresses))
        (account,) = link_accounts(provider, addresses)
        last = datetime.now(UTC).date() - timedelta(days=2)
        month, night = _window(account, last, DAYS), _window(account, last, LOOK_BACK)
        every = provider.facts.shareable
        read = {day: datetime.now(UTC) + timedelta(hours=1) for day in night.days}
        rows = [
            ("a month, everything", _calls(provider, account, month, every), DAYS),
            (
                "a month, no minutes, stages, ECGs",
                _calls(provider, account, month, every - COSTLY),
                DAYS,
            ),
            ("a night, nothing changed", _calls(provider, account, night, every, read), LOOK_BACK),
            ("naive: each listing, each day", DAYS * LISTINGS, DAYS),
        ]
    sys.stdout.write(f"{'READING':<36}{'CALLS':>7}{'PER USER-DAY':>14}\n")
    for name, calls, days in rows:
        sys.stdout.write(f"{name:<36}{calls:>7}{calls / days:>14.2f}\n")
    beyond = [name for name, calls, _ in rows if calls > MOST.get(name, calls)]
    if beyond:
        sys.exit(f"more calls than promised: {', '.join(beyond)}")


def _window(account: LinkedAccount, last: date, days: int) -> Window:
    return Window(first_day=last - timedelta(days=days - 1), last_day=last, zone=account.zone)


def _calls(
    provider: WithingsProvider,
    account: LinkedAccount,
    window: Window,
    shared: frozenset[str],
    read_at: Mapping[date, datetime] | None = None,
) -> int:
    asked = Asked(shared=shared, wanted=provider.facts.metrics_of(shared), read_at=read_at or {})
    return provider.fetch(window, account, asked=asked).calls


if __name__ == "__main__":
    main()
