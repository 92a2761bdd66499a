"""What a roll-up makes of the points of one window.

Belongs here: sums, means and bounds by type. Not here: which points fall into which window
(`roll_up_calls.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from sandbox.google_health.errors import unimplemented
from sandbox.google_health.points import Point, without_zeros

Window = TypeVar("Window", bound=Hashable)
# Whole numbers are texts on the wire, sums of them too.
_WHOLE_SUMS = {
    "steps": ("count", "countSum"),
    "distance": ("millimeters", "millimetersSum"),
    "floors": ("count", "countSum"),
    "altitude": ("gainMillimeters", "gainMillimetersSum"),
}
_SUMS = {"active-energy-burned": ("kcal", "kcalSum")}
_MEANS = {
    "weight": ("weightGrams", "weightGramsAvg"),
    "body-fat": ("percentage", "bodyFatPercentageAvg"),
    "blood-glucose": (
        "bloodGlucoseMilligramsPerDeciliter",
        "bloodGlucoseMilligramsPerDeciliterAvg",
    ),
}
_BOUNDS = {
    "heart-rate": ("beatsPerMinute", "beatsPerMinute"),
    "core-body-temperature": ("temperatureCelsius", "temperatureCelsius"),
    "run-vo2-max": ("runVo2Max", "rate"),
}


def summed(
    path: str, points: Iterable[Point], window: Callable[[Point], Window]
) -> dict[Window, dict[str, Any]]:
    """Give the roll-up value of each window that has points; raises Refused (501) for other types."""
    numbers: defaultdict[Window, list[float]] = defaultdict(list)
    field, value = _reading(path)
    for point in points:
        numbers[window(point)].append(float(point.value.get(field, 0)))
    return {one: without_zeros(value(of_window)) for one, of_window in numbers.items()}


def _reading(path: str) -> tuple[str, Callable[[Sequence[float]], dict[str, Any]]]:
    if path in _WHOLE_SUMS:
        field, name = _WHOLE_SUMS[path]
        return field, lambda numbers: {name: str(round(sum(numbers)))}
    if path in _SUMS:
        field, name = _SUMS[path]
        return field, lambda numbers: {name: sum(numbers)}
    if path in _MEANS:
        field, name = _MEANS[path]
        return field, lambda numbers: {name: sum(numbers) / len(numbers)}
    if path in _BOUNDS:
        field, name = _BOUNDS[path]
        return field, lambda numbers: _bounds(name, numbers)
    raise unimplemented(f"roll-ups of {path} that are not by day")


def _bounds(name: str, numbers: Sequence[float]) -> dict[str, Any]:
    mean = sum(numbers) / len(numbers)
    return {f"{name}Avg": mean, f"{name}Max": max(numbers), f"{name}Min": min(numbers)}
