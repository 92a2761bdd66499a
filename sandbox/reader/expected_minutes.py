"""What must stand for the minutes of a day: a series of each kind and device.

Belongs here: the vendor's intraday fields, and whose steps count. Not here: the totals of a day
(`expected_activity.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.reader.readings import Listing, Reading, Row, instant_of, midnight
from sandbox.reader.rules import EXTERNAL_MODELS, Span, codes, device_of
from sandbox.reader.series import BREATHING, HEART_RATE, Sampled, Series

STEPS = Series(name="steps", code="55423-8", unit="{steps}", of="intraday", living=False)
SERIES = (
    Series(name="heart_rate", code=HEART_RATE, unit="/min", of="intraday", vital=True),
    STEPS,
    Series(name="spo2_auto", code=codes("2708-6", "59408-5"), unit="%", of="automatic", vital=True),
    Series(name="rmssd", code="heart-rate-variability-rmssd", unit="ms", of="automatic"),
    Series(name="sdnn1", code="112429-6", unit="ms", of="automatic"),
    Series(name="rr", code=BREATHING, unit="/min", of="automatic", vital=True),
    Series(
        name="core_body_temperature",
        code=codes("8310-5", "8329-5"),
        unit="Cel",
        of="automatic",
        vital=True,
    ),
)


def minute_readings(listing: Listing) -> Iterator[Reading]:
    """Give the series of each day of the link's zone, one per device."""
    zone = listing.zone
    for name, minutes in listing.rows.get("minutes", {}).items():
        day = date.fromisoformat(name)
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        span = Span(start=start, end=end, zone=zone, day=day)
        # An empty series is a list.
        entries = _by_instant(dict(minutes or {}), span)
        for series in SERIES:
            if listing.asked.has(series.of):
                yield from _of_devices(listing, span, series, entries)


def _by_instant(minutes: Mapping[Any, Row], span: Span) -> dict[datetime, Row]:
    entries = {instant_of(int(epoch)): entry for epoch, entry in minutes.items()}
    return {at: entries[at] for at in sorted(entries) if span.start <= at < span.end}


def _of_devices(
    listing: Listing, span: Span, series: Series, entries: Mapping[datetime, Row]
) -> Iterator[Reading]:
    by_device: dict[str, Sampled] = {}
    rows: dict[str, Row] = {}
    for at, entry in entries.items():
        value = series.sample(entry.get(series.name))
        if value is not None:
            name = str(device_of(entry) or entry.get("model_id"))
            by_device.setdefault(name, {})[at] = value
            rows.setdefault(name, entry)
    if series is STEPS:
        by_device = _counted_once(by_device, rows)
    for name, samples in by_device.items():
        record, device = f"intraday-{span.day}.{name}", device_of(rows[name])
        yield series.reading(listing, span, samples, record=record, device=device)


def _counted_once(by_device: dict[str, Sampled], rows: Mapping[str, Row]) -> dict[str, Sampled]:
    """Let one device count the steps of a day: whoever wears two takes each step once."""
    own = [name for name in by_device if rows[name].get("model_id") not in EXTERNAL_MODELS]
    if not own:
        return by_device
    most = min(own, key=lambda name: (-len(by_device[name]), name))
    return {most: by_device[most]}
