"""How quickly resources are checked before they are sent: `python -m benchmarks.checks`.

Belongs here: the checks alone. Not here: building the resources, or sending them.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from typing import Any

READINGS_OF_A_DAY = 30
ROUNDS = 40
UCUM = "http://unitsofmeasure.org"
PROFILES = "http://hl7.org/fhir/StructureDefinition/"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def main() -> None:
    """Print one JSON object: start-up, and checks per second and per day of readings."""
    start = time.process_time()
    from ohx_pipelines.fhir.validate import problems  # noqa: PLC0415  (its loading is measured)

    day = [*_scale(), *_cuff(), *_series(), *_totals()]
    wrong = [one for one in day if problems(one)]
    loaded = time.process_time() - start
    times = sorted(_timed(problems, day) for _ in range(ROUNDS))
    middle = times[ROUNDS // 2]
    figures = {
        "readings": len(day),
        "refused": len(wrong),
        "load_and_first_day_seconds": round(loaded, 3),
        "day_milliseconds": round(middle * 1000, 2),
        "worst_day_milliseconds": round(times[-1] * 1000, 2),
        "checks_per_second": round(len(day) / middle),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _timed(check: Any, day: list[Any]) -> float:
    # Processor time: whatever else a machine does leaves it as it is.
    start = time.process_time()
    for resource in day:
        check(resource)
    return time.process_time() - start


def _scale() -> list[Any]:
    return [
        _observation("29463-7", "vital-signs", "bodyweight", valueQuantity=_quantity("72.30", "kg"))
        for _ in range(10)
    ]


def _cuff() -> list[Any]:
    components = [
        {"code": _concept(code), "valueQuantity": _quantity(value, "mm[Hg]")}
        for code, value in (("8480-6", "128"), ("8462-4", "81"))
    ]
    return [_observation("85354-9", "vital-signs", "bp", component=components) for _ in range(8)]


def _series() -> list[Any]:
    minutes = " ".join(str(60 + minute % 40) for minute in range(1440))
    sampled = {
        "origin": _quantity("0", "/min"),
        "interval": 60,
        "intervalUnit": "s",
        "dimensions": 1,
        "data": minutes,
    }
    return [_observation("8867-4", "vital-signs", "heartrate", valueSampledData=sampled)] * 2


def _totals() -> list[Any]:
    day = {"start": "2026-11-20T00:00:00+01:00", "end": "2026-11-21T00:00:00+01:00"}
    return [
        _observation(
            "41950-7", "activity", valueQuantity=_quantity("8123", "{steps}/d"), effectivePeriod=day
        )
        for _ in range(READINGS_OF_A_DAY - 20)
    ]


def _observation(code: str, category: str, profile: str = "", **elements: Any) -> Any:
    times = {} if "effectivePeriod" in elements else {"effectiveDateTime": "2026-11-20T07:31:02Z"}
    return {
        "resourceType": "Observation",
        "id": "0b8d7c1e-6f0a-4c55-9a39-3d6c5a0e6a11",
        "meta": {"profile": [PROFILES + profile]} if profile else {"source": "https://x.org"},
        "identifier": [{"system": "https://example.org/sid", "value": "81.1.0"}],
        "status": "final",
        "category": [_concept(category, CATEGORY)],
        "code": _concept(code),
        "subject": {"reference": "Patient/p1"},
        "device": {"reference": "Device/d1"},
        **times,
        **elements,
    }


def _concept(code: str, system: str = "http://loinc.org") -> Any:
    return {"coding": [{"system": system, "code": code}]}


def _quantity(value: str, unit: str) -> Any:
    return {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit}


if __name__ == "__main__":
    main()
