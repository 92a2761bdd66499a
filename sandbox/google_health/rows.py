"""Points as JSON for the sandbox's reader, with all that the vendor knows of them.

Belongs here: which types go into which part. Not here: the wire (`wire.py`), and judging
(`sandbox/reader/`).
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from sandbox.google_health.kinds import DAILY, KIND_OF, MEASURES
from sandbox.google_health.points import Point

_LOGS = ("hydration-log", "nutrition-log")
_TAKEN = ("blood-glucose", "core-body-temperature")
_MEDICAL = ("electrocardiogram", "irregular-rhythm-notification")
LISTED = (*MEASURES, *_TAKEN, "sleep", "exercise", *_MEDICAL, *_LOGS)
RECONCILED = (
    "heart-rate",
    "heart-rate-variability",
    "oxygen-saturation",
    "vo2-max",
    "run-vo2-max",
    "sleep",
    "exercise",
    *(type_ for type_, kind in KIND_OF.items() if kind == DAILY),
)
_NAMES = tuple(one.name for one in fields(Point))


def as_row(point: Point) -> dict[str, Any]:
    """Give every field of a point by name; what it holds is shared, not copied."""
    row = {name: getattr(point, name) for name in _NAMES}
    source = None if point.source is None else asdict(point.source)
    return row | {"day": point.day.isoformat(), "source": source}
