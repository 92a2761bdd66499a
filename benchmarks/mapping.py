"""How quickly a day of readings becomes resources and is checked: `python -m benchmarks.mapping`.

Belongs here: builders and checks together, for one user-day of 30 readings. Not here: the checks
alone (`checks.py`), or sending (`publishing.py`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.measured_values import Series
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame

MORNING = datetime(2026, 11, 20, 6, tzinfo=UTC)
ROUNDS = 40
CONTEXT = PublishContext(
    vendor="withings",
    vendor_user="bench",
    patient="bench",
    secret=b"s" * 32,
    source="https://open-health-exchange.org/fhir/source/withings",
    now=MORNING + timedelta(days=3),
)
SCALE = [
    (Metric.BODY_WEIGHT, "72.30", "kg"),
    (Metric.FAT_RATIO, "21.4", "%"),
    (Metric.FAT_MASS, "15.47", "kg"),
    (Metric.MUSCLE_MASS, "53.9", "kg"),
    (Metric.BONE_MASS, "2.9", "kg"),
    (Metric.WATER_MASS, "39.8", "kg"),
]
CUFF = [
    (Metric.SYSTOLIC_BLOOD_PRESSURE, "128", "mm[Hg]"),
    (Metric.DIASTOLIC_BLOOD_PRESSURE, "81", "mm[Hg]"),
    (Metric.HEART_RATE, "64", "/min"),
]


def main() -> None:
    """Print one JSON object: milliseconds for a user-day, and how many a second that makes."""
    mapping, rows = load_mapping(), a_day()
    frame = to_frame(rows)

    def build() -> list[dict[str, Any]]:
        built = build_observations(frame, mapping=mapping, context=CONTEXT)
        return [one.resource for one in built.desired]

    resources = build()
    refused = sum(bool(problems(one)) for one in resources)
    building = _middle(build)
    checking = _middle(lambda: [problems(one) for one in resources])
    figures = {
        "readings": len(rows),
        "observations": len(resources),
        "refused": refused,
        "build_milliseconds": round(building * 1000, 2),
        "check_milliseconds": round(checking * 1000, 2),
        "user_day_milliseconds": round((building + checking) * 1000, 2),
        "built_per_second": round(len(resources) / building),
        "checked_per_second": round(len(resources) / checking),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def a_day() -> list[Measurement]:
    """Give 30 readings: two weighings, five blood pressures, a series and two more heart rates."""
    rows = [_row(*one, group=n) for n in range(2) for one in SCALE]
    rows += [_row(*one, group=n) for n in range(10, 15) for one in CUFF]
    rows += [_row(Metric.HEART_RATE, "66", "/min", group=n) for n in (20, 21)]
    minutes = tuple(Decimal(60 + minute % 40) for minute in range(1440))
    series = Series(samples=minutes, interval_ms=Decimal(60_000))
    end = {"end": MORNING + timedelta(days=1), "end_offset_minutes": 60}
    return [*rows, _row(Metric.HEART_RATE_SERIES, series, "/min", group=30, **end)]


def _row(metric: Metric, value: str | Series, unit: str, *, group: int, **more: Any) -> Measurement:
    return Measurement(
        metric=metric,
        value=Decimal(value) if isinstance(value, str) else value,
        unit=unit,
        start=MORNING + timedelta(minutes=group),
        offset_minutes=60,
        day=date(2026, 11, 20),
        device="d1",
        method=RecordingMethod.DEVICE,
        record=str(group),
        group=str(group),
        **more,
    )


def _middle(work: Callable[[], object]) -> float:
    # Processor time: whatever else a machine does leaves it as it is.
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return sorted(times)[ROUNDS // 2]


if __name__ == "__main__":
    main()
