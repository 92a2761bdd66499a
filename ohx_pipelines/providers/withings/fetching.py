"""Reading a window of a Withings account with as few calls as the vendor allows.

Belongs here: which listings are read, in which order. Not here: those that cost a call per day
(`costly_listings.py`), parameters (`calls.py`), sending (`client.py`), or what rows mean.
Five listings take a window each.
"""

from __future__ import annotations

from collections.abc import Callable

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.base import (
    Asked,
    DataType,
    Fetched,
    TokenSource,
)
from ohx_pipelines.providers.window_reading import WindowReading
from ohx_pipelines.providers.withings import activity, calls, sleep, workouts
from ohx_pipelines.providers.withings.calls import Call
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.costly_listings import (
    read_minutes,
    read_signals,
    read_stages,
)
from ohx_pipelines.providers.withings.listings import Listing, asked_of
from ohx_pipelines.providers.withings.measure_types import types_of


def fetch_window(
    client: WithingsClient,
    window: Window,
    token: TokenSource,
    *,
    asked: Asked,
    data_types: tuple[DataType, ...],
) -> Fetched:
    """Read what is asked for of a window; raises a VendorError when nothing could be had."""
    reading = WindowReading(
        client=client,
        window=window,
        token=token,
        asked=asked,
        asked_of=lambda listing: asked_of(Listing(listing), data_types, shared=asked.shared),
    )
    for read in (_read_windows, read_signals, read_minutes, read_stages):
        read(reading)
    return reading.fetched()


def _read_windows(reading: WindowReading[Call]) -> None:
    """Read the listings that take the whole window at once."""
    window = reading.window
    # The vendor takes a list of types; which of them a metric turned off would need is no matter.
    types = types_of(reading.asked_of(Listing.MEASURES))
    first, last = window.first_day, window.last_day
    by_listing: dict[Listing, Callable[[], Call]] = {
        Listing.MEASURES: lambda: calls.measures(window.start, window.end, types),
        Listing.ACTIVITY: lambda: calls.activity(first, last, activity.FIELDS),
        Listing.WORKOUTS: lambda: calls.workouts(first, last, workouts.ASKED),
        Listing.SLEEP: lambda: calls.sleep(first, last, sleep.ASKED),
        Listing.ECG: lambda: calls.ecgs(window.start, window.end),
    }
    for listing, call in by_listing.items():
        # Nights are looked up in the summaries, whether those are shared or not.
        of_nights = listing is Listing.SLEEP and reading.needs(Listing.STAGES)
        if reading.needs(listing) or of_nights:
            reading.read(listing, [call()], days=window.days)
