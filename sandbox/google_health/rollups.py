"""What a window's points of one type come to, as the roll-ups tell it.

Belongs here: sums and averages. Not here: which points there are (`store.py`), and windows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sandbox.google_health.points import Point, Value, without_zeros

# Of these a day that has any data at all has a total, be it zero.
TRUE_ZEROS = frozenset({"steps", "distance", "floors", "altitude", "total-calories"})
_COUNTED = {
    "steps": ("count", "countSum"),
    "distance": ("millimeters", "millimetersSum"),
    "floors": ("count", "countSum"),
    "altitude": ("gainMillimeters", "gainMillimetersSum"),
}
_ENERGY = frozenset({"active-energy-burned", "total-calories"})
_ZONE_SUMS = {
    "FAT_BURN": "sumInFatBurnHeartZone",
    "CARDIO": "sumInCardioHeartZone",
    "PEAK": "sumInPeakHeartZone",
}


def roll_up(type_: str, points: Sequence[Point]) -> Value:
    """Give the roll-up member's value of merged points; what is zero is left out."""
    if type_ in _COUNTED:
        name, total = _COUNTED[type_]
        return without_zeros({total: str(sum(int(one.value[name]) for one in points))})
    if type_ in _ENERGY:
        return without_zeros({"kcalSum": round(sum(one.value["kcal"] for one in points), 2)})
    return _SUMS[type_](points)


def _heart_rate(points: Sequence[Point]) -> Value:
    rates = [int(one.value["beatsPerMinute"]) for one in points]
    return {
        "beatsPerMinuteAvg": round(sum(rates) / len(rates), 6),
        "beatsPerMinuteMax": max(rates),
        "beatsPerMinuteMin": min(rates),
    }


def _active_minutes(points: Sequence[Point]) -> Value:
    sums: Counter[str] = Counter()
    for point in points:
        for one in point.value["activeMinutesByActivityLevel"]:
            sums[one["activityLevel"]] += int(one["activeMinutes"])
    told = [{"activityLevel": one, "activeMinutesSum": str(sums[one])} for one in sorted(sums)]
    return {"activeMinutesRollupByActivityLevel": told}


def _zone_minutes(points: Sequence[Point]) -> Value:
    sums: Counter[str] = Counter()
    for point in points:
        sums[point.value["heartRateZone"]] += int(point.value["activeZoneMinutes"])
    return {_ZONE_SUMS[zone]: str(count) for zone, count in sorted(sums.items())}


def _sedentary(points: Sequence[Point]) -> Value:
    return {"durationSum": f"{sum(_lasted(one) for one in points)}s"}


def _zone_times(points: Sequence[Point]) -> Value:
    sums: Counter[str] = Counter()
    for point in points:
        sums[point.value["heartRateZoneType"]] += _lasted(point)
    told = [{"heartRateZone": zone, "duration": f"{sums[zone]}s"} for zone in sorted(sums)]
    return {"timeInHeartRateZones": told}


def _lasted(point: Point) -> int:
    return (point.end - point.start) // 1_000


_SUMS: Mapping[str, Callable[[Sequence[Point]], Value]] = {
    "active-minutes": _active_minutes,
    "active-zone-minutes": _zone_minutes,
    "sedentary-period": _sedentary,
    "time-in-heart-rate-zone": _zone_times,
    "heart-rate": _heart_rate,
}
