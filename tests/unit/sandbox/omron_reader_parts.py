"""OMRON's rows and an app's truth rows, hand-made for the tests of the reader.

Belongs here: one ordinary row of each list, and what the reader asks for of some. Not here: what a test
expects.
"""

from sandbox.reader.expected import expected_readings, named_readings
from sandbox.reader.readings import BEURER, OMRON, Asked, Flag, Listing
from tests.unit.sandbox.reader_parts import ANNA, DAY
from tests.unit.sandbox.row_parts import plain

CUFF, SCALE, TRACKER = "HEM-7361T", "HBF-228T", "HJA-405T"


def timed(local="2026-11-20T07:42:10", utc="2026-11-20T06:42:10", offset="+01:00"):
    """Give the three fields of a time; None takes one away."""
    given = {"dateTime": utc, "dateTimeLocal": local, "dateTimeUtcOffset": offset}
    return {name: value for name, value in given.items() if value is not None}


def cuffed(number=903311207, **more):
    row = {
        "id": number, **timed(), "systolic": 127, "diastolic": 79, "bloodPressureUnits": "mmHg",
        "pulse": 63, "pulseUnits": "bpm", "deviceType": CUFF,
    } | more  # fmt: skip
    return {"bloodPressure": [_without_none(row)]}


def weighed(number=5, **more):
    row = {
        "id": number, **timed(), "weight": 71.4, "weightUnits": "kg", "bmiValue": 22.3,
        "bodyFatPercentage": 21.5, "skeletalMusclePercentage": 33.1, "visceralFatLevel": 6,
        "restingMetabolism": 1512, "bodyAge": 44, "deviceType": SCALE,
    } | more  # fmt: skip
    return {"weight": [_without_none(row)]}


def walked(number=77120031, **more):
    row = {
        "id": number, **timed("2026-11-20T00:00:00", "2026-11-19T23:00:00"), "steps": 7312,
        "aerobicSteps": 1800, "calories": 245, "caloriesUnits": "kcal", "distance": 5.1,
        "distanceUnits": "km", "deviceType": TRACKER,
    } | more  # fmt: skip
    return {"activity": [_without_none(row)]}


def warm(temperature=36.6, units="C", **more):
    row = {"id": 8, **timed(), "temperature": temperature, "temperatureUnits": units}
    return {"temperature": [_without_none(row | more)]}


def saturated(**more):
    row = {"id": 9, **timed(), "oxygenSaturation": 96, "pulse": 64, "deviceType": "HPO-300T"}
    return {"oxygen": [_without_none(row | more)]}


def told(kind, values, *, moment="2026-11-20T07:52", **more):
    """Give an app's truth row as JSON has it."""
    return {
        "kind": kind, "record": f"{kind}-{moment}", "occurrence": 0, "moment": moment, "end": None,
        "zone": ANNA.zone, "values": values, "flags": [], "manual": True, "device": None,
    } | more  # fmt: skip


def _without_none(row):
    return {name: value for name, value in row.items() if value is not None}


def listed(rows, *, vendor=OMRON, person=ANNA, now=None, **asked):
    return Listing(person=person, rows=rows, asked=Asked(**asked), now=now, vendor=vendor)


def readings(rows, *, first=DAY, last=DAY, **more):
    """Give the readings that must stand for rows."""
    return expected_readings(listed(rows, **more), first, last)


def of_files(*rows, vendor=BEURER, **more):
    return readings({"told": rows}, vendor=vendor, **more)


def named(rows, **more):
    return named_readings(listed(rows, **more))


def said(found):
    """Give what readings say by code: a number with its unit, a flag, or that of each component."""
    by_code = {one.code: _plain(one.amounts) for one in found}
    assert len(by_code) == len(found)
    return by_code


def _plain(amounts):
    given = {
        code: one.value if isinstance(one, Flag) else plain({"": one})
        for code, one in amounts.items()
    }
    return given.get("", given)
