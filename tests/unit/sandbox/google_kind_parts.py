"""Observations for `google_parts.py`'s points as an EHR must hold them, worked out by hand.

Belongs here: FHIR of every kind with its vendor, and the rows it stands for. Not here: what a test
expects.
"""

from tests.unit.sandbox.ehr_parts import device, observation, quantity
from tests.unit.sandbox.google_parts import (
    STAGES,
    TYPED_IN,
    daily,
    merged,
    merged_point,
    night,
    raw,
    strip,
    total,
    walk,
    weight,
)
from tests.unit.sandbox.kind_parts import (
    LOCAL,
    MDC,
    WHOLE_DAY,
    coded,
    part,
    series,
    spanning,
)

SOURCE = "https://open-health-exchange.org/fhir/source/"
SID = "https://open-health-exchange.org/fhir/sid/"
NIGHT = ("2026-11-19T22:51:00+01:00", "2026-11-20T06:37:00+01:00")
WALK = ("2026-11-20T17:00:00+01:00", "2026-11-20T17:20:00+01:00")
STRIP = ("2026-11-20T09:00:00+01:00", "2026-11-20T09:00:00.012+01:00")
TAKEN = "2026-11-20T07:11:22.500+01:00"
ROWS = (
    raw(
        weight(),
        weight(80_000, id="78", start="2026-11-20T20:00", source=TYPED_IN),
        strip(value={"beatsPerMinuteAvg": "66"}),
    )
    | merged(
        daily("daily-resting-heart-rate", {"beatsPerMinute": "57"}),
        daily("daily-heart-rate-variability", {"averageHeartRateVariabilityMilliseconds": 41.5}),
        merged_point("heart-rate", "2026-11-20T07:00", {"beatsPerMinute": "64"}),
        merged_point("heart-rate", "2026-11-20T07:00:05.250", {"beatsPerMinute": "71"}),
        merged_point(
            "heart-rate-variability",
            "2026-11-20T03:00",
            {"rootMeanSquareOfSuccessiveDifferencesMilliseconds": 40},
        ),
        night(
            value={
                "summary": {"minutesAsleep": "402", "minutesAwake": "64", "minutesToFallAsleep": "9",
                            "minutesInSleepPeriod": "466"},
                "stages": STAGES[:1],
            }
        ),
        walk(value={"metricsSummary": {"distanceMillimeters": 1_284_300}}),
    )
    | total("steps", {"countSum": "9312"})
)  # fmt: skip


def ours(resource, vendor="google_health"):
    """Give a resource as our software writes it for a vendor's link."""
    meta = {"source": f"{SOURCE}{vendor}"} | resource.get("meta", {})
    return resource | {"meta": meta}


def health_device(number="scale", model="Aria Air", *, owner="anna", **more):
    identifier = [{"system": f"{SID}google_health-device", "value": f"{owner} {model}".ljust(32)}]
    made = device(number) | {"identifier": identifier, "modelNumber": model}
    return ours(made | {"displayName": f"Fitbit {model}"} | more)


def devices():
    return [health_device(), health_device("watch", "Pixel Watch 4")]


def anything(code, span=WHOLE_DAY, **more):
    """Make an Observation of a span that no device is named for."""
    number = more.pop("id")
    return ours(spanning(number, code, span, **{"device": None} | more))


def right_kinds():
    """Give what must stand for ROWS."""
    start = {"effectivePeriod": None, "effectiveDateTime": WHOLE_DAY[0]}
    taken = {"valueQuantity": quantity(71.35, "kg"), "effectiveDateTime": TAKEN}
    made = [
        ours(observation("weight", device={"reference": "Device/scale"}, **taken)),
        ours(observation("typed", effectiveDateTime="2026-11-20T20:00:00+01:00",
                         valueQuantity=quantity(80, "kg"))),
        anything(coded((MDC, "131329"), "11524-6"), STRIP, id="wave", category="procedure",
                 valueSampledData=series("mV", "0 12 -7", interval=4, intervalUnit="ms",
                                         factor=0.000125),
                 component=[part(coded("8867-4", (MDC, "147842")), 66, "/min")],
                 device={"reference": "Device/watch"}),
        ours(observation("rhythm", coded((LOCAL, "atrial-fibrillation-classification")),
                         effectiveDateTime=STRIP[0], valueQuantity=None,
                         valueCodeableConcept=coded((LOCAL, "normal-sinus-rhythm")),
                         device={"reference": "Device/watch"})),
        anything(coded("40443-4", "8867-4"), id="resting", effectivePeriod=None,
                 effectiveDateTime="2026-11-20", valueQuantity=quantity(57, "/min")),
        anything(coded((LOCAL, "heart-rate-variability-rmssd")), id="variability",
                 valueQuantity=quantity(41.5, "ms")),
        anything("8867-4", id="beats", **start,
                 valueSampledData=series("/min", "64 71", offsets="25200000 25205250",
                                         intervalUnit="ms")),
        anything(coded((LOCAL, "heart-rate-variability-rmssd")), id="variabilities",
                 valueSampledData=series("ms", "40", offsets="10800")),
        anything("93832-4", NIGHT, id="night", valueQuantity=quantity(402, "min"),
                 component=[part("103210-1", 64, "min"), part("103212-7", 9, "min"),
                            part("103213-5", 466, "min")]),
        anything(coded((LOCAL, "sleep-stage")), (NIGHT[0], "2026-11-19T22:58:00+01:00"),
                 id="stage", valueCodeableConcept=coded((LOCAL, "awake"))),
        anything("73985-4", WALK, id="walk", valueCodeableConcept=coded((LOCAL, "walking")),
                 component=[part("55411-3", 15.6, "min"), part("103208-5", 1284.3, "m")]),
        anything("41950-7", id="steps", valueQuantity=quantity(9312, "{steps}/d")),
    ]  # fmt: skip
    return {one["id"]: _without_nothing(one) for one in made}


def _without_nothing(resource):
    return {name: value for name, value in resource.items() if value is not None}


def named(resource, record, vendor="google_health"):
    """Give an Observation whose server stripped its source: its identifier is left."""
    meta = {name: one for name, one in resource["meta"].items() if name != "source"}
    identifier = [{"system": f"{SID}{vendor}-record", "value": record}]
    return _without_nothing(resource | {"meta": meta or None, "identifier": identifier})
