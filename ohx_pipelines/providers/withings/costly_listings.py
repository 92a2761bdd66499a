"""What takes a call of its own: the signal of an ECG, the minutes of a day, the stages of a night.

Belongs here: which of them are read, and which left alone. Not here: listings of a whole window
(`fetching.py`), or what rows mean (a reader per listing).
What the vendor has not modified since it was read whole is not read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ohx_pipelines.errors import (
    VendorError,
    VendorRejected,
)
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import (
    ListingFailed,
    Page,
)
from ohx_pipelines.providers.window_reading import WindowReading
from ohx_pipelines.providers.withings import calls
from ohx_pipelines.providers.withings.calls import Call
from ohx_pipelines.providers.withings.ecg import Ecg, ecgs_of
from ohx_pipelines.providers.withings.ecg_takings import APART
from ohx_pipelines.providers.withings.intraday import data_fields, intraday_calls
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.rows import instant
from ohx_pipelines.providers.withings.sleep import Night, nights_of
from ohx_pipelines.providers.withings.stages import is_of, stage_fields


def read_signals(reading: WindowReading[Call]) -> None:
    """Read the signal of each ECG that is new or modified."""
    if Metric.ECG_WAVEFORM not in reading.asked_of(Listing.ECG) & reading.asked.wanted:
        return
    refusal: VendorError | None = None
    for one in ecgs_of(reading.rows(Listing.ECG), reading.window.zone):
        if one.day not in reading.window.days:
            continue
        if reading.is_old(one.day, one.modified) and not _has_news(reading, one):
            reading.unchanged[one.record] = one.day
        elif refusal is not None:
            reading.failures.append(_refused(one.day, refusal))
            reading.unread[one.record] = one.day
        elif not reading.read(
            Listing.SIGNAL, [calls.signal(one.signal)], days=[one.day], of=one.signal
        ):
            reading.unread[one.record] = one.day
            error = reading.failures[-1].error
            # A plan without signals refuses each of them: one refusal is enough.
            refusal = error if isinstance(error, VendorRejected) else None


def _has_news(reading: WindowReading[Call], one: Ecg) -> bool:
    """Tell whether a measure that may be the ECG's came or changed since."""
    groups = (
        group
        for page in reading.rows(Listing.MEASURES)
        for group in page.body["measuregrps"]
        if isinstance(group, dict)
    )
    changed = (
        instant(group.get("date"))
        for group in groups
        if not reading.is_old(one.day, group.get("modified"))
    )
    return any(at is not None and abs(at - one.taken_at) <= APART for at in changed)


def _refused(day: date, error: VendorError) -> ListingFailed:
    return ListingFailed(listing=Listing.SIGNAL, days=frozenset({day}), error=error)


def read_minutes(reading: WindowReading[Call]) -> None:
    """Read the minutes of each day of which the day's row is new or modified."""
    if not reading.needs(Listing.INTRADAY):
        return
    names = data_fields(reading.asked_of(Listing.INTRADAY) & reading.asked.wanted)
    modified = _modified_by_day(reading.rows(Listing.ACTIVITY))
    for day in reading.window.days:
        record = f"{Listing.INTRADAY.prefix}-{day}"
        rows = modified.get(day.isoformat(), [])
        if rows and all(reading.is_old(day, one) for one in rows):
            reading.unchanged[record] = day
            continue
        asked = [
            calls.intraday(start, end, names)
            for start, end in intraday_calls(day, reading.window.zone)
        ]
        if not reading.read(Listing.INTRADAY, asked, days=[day], of=day.isoformat()):
            reading.unread[record] = day


def _modified_by_day(pages: Iterable[Page]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for page in pages:
        for row in page.body["activities"]:
            if isinstance(row, dict):
                found.setdefault(str(row.get("date")), []).append(row.get("modified"))
    return found


def read_stages(reading: WindowReading[Call]) -> None:
    """Read the stages of each night that is new or modified."""
    if not reading.needs(Listing.STAGES):
        return
    names = stage_fields(reading.asked_of(Listing.STAGES) & reading.asked.wanted)
    by_day: dict[date, list[Night]] = {}
    listed = nights_of(reading.rows(Listing.SLEEP), reading.window.zone)
    # Where one night of a date changed, another may count from now on that did not before.
    changed = {one.day for one in listed if not reading.is_old(one.day, one.modified)}
    for night in listed:
        if not night.chosen or night.day not in reading.window.days:
            continue
        if night.day not in changed:
            _leave(reading, night, reading.unchanged)
        else:
            by_day.setdefault(night.day, []).append(night)
    for day, nights in by_day.items():
        asked = [calls.stages(start, end, names) for start, end in _spans(nights)]
        before = len(reading.pages)
        if reading.read(Listing.STAGES, asked, days=[day]):
            reading.pages[before:] = _by_night(reading.pages[before:], nights)
        else:
            for night in nights:
                _leave(reading, night, reading.unread)


def _leave(reading: WindowReading[Call], night: Night, records: dict[str, date]) -> None:
    """Leave a night's stages as they stand, and what names them as its members with them."""
    records[night.stages] = night.day
    if Metric.SLEEP_STAGE in reading.asked.wanted and reading.needs(Listing.SLEEP):
        records[night.record] = night.day


def _spans(nights: Sequence[Night]) -> Iterable[tuple[datetime, datetime]]:
    """Give the calls that cover the nights of a day: one, where it is not longer than may be."""
    first, last = min(one.start for one in nights), max(one.end for one in nights)
    if last - first <= calls.LONGEST_CALL:
        return [(first, last)]
    return [part for night in nights for part in calls.in_parts(night.start, night.end)]


def _by_night(pages: Sequence[Page], nights: Sequence[Night]) -> list[Page]:
    """Part what a day's calls told by the night that it belongs to; what belongs to none stays seen."""
    rows: dict[str, list[Any]] = {night.id: [] for night in nights}
    for row in (row for page in pages for row in page.body["series"]):
        start, end = _span_of(row)
        of = (one.id for one in nights if start is not None and is_of(one, start, end))
        rows[next(of, nights[0].id)].append(row)
    return [Page(listing=Listing.STAGES, body={"series": of}, of=id_) for id_, of in rows.items()]


def _span_of(row: object) -> tuple[datetime | None, datetime | None]:
    fields = row if isinstance(row, dict) else {}
    return instant(fields.get("startdate")), instant(fields.get("enddate"))
