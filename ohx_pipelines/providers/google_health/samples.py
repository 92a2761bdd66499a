"""Google's single samples: weighings, temperatures, blood glucose, each a reading of its own.

Belongs here: samples that stand alone. Not here: samples that become a day's series (`series.py`), or
which of two twins counts (`sources.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.google_health.listed_points import (
    Point,
    newest,
    points_of,
    taking_of,
)
from ohx_pipelines.providers.google_health.listings import Listing
from ohx_pipelines.providers.google_health.points import (
    SAMPLE_TIME,
    Moment,
    Row,
    double,
    int64,
    sample_moment,
    word,
)
from ohx_pipelines.providers.google_health.readings import Field, Reading, Taking
from ohx_pipelines.providers.google_health.sources import rank, with_first

GLUCOSE, TEMPERATURE = "blood_glucose", "core_body_temperature"
# By listing: the field of its value, and what that is.
FIELDS: Mapping[str, tuple[str, Field]] = {
    "weight": ("weightGrams", Field(Metric.BODY_WEIGHT, "g", double, living=True)),
    "body_fat": ("percentage", Field(Metric.FAT_RATIO, "%", double, living=True)),
    "height": ("heightMillimeters", Field(Metric.BODY_HEIGHT, "mm", int64, living=True)),
    "vo2_max": ("vo2Max", Field(Metric.VO2_MAX_SAMPLE, "mL/min/kg", double, living=True)),
    "run_vo2_max": ("runVo2Max", Field(Metric.VO2_MAX_SAMPLE, "mL/min/kg", double, living=True)),
    GLUCOSE: (
        "bloodGlucoseMilligramsPerDeciliter",
        Field(Metric.BLOOD_GLUCOSE, "mg/dL", double, living=True),
    ),
    TEMPERATURE: (
        "temperatureCelsius",
        Field(Metric.BODY_TEMPERATURE, "Cel", double, living=True),
    ),
}
LOCATION = "measurementLocation"
# Everywhere else it is the temperature of the body.
BY_LOCATION = {
    "MOUTH": Metric.ORAL_TEMPERATURE,
    "TEMPORAL_ARTERY": Metric.TEMPORAL_ARTERY_TEMPERATURE,
    "FINGER": Metric.SKIN_TEMPERATURE,
    "TOE": Metric.SKIN_TEMPERATURE,
    "WRIST": Metric.SKIN_TEMPERATURE,
}
LOCATIONS = frozenset(
    {
        *BY_LOCATION, "OTHER", "ARMPIT", "BODY", "EAR", "GASTRO_INTESTINAL", "RECTUM", "EAR_DRUM",
        "FOREHEAD", "URINARY_BLADDER", "NASAL", "NASOPHARYNGEAL", "VAGINA",
    }
)  # fmt: skip
GLUCOSE_SOURCE, SPECIMEN = "measurementSource", "specimen"
# The metric is glucose in capillary blood by glucometer: a sensor's or a laboratory's is another.
GLUCOMETER = {
    GLUCOSE_SOURCE: frozenset({"SELF_MONITORING_BLOOD_GLUCOSE"}),
    SPECIMEN: frozenset({"CAPILLARY_BLOOD", "WHOLE_BLOOD"}),
}
# Those were never carried; any other word may be a new one for what was.
OTHER_GLUCOSE = {
    GLUCOSE_SOURCE: frozenset({"CONTINUOUS_GLUCOSE_MONITORING", "LAB_TEST"}),
    SPECIMEN: frozenset({"INTERSTITIAL_FLUID", "PLASMA", "SERUM", "TEARS"}),
}
# The phone's store of health data converts what it is given, and back: a gram and a millimeter, of
# all others a hundredth, tell one taking from another.
WHOLE_UNIT, HUNDREDTH = Decimal(1), Decimal("0.01")
WHOLE_UNITS = frozenset({"weight", "height"})
# Beside time and value, what is read, or says nothing of the reading.
SILENT = {TEMPERATURE: {LOCATION, "id"}, GLUCOSE: {*GLUCOMETER}}


def read_samples(pages: Sequence[Page], listing: Listing, reading: Reading) -> bool:
    """Read samples; tells whether every row was told from the others.

    Raises Malformed when an answer has no list of them.
    """
    points, is_clear = points_of(pages, listing, reading, _when)
    carried = [one for one in points if _is_carried(one, reading)]
    taken = []
    for one, first in with_first(carried, same=_taking, rank=lambda one: rank(one.source, one.id)):
        if one is first:
            taken.append(one)
        else:
            reading.into.ignore(one.day, "copy" if one.id == first.id else "other_source")
    # Without the vendor's ids all samples of an instant have one: whose counts is no matter of order.
    for one in newest(sorted(taken, key=lambda one: rank(one.source, "")), reading):
        _take(one, taking_of(one, reading))
    return is_clear


def _when(value: Row, zone: ZoneInfo) -> tuple[Moment, None, date] | None:
    at = sample_moment(value, zone)
    return (at, None, at.day) if at else None


def _is_carried(point: Point, reading: Reading) -> bool:
    if point.listing.name != GLUCOSE:
        return True
    for name, known in GLUCOMETER.items():
        given = word(point.value.get(name))
        if given is not None and given not in known:
            taking = taking_of(point, reading)
            count = taking.ignore if given in OTHER_GLUCOSE[name] else taking.keep
            count("unmapped_glucose")
            return False
    return True


def _field(point: Point) -> Field:
    _, known = FIELDS[point.listing.name]
    if point.listing.name != TEMPERATURE:
        return known
    location = word(point.value.get(LOCATION))
    return replace(known, metric=BY_LOCATION.get(location or "", known.metric))


def _taking(point: Point) -> tuple[object, ...]:
    """Give what two points of the same taking have in common."""
    name, _ = FIELDS[point.listing.name]
    known = _field(point)
    value = known.read(point.value.get(name))
    step = WHOLE_UNIT if point.listing.name in WHOLE_UNITS else HUNDREDTH
    about = None if value is None else value.quantize(step, ROUND_HALF_UP)
    return (point.day, point.start.at, known.metric, point.id if about is None else about)


def _take(point: Point, taking: Taking) -> None:
    name, _ = FIELDS[point.listing.name]
    if point.listing.name == TEMPERATURE:
        location = word(point.value.get(LOCATION))
        if location is not None and location not in LOCATIONS:
            taking.ignore("unknown_measurement_location")
    taking.take(_field(point), point.value.get(name))
    taking.count_unmapped(
        point.value, known={SAMPLE_TIME, name, *SILENT.get(point.listing.name, ())}
    )
