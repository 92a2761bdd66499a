"""Measurements for tests: one value of any kind, a period, or a cuff's three.

Belongs here: made-up rows. Not here: fixtures (`conftest.py`).
"""

from datetime import UTC, date, datetime
from decimal import Decimal

from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod

TAKEN = datetime(2026, 11, 20, 6, 31, 2, tzinfo=UTC)


def measurement(metric, value, unit, **changes):
    return reading(metric, Decimal(value), unit, **changes)


def reading(metric, value, unit=None, **changes):
    """Give a measurement; its value as it is."""
    given = {
        "metric": Metric(metric),
        "value": value,
        "unit": unit,
        "start": TAKEN,
        "offset_minutes": 60,
        "day": date(2026, 11, 20),
        "device": "5d1c",
        "method": RecordingMethod.DEVICE,
        "record": "6120",
        "group": "6120",
    }
    return Measurement(**given | changes)


def over(start, end):
    """Give the columns of a period between two ISO times, each with its own offset."""
    begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return {
        "start": begins.astimezone(UTC),
        "end": ends.astimezone(UTC),
        "offset_minutes": int(begins.utcoffset().total_seconds() // 60),
        "end_offset_minutes": int(ends.utcoffset().total_seconds() // 60),
        "day": begins.date(),
    }


def cuff(systolic="128", diastolic="81", pulse="64", **changes):
    given = {
        "systolic_blood_pressure": (systolic, "mm[Hg]"),
        "diastolic_blood_pressure": (diastolic, "mm[Hg]"),
        "heart_rate": (pulse, "/min"),
    }
    return [
        measurement(metric, value, unit, **changes)
        for metric, (value, unit) in given.items()
        if value is not None
    ]
