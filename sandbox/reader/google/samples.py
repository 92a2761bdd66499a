"""What must stand for takings of an instant: a weight, a height, a glucose, a temperature.

Belongs here: samples that are readings by themselves. Not here: those that come by the minute
(`series.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.reader.google.points import merged_points, once, raw_points, record_of
from sandbox.reader.google.rules import Field, at, reading, said_by
from sandbox.reader.google.twins import by_trust, without_twins
from sandbox.reader.readings import Listing, Reading, Row
from sandbox.reader.rules import codes

GLUCOSE, TEMPERATURE = "blood-glucose", "core-body-temperature"
VO2_MAX, VO2_UNIT = "94122-9", "mL/min/kg"
BODY_TEMPERATURE = "8310-5"
# By `measurementLocation`; anywhere else, known or not, it is a body's temperature.
LOCATIONS: Mapping[str, str] = {
    "MOUTH": codes(BODY_TEMPERATURE, "8331-1"),
    "TEMPORAL_ARTERY": codes(BODY_TEMPERATURE, "75539-7"),
    "FINGER": "61008-9",
    "TOE": "61008-9",
    "WRIST": "61008-9",
}
# The code is a glucometer's, of capillary blood.
SOURCES = frozenset({None, "MEASUREMENT_SOURCE_UNSPECIFIED", "SELF_MONITORING_BLOOD_GLUCOSE"})
SPECIMENS = frozenset({None, "SPECIMEN_UNSPECIFIED", "CAPILLARY_BLOOD", "WHOLE_BLOOD"})
OTHER_SOURCES = frozenset({"CONTINUOUS_GLUCOSE_MONITORING", "LAB_TEST"})
OTHER_SPECIMENS = frozenset({"INTERSTITIAL_FLUID", "PLASMA", "SERUM", "TEARS"})


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One type of sample: as what it is shared, its field, and whether the vendor merges sources."""

    type: str
    of: str
    field: Field
    is_merged: bool = False


SAMPLES = (
    Sample(
        type="weight",
        of="body",
        field=Field(name="weightGrams", code="29463-7", unit="kg", shift=-3, living=True),
    ),
    Sample(
        type="body-fat",
        of="body",
        field=Field(name="percentage", code="41982-0", unit="%", living=True),
    ),
    Sample(
        type="height",
        of="body",
        field=Field(
            name="heightMillimeters", code="8302-2", unit="cm", shift=-1, is_whole=True, living=True
        ),
    ),
    Sample(
        type=GLUCOSE,
        of="glucose",
        field=Field(
            name="bloodGlucoseMilligramsPerDeciliter", code="41653-7", unit="mg/dL", living=True
        ),
    ),
    Sample(
        type=TEMPERATURE,
        of="temperature",
        field=Field(name="temperatureCelsius", code=BODY_TEMPERATURE, unit="Cel", living=True),
    ),
    Sample(
        type="vo2-max",
        of="fitness",
        field=Field(name="vo2Max", code=VO2_MAX, unit=VO2_UNIT, living=True),
        is_merged=True,
    ),
    Sample(
        type="run-vo2-max",
        of="fitness",
        field=Field(name="runVo2Max", code=VO2_MAX, unit=VO2_UNIT, living=True),
        is_merged=True,
    ),
)
CODES = frozenset({one.field.code for one in SAMPLES} | {*LOCATIONS.values()})


def sample_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each sample."""
    for kind in SAMPLES:
        if listing.asked.shares(kind.of):
            for point in _counting(listing, kind):
                yield from _of_point(listing, kind, point)


def _counting(listing: Listing, kind: Sample) -> list[Row]:
    if kind.is_merged:
        return once(merged_points(listing, kind.type))
    points = [
        one for one in raw_points(listing, kind.type) if _is_meant(one, surely=listing.surely)
    ]
    return once(by_trust(without_twins(points, kind.field.name)))


def _is_meant(point: Row, *, surely: bool) -> bool:
    """Tell whether a point is what its type's code says: a sensor under the skin is no glucometer.

    A word that is not known may be a new one for what it was.
    """
    if point["type"] != GLUCOSE:
        return True
    source, specimen = (point["value"].get(name) for name in ("measurementSource", "specimen"))
    if surely:
        return source in SOURCES and specimen in SPECIMENS
    return source not in OTHER_SOURCES and specimen not in OTHER_SPECIMENS


def _of_point(listing: Listing, kind: Sample, point: Row) -> Iterator[Reading]:
    for code, said in said_by([kind.field], point["value"], surely=listing.surely):
        is_placed = kind.type == TEMPERATURE
        place = point["value"].get("measurementLocation", "") if is_placed else ""
        yield reading(
            listing,
            at(point, listing),
            point,
            record=record_of(point),
            code=LOCATIONS.get(place, code),
            amounts={"": said},
        )
