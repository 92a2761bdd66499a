"""Reading a window of a Google Health account: each data type once, by the method that is right for it.

Belongs here: which listings are read. Not here: their calls (`calls.py`), sending (`client.py`), or what
rows mean.
"""

from __future__ import annotations

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Asked, DataType, Fetched, TokenSource
from ohx_pipelines.providers.google_health.calls import Call, calls_of
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.data_types import COUNTED, asked_of
from ohx_pipelines.providers.google_health.listings import BY_NAME, LISTINGS, LOGS
from ohx_pipelines.providers.window_reading import WindowReading


def fetch_window(
    client: GoogleHealthClient,
    window: Window,
    token: TokenSource,
    *,
    asked: Asked,
    data_types: tuple[DataType, ...],
) -> Fetched:
    """Read what is asked for of a window; raises a VendorError when nothing could be had."""

    def asked_here(name: str) -> frozenset[Metric]:
        return asked_of(BY_NAME[name], data_types, shared=asked.shared)

    reading: WindowReading[Call] = WindowReading(
        client=client, window=window, token=token, asked=asked, asked_of=asked_here
    )
    for listing in LISTINGS:
        if reading.needs(listing.name):
            reading.read(listing.name, calls_of(listing, window), days=window.days)
    for listing in LOGS if COUNTED.name in asked.shared else ():
        reading.read(listing.name, calls_of(listing, window), days=window.days)
    return reading.fetched()
