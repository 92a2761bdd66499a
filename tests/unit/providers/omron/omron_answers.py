"""OMRON's rows as its partners see them, and what is read of them.

Belongs here: building rows, reading them. Not here: what is expected of either.
"""

from collections import Counter
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, measurements_of
from ohx_pipelines.providers.base import Asked, Fetched, Page
from ohx_pipelines.providers.omron.normalize import normalize

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 20)
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
SHARED = ("blood_pressure", "body", "activity", "temperature", "oxygen")
LISTS = {
    "bloodpressure": "bloodPressure",
    "activity": "activity",
    "weight": "weight",
    "temperature": "temperature",
    "oxygen": "oxygen",
}
TIMES = {
    "dateTime": "2026-11-20T06:42:10",
    "dateTimeLocal": "2026-11-20T07:42:10",
    "dateTimeUtcOffset": "+01:00",
}
CUFF = {
    "id": 903311207,
    **TIMES,
    "systolic": 127,
    "diastolic": 79,
    "bloodPressureUnits": "mmHg",
    "pulse": 63,
    "pulseUnits": "bpm",
    "deviceType": "HEM-7361T",
}
DAY_TOTAL = {
    "id": 77120031,
    "dateTime": "2026-11-19T23:00:00",
    "dateTimeLocal": "2026-11-20T00:00:00",
    "dateTimeUtcOffset": "+01:00",
    "steps": 7312,
    "aerobicSteps": 1800,
    "calories": 245,
    "caloriesUnits": "kcal",
    "distance": Decimal("5.1"),
    "distanceUnits": "km",
    "aerobicWalkingTime": 21,
    "aerobicWalkingTimeUnits": "minutes",
    "deviceType": "HJA-405T",
}
SCALE = {
    "id": 55,
    **TIMES,
    "weight": Decimal("71.35"),
    "weightUnits": "kg",
    "bmiValue": Decimal("22.5"),
    "bodyFatPercentage": Decimal("18.1"),
    "skeletalMusclePercentage": Decimal("38.2"),
    "visceralFatLevel": 6,
    "restingMetabolism": 1610,
    "bodyAge": 41,
    "deviceType": "HBF-702T",
}
THERMOMETER = {"id": 66, **TIMES, "temperature": Decimal("36.8"), "temperatureUnits": "C"}
OXIMETER = {"id": 77, **TIMES, "oxygenSaturation": 97, "oxygenSaturationUnits": "%", "pulse": 61}
ROWS = {
    "bloodpressure": CUFF,
    "activity": DAY_TOTAL,
    "weight": SCALE,
    "temperature": THERMOMETER,
    "oxygen": OXIMETER,
}


def at(local, offset="+01:00", utc=None):
    """Give the three fields of a time, without those that are None."""
    told = {"dateTimeLocal": local, "dateTimeUtcOffset": offset, "dateTime": utc}
    return dict.fromkeys(TIMES) | told


def page(listing, *rows, **result):
    body = {"truncated": False, LISTS.get(listing, listing): list(rows)} | result
    return Page(listing=listing, body=body)


def normalized(*pages, window=WEEK, shared=SHARED, **more):
    fetched = Fetched(
        window=window,
        pages=pages,
        calls=len(pages),
        asked=Asked(shared=frozenset(shared), wanted=frozenset(Metric)),
        account="a-word-for-the-account",
        **more,
    )
    return normalize(fetched)


def read(listing, *rows, **more):
    return normalized(page(listing, *rows), **more)


def values(result):
    return {one.metric: (one.value, one.unit) for one in measurements_of(result.frame)}


def measurements(result):
    return measurements_of(result.frame)


def left_out(result):
    return [(one.metric, one.record, one.reason) for one in result.unpublished]


def ignored(result):
    return dict(sum((Counter(words) for words in result.ignored.values()), Counter()))
