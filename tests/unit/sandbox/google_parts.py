"""Google Health points of every kind as its store has them, hand-made for the tests of the reader.

Belongs here: one ordinary point per kind, and what the reader asks for of some. Not here: what a test
expects.
"""

from datetime import datetime

from sandbox.reader.expected import expected_readings
from sandbox.reader.readings import GOOGLE_HEALTH, Asked, Listing
from tests.unit.sandbox.reader_parts import ANNA, DAY
from tests.unit.sandbox.row_parts import STOCKHOLM, plain

BAND = {
    "platform": "FITBIT", "method": "PASSIVELY_MEASURED", "device": "Charge 6",
    "form": "FITNESS_BAND", "package": None,
}  # fmt: skip
SCALE = BAND | {"device": "Aria Air", "form": "SCALE"}
TYPED_IN = BAND | {"method": "MANUAL", "device": None, "form": None}
APP = BAND | {"platform": "HEALTH_CONNECT", "device": None, "form": None, "package": "com.other"}


def ms(text, zone=STOCKHOLM):
    """Give the vendor's milliseconds for a wall clock's time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1_000)


def point(of_type, start, value, *, end=None, **more):
    """Give a point of a source, of Stockholm in winter, that was never changed."""
    at = start if isinstance(start, int) else ms(start)
    until = at if end is None else ms(end)
    return {
        "type": of_type,
        "id": "77",
        "start": at,
        "end": until,
        "offset": 3_600,
        "end_offset": 3_600,
        "day": "2026-11-20",
        "value": value,
        "source": BAND,
        "created": until / 1_000 + 600,
        "updated": until / 1_000 + 600,
        "has_offset": True,
    } | more


def merged_point(of_type, start, value, **more):
    return point(of_type, start, value, **{"source": None} | more)


def daily(of_type, value, **more):
    return merged_point(of_type, "2026-11-20T00:00", value, **more)


def raw(*points):
    return {"points": _by_type(points)}


def merged(*points):
    return {"merged": _by_type(points)}


def _by_type(points):
    types = {one["type"] for one in points}
    return {of_type: [one for one in points if one["type"] == of_type] for of_type in types}


def total(of_type, value, day="2026-11-20"):
    return {"totals": {of_type: {day: value}}}


def weight(grams=71_350, start="2026-11-20T07:11:22.500", **more):
    return point("weight", start, {"weightGrams": grams}, **{"source": SCALE} | more)


def stage(of_type, start, end, *, offset="3600s"):
    """Give a stage of a night by UTC times."""
    return {
        "type": of_type,
        "startTime": f"{start}Z",
        "endTime": f"{end}Z",
        "startUtcOffset": offset,
        "endUtcOffset": offset,
    }


STAGES = [
    stage("AWAKE", "2026-11-19T21:51:00", "2026-11-19T21:58:00"),
    stage("LIGHT", "2026-11-19T21:58:00", "2026-11-19T22:28:30"),
]
SUMMARY = {
    "minutesInSleepPeriod": "466", "minutesAsleep": "402", "minutesAwake": "64",
    "minutesAfterWakeUp": "2",
    "stagesSummary": [
        {"type": "LIGHT", "minutes": "221", "count": "28"},
        {"type": "DEEP", "minutes": "81", "count": "4"},
        {"type": "AWAKE", "minutes": "64", "count": "30"},
    ],
}  # fmt: skip


def night(start="2026-11-19T22:51", end="2026-11-20T06:37", **more):
    value = {
        "type": "STAGES",
        "stages": STAGES,
        "summary": SUMMARY,
        "metadata": {"stagesStatus": "SUCCEEDED", "processed": True, "mainSleep": True},
    } | more.pop("value", {})
    return merged_point("sleep", start, value, **{"end": end, "id": "7821"} | more)


METRICS = {
    "caloriesKcal": 122.5, "distanceMillimeters": 1_284_300.5, "steps": "1606",
    "averageHeartRateBeatsPerMinute": "104", "activeZoneMinutes": "5",
}  # fmt: skip


def walk(start="2026-11-20T17:00", end="2026-11-20T17:20", **more):
    value = {
        "exerciseType": "WALKING",
        "displayName": "Walking",
        "activeDuration": "934s",
        "metricsSummary": METRICS,
    } | more.pop("value", {})
    return merged_point("exercise", start, value, **{"end": end, "id": "501"} | more)


def strip(**more):
    value = {
        "beatsPerMinuteAvg": "66",
        "leadNumber": 1,
        "medicalDeviceInfo": {"deviceModel": "Pixel Watch 4"},
        "millivoltsScalingFactor": 8_000,
        "resultClassification": "NORMAL_SINUS_RHYTHM",
        "samplingFrequencyHertz": 250,
        "waveformSamples": [0, 12, -7],
    } | more.pop("value", {})
    start = more.pop("start", "2026-11-20T09:00")
    source = {"platform": "", "method": "", "device": None, "form": None, "package": None}
    return point("electrocardiogram", start, value, **{"source": source, "id": "701"} | more)


def notification(*windows, end="2026-11-20T04:30", **more):
    told = [{"positive": True} if one else {} for one in windows]
    value = {"alertWindows": told, "medicalDeviceInfo": {"deviceModel": "Sense 2"}}
    return point(
        "irregular-rhythm-notification",
        "2026-11-20T03:00",
        value,
        **{"end": end, "id": "801"} | more,
    )


def listed(rows, *, person=ANNA, now=None, **asked):
    return Listing(person=person, rows=rows, asked=Asked(**asked), now=now, vendor=GOOGLE_HEALTH)


def readings(rows, *, first=DAY, last=DAY, **more):
    """Give the readings that must stand for rows."""
    return expected_readings(listed(rows, **more), first, last)


def said(rows, **more):
    """Give what must stand for rows, by record and code: a number, a word, the samples' numbers."""
    found = readings(rows, **more)
    by_code = {(one.record, one.code): plain(one.amounts) for one in found}
    assert len(by_code) == len(found)
    return by_code
