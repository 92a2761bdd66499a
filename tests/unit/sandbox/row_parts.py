"""Rows of every kind as the vendor sends them, hand-made for the tests of the reader.

Belongs here: one ordinary row per kind, and what the reader asks for of some. Not here: what a test
expects.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.reader.expected import expected_readings
from sandbox.reader.readings import Amount, Asked, Listing, Samples, Word
from tests.unit.sandbox.reader_parts import ANNA, DAY

WATCH, MAT = "c" * 40, "d" * 40
STOCKHOLM = ZoneInfo(ANNA.zone)
PHONE_MODEL, WATCH_MODEL = 1051, 93


def epoch(text, zone=STOCKHOLM):
    """Give the vendor's number for a wall clock's time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON, EVENING, NEXT_DAY = utc("2026-11-20T11:00"), utc("2026-11-20T20:00"), utc("2026-11-21T06:00")


def activity(**more):
    return {
        "date": "2026-11-20", "timezone": "Europe/Stockholm", "steps": 8412, "distance": 6120.4,
        "elevation": 7, "soft": 5225, "moderate": 1980, "intense": 240, "active": 2220,
        "calories": 412.6, "totalcalories": 2310.9, "hr_average": 74, "hr_min": 51, "hr_max": 139,
        "hr_zone_0": 61200, "hr_zone_1": 2040, "hr_zone_2": 360, "hr_zone_3": 0,
        "deviceid": None, "hash_deviceid": WATCH, "modified": epoch("2026-11-20T23:00"),
        "brand": 1, "modelid": WATCH_MODEL, "model": "ScanWatch", "is_tracker": True,
    } | more  # fmt: skip


def walked(steps, **more):
    """Give a day whose row says steps alone."""
    nothing = dict.fromkeys(activity().keys() - {"date", "timezone", "hash_deviceid"})
    row = activity() | nothing | {"steps": steps} | more
    return {"activities": [row]}


def workout(number=501, **more):
    return {
        "id": number, "category": 2, "timezone": "Europe/Stockholm", "model": WATCH_MODEL,
        "attrib": 0, "startdate": epoch("2026-11-20T17:00"), "enddate": epoch("2026-11-20T17:45"),
        "date": "2026-11-20", "modified": epoch("2026-11-20T18:00"), "deviceid": WATCH,
        "data": {"calories": 401, "steps": 6100, "distance": 7200.5, "elevation": 2,
                 "pause_duration": 300, "hr_average": 141, "hr_min": 92, "hr_max": 171,
                 "intensity": 60, "spo2_average": None},
    } | more  # fmt: skip


def night(number=601, **more):
    return {
        "id": number, "timezone": "Europe/Stockholm", "model": 32, "model_id": 63,
        "hash_deviceid": MAT, "startdate": epoch("2026-11-19T22:50"),
        "enddate": epoch("2026-11-20T06:25"), "date": "2026-11-20",
        "created": epoch("2026-11-20T06:40"), "modified": epoch("2026-11-20T06:40"),
        "completed": True,
        "data": {"total_timeinbed": 27300, "total_sleep_time": 24480, "lightsleepduration": 13500,
                 "deepsleepduration": 5820, "remsleepduration": 5160, "sleep_efficiency": 0.9,
                 "sleep_latency": 840, "wakeupcount": 2, "waso": 1500, "hr_average": 56,
                 "rr_average": 14, "snoring": 0, "sleep_score": 82, "mvt_score_avg": 12},
    } | more  # fmt: skip


def segment(start, end, state, *, device=MAT, **more):
    return {
        "startdate": epoch(start), "enddate": epoch(end), "state": state, "model_id": 63,
        "hash_deviceid": device,
    } | more  # fmt: skip


def strip(number=701, *, samples=(0, 12, -7), frequency=300, **more):
    return {
        "deviceid": WATCH, "model": 93, "ecg": {"signalid": number, "afib": 0},
        "heart_rate": 66, "modified": epoch("2026-11-20T09:05"),
        "timestamp": epoch("2026-11-20T09:00"),
        "signal": {"signal": list(samples), "sampling_frequency": frequency, "wearposition": 1},
    } | more  # fmt: skip


def minute(*, device=WATCH, model=WATCH_MODEL, **more):
    return {"deviceid": device, "hash_deviceid": device, "model_id": model} | more


def readings(rows, *, first=DAY, last=DAY, person=ANNA, now=None, **asked):
    """Give the readings that must stand for rows."""
    listing = Listing(person=person, rows=rows, asked=Asked(**asked), now=now)
    return expected_readings(listing, first, last)


def said(rows, **more):
    """Give what must stand for rows, by record and code: a number, a word, the samples' numbers."""
    found = readings(rows, **more)
    by_code = {(one.record, one.code): plain(one.amounts) for one in found}
    assert len(by_code) == len(found)
    return by_code


def plain(amounts):
    """Give values without classes: `{"": x}` as x itself."""
    values = {code: _plain(one) for code, one in amounts.items()}
    return values[""] if values.keys() == {""} else values


def _plain(one):
    if isinstance(one, Samples):
        return [(float(at), float(value)) for at, value in one.value], one.unit
    if isinstance(one, Word):
        return one.value
    assert isinstance(one, Amount)
    return float(one.value), one.unit
