"""Observations for `row_parts.py`'s rows as an EHR must hold them, worked out by hand.

Belongs here: FHIR of days, nights, workouts, strips and series. Not here: what a test expects.
"""

from tests.unit.sandbox.ehr_parts import UCUM, concept, device, observation, quantity
from tests.unit.sandbox.row_parts import MAT, WATCH, epoch, minute, segment

LOCAL = "https://open-health-exchange.org/fhir/CodeSystem/home-readings"
MDC = "urn:iso:std:iso:11073:10101"
DAY_TAG = {"system": "https://example.org/sid/local-day", "code": "2026-11-20"}
WHOLE_DAY = ("2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00")
NIGHT = ("2026-11-19T22:50:00+01:00", "2026-11-20T06:25:00+01:00")
RUN = ("2026-11-20T17:00:00+01:00", "2026-11-20T17:45:00+01:00")
STRIP = ("2026-11-20T09:00:00+01:00", "2026-11-20T09:00:00.010+01:00")


def coded(*codings):
    """Give a concept of codes, each with its system; a code alone is LOINC's."""
    pairs = [one if isinstance(one, tuple) else ("http://loinc.org", one) for one in codings]
    return {"coding": [{"system": system, "code": code} for system, code in pairs]}


def part(code, value, unit):
    code = code if isinstance(code, dict) else coded(code)
    return {"code": code, "valueQuantity": quantity(value, unit)}


def spanning(number, code, span, *, of="watch", category="activity", **more):
    """Make an Observation of a period, with its local day."""
    start, end = span
    categories = "http://terminology.hl7.org/CodeSystem/observation-category"
    return observation(
        number,
        coded(code) if isinstance(code, str) else code,
        **{
            "meta": {"tag": [DAY_TAG]},
            "category": [concept(category, categories)],
            "effectiveDateTime": None,
            "effectivePeriod": {"start": start, "end": end},
            "valueQuantity": None,
            "device": {"reference": f"Device/{of}"},
        }
        | more,
    )


def series(unit, data, **more):
    origin = {"value": 0, "unit": unit, "system": UCUM, "code": unit}
    return {"origin": origin, "intervalUnit": "s", "dimensions": 1, "data": data} | more


MINUTES = {
    epoch("2026-11-20T07:00"): minute(heart_rate=67, steps=11),
    epoch("2026-11-20T07:01"): minute(heart_rate=69),
}
SEGMENTS = [
    segment("2026-11-19T22:50", "2026-11-19T23:30", 1),
    segment("2026-11-19T23:30", "2026-11-20T06:25", 2),
]


def devices():
    return [device("watch", WATCH), device("mat", MAT)]


def right_kinds():
    """Give what must stand for a day of steps, a run, a night, its stages, an ECG and minutes."""
    made = [
        spanning("steps", "41950-7", WHOLE_DAY, valueQuantity=quantity(8412, "{steps}/d")),
        spanning("soft", "101688-0", WHOLE_DAY, valueQuantity=quantity(87.1, "min")),
        spanning(
            "run", "73985-4", RUN,
            valueCodeableConcept=coded((LOCAL, "running")),
            component=[part("55411-3", 40, "min"), part("41981-2", 401, "kcal")],
        ),
        spanning(
            "night", "93832-4", NIGHT, of="mat", valueQuantity=quantity(408, "min"),
            component=[part("93831-6", 97, "min")],
        ),
        spanning("score", coded((LOCAL, "sleep-score")), NIGHT, of="mat",
                 valueQuantity=quantity(82, "{score}")),
        spanning("light", coded((LOCAL, "sleep-stage")), (NIGHT[0], "2026-11-19T23:30:00+01:00"),
                 of="mat", valueCodeableConcept=coded((LOCAL, "light-sleep"))),
        spanning("deep", coded((LOCAL, "sleep-stage")), ("2026-11-19T23:30:00+01:00", NIGHT[1]),
                 of="mat", valueCodeableConcept=coded((LOCAL, "deep-sleep"))),
        spanning(
            "wave", coded((MDC, "131329"), "11524-6"), STRIP, category="procedure",
            valueSampledData=series("mV", "0 12 -7", interval=3.333333333, intervalUnit="ms",
                                    factor=0.001),
            component=[part(coded("8867-4", (MDC, "147842")), 66, "/min")],
        ),
        observation(
            "rhythm", coded((LOCAL, "atrial-fibrillation-classification")),
            effectiveDateTime=STRIP[0], valueQuantity=None,
            valueCodeableConcept=coded((LOCAL, "no-atrial-fibrillation")),
            device={"reference": "Device/watch"},
        ),
        observation(
            "pulse", "8867-4", meta={"tag": [DAY_TAG]}, effectiveDateTime=WHOLE_DAY[0],
            valueQuantity=None, device={"reference": "Device/watch"},
            valueSampledData=series("/min", "67 E 69", offsets="25200 25230 25260"),
        ),
        spanning("steps-by-minute", "55423-8", WHOLE_DAY,
                 valueSampledData=series("{steps}", "11", offsets="25200")),
    ]  # fmt: skip
    return {one["id"]: one for one in made}
