"""All that must stand for the files that somebody exported: each reading as it was told last.

Belongs here: what each kind of row becomes. Not here: when it was (`rows.py`). A file takes nothing
back: what is missing in a later one stands as it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sandbox.reader import panels
from sandbox.reader.conversions import converted
from sandbox.reader.files.rows import device_of, reading
from sandbox.reader.readings import (
    BEURER,
    OMRON_CONNECT,
    Flag,
    Listing,
    Reading,
    ReadingKey,
    Row,
    Said,
)
from sandbox.reader.rules import codes

# By kind of row, as what it is shared.
SHARED_AS = {
    "weight": "body",
    "pressure": "blood_pressure",
    "glucose": "glucose",
    "temperature": "temperature",
    "oxygen": "oxygen",
}
DATA_TYPES = {
    BEURER: frozenset(SHARED_AS.values()),
    OMRON_CONNECT: frozenset({"body", "blood_pressure"}),
}
SATURATION = codes("2708-6", "59408-5")
_OF_MINUTE = {
    "weight": ("29463-7", "kg"),
    "weight_lb": ("29463-7", "[lb_av]"),
    "weight_st": ("29463-7", "[stone_av]"),
    "bmi": ("39156-5", "kg/m2"),
    "body_fat": ("41982-0", "%"),
    "water": ("101684-9", "%"),
    "muscles": ("73965-6", "%"),
    "bones": ("101685-6", "kg"),
    "metabolic_age": ("metabolic-age", "a"),
    "visceral_fat": ("visceral-fat-level", "{score}"),
    "bmr": ("basal-metabolic-rate", "kcal/d"),
    "sys": (panels.SYSTOLIC, "mm[Hg]"),
    "dia": (panels.DIASTOLIC, "mm[Hg]"),
    "map": (panels.MEAN, "mm[Hg]"),
    "pulse": (panels.PULSE, "/min"),
    "glucose_mg_dl": ("41653-7", "mg/dL"),
    "glucose_mmol_l": ("15074-8", "mmol/L"),
    "temperature": ("8310-5", "Cel"),
    "spo2": (SATURATION, "%"),
}
_OF_SESSION = {
    "spo2_mean": (SATURATION, "%"),
    "spo2_min": ("minimum-oxygen-saturation", "%"),
    "spo2_max": ("maximum-oxygen-saturation", "%"),
    "pulse": ("103205-1", "/min"),
}
_FLAGS = {
    "irregular": panels.IRREGULAR,
    "movement": panels.MOVEMENT,
    "afib": panels.FIBRILLATION,
}
CODES = panels.CODES | {code for code, _ in (*_OF_MINUTE.values(), *_OF_SESSION.values())}


def file_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of all rows that were exported, in the order in which they were told."""
    told: dict[ReadingKey, Reading] = {}
    for row in listing.of("told"):
        if listing.asked.shares(SHARED_AS[row["kind"]]):
            for code, amounts in panels.observations(_said(row)):
                one = reading(listing, row, code, amounts)
                told[one.key] = one
    yield from told.values()


def models_told(rows: Iterable[Row]) -> Mapping[str, str]:
    """Give the model of each device that a file named."""
    return {name: row["device"] for row in rows if (name := device_of(row)) is not None}


def _said(row: Row) -> dict[str, Said]:
    known = _OF_SESSION if row["end"] else _OF_MINUTE
    said: dict[str, Said] = {}
    for name, text in row["values"].items():
        code, unit = known[name]
        said[code] = converted(Decimal(text), unit)
    # A flag that is not raised says nothing.
    return said | {_FLAGS[name]: Flag(value=True) for name in row["flags"]}


KINDS = (file_readings,)
