"""Reading a window of an OMRON account: each listing that is shared, once, with all that came later.

Belongs here: which listings are read. Not here: their calls (`calls.py`), sending (`client.py`), or what
rows mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from ohx_pipelines.errors import ScopeMissing
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric
from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import Asked, Fetched, TokenSource
from ohx_pipelines.providers.omron.calls import Call, call_for
from ohx_pipelines.providers.omron.client import OmronClient
from ohx_pipelines.providers.omron.listings import (
    BY_NAME,
    LISTINGS,
    Listing,
    asked_of,
    listings_of,
)
from ohx_pipelines.providers.window_reading import WindowReading


def fetch_window(
    client: OmronClient,
    window: Window,
    token: TokenSource,
    *,
    asked: Asked,
    settings: OmronSettings,
) -> Fetched:
    """Read what is asked for of a window; raises a VendorError when nothing could be had."""

    def asked_here(name: str) -> frozenset[Metric]:
        return asked_of(BY_NAME[name], shared=asked.shared)

    reading: WindowReading[Call] = WindowReading(
        client=client, window=window, token=token, asked=asked, asked_of=asked_here
    )
    granted = {one.name: one for one in listings_of(settings.types)}
    for listing in LISTINGS:
        known = granted.get(listing.name)
        # What a contract holds no longer is in nobody's facts, and so never wanted.
        if reading.needs(listing.name) or (known is None and asked_here(listing.name)):
            calls = _calls(known, window, limit=settings.page_size)
            reading.read(listing.name, calls, days=window.days)
    return reading.fetched()


def _calls(listing: Listing | None, window: Window, *, limit: int) -> Iterator[Call]:
    """Give the call of a listing; raises ScopeMissing for one that the contract does not hold."""
    if listing is None:
        message = "the settings do not hold the type of this listing"
        raise ScopeMissing(message)
    yield call_for(listing, window, limit=limit)
