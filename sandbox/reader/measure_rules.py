"""How each type of measure stands in the EHR: the reader's own table of the vendor's numbers.

Belongs here: types, codes, units, words, and the data type that each is shared with. Not here: which
groups count (`takings.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.reader.readings import Amount, Row, Said, Word, number

SYSTOLIC, DIASTOLIC, PULSE = 10, 9, 11
TEMPERATURE, BODY_TEMPERATURE = 12, 71
RHYTHM, RHYTHM_BY_PULSE = 130, 139
BLOOD_PRESSURE = "85354-9"
CLASSIFICATION, PULSE_CLASSIFICATION = (
    "atrial-fibrillation-classification",
    "pulse-rhythm-classification",
)
# What an ECG's own words are, and the pulse's.
RHYTHMS = {0: "no-atrial-fibrillation", 1: "atrial-fibrillation", 2: "inconclusive"}
FINER_RHYTHMS = RHYTHMS | {
    3: "unreadable", 4: "other-rhythm", 5: "unreadable", 6: "low-heart-rate", 7: "high-heart-rate",
    8: "inconclusive", 9: "normal-sinus-rhythm", 10: "no-atrial-fibrillation-high-heart-rate",
    11: "atrial-fibrillation", 12: "atrial-fibrillation-high-heart-rate", 13: "other-rhythm",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """How one type stands: code, UCUM code, the data type that it is shared with, a power of ten.

    A type with `words` is a code of these and not a number.
    """

    code: str
    unit: str | None
    of: str
    shift: int = 0
    words: Mapping[int, str] | None = None


TYPES = {
    1: Measured("29463-7", "kg", "body"),
    4: Measured("8302-2", "cm", "body", shift=2),  # the vendor counts metres
    5: Measured("91557-9", "kg", "body"),
    6: Measured("41982-0", "%", "body"),
    8: Measured("73708-0", "kg", "body"),
    76: Measured("73964-9", "kg", "body"),
    77: Measured("101683-1", "kg", "body"),
    88: Measured("101685-6", "kg", "body"),
    168: Measured("extracellular-water", "kg", "body"),
    169: Measured("intracellular-water", "kg", "body"),
    170: Measured("visceral-fat-level", "{score}", "body"),
    226: Measured("basal-metabolic-rate", "kcal/d", "body"),
    227: Measured("metabolic-age", "a", "body"),
    SYSTOLIC: Measured("8480-6", "mm[Hg]", "blood_pressure"),
    DIASTOLIC: Measured("8462-4", "mm[Hg]", "blood_pressure"),
    PULSE: Measured("8867-4", "/min", "blood_pressure"),
    TEMPERATURE: Measured("8310-5", "Cel", "temperature"),
    BODY_TEMPERATURE: Measured("8310-5", "Cel", "temperature"),
    54: Measured("2708-6 59408-5", "%", "oxygen"),
    RHYTHM: Measured(CLASSIFICATION, None, "ecg", words=FINER_RHYTHMS),
    135: Measured("8633-0", "ms", "ecg"),
    136: Measured("8625-6", "ms", "ecg"),
    137: Measured("8634-8", "ms", "ecg"),
    138: Measured("8636-3", "ms", "ecg"),
    RHYTHM_BY_PULSE: Measured(PULSE_CLASSIFICATION, None, "ecg", words=RHYTHMS),
    158: Measured("left-foot-nerve-health-score", "{score}", "nerve_health"),
    159: Measured("right-foot-nerve-health-score", "{score}", "nerve_health"),
    167: Measured("nerve-health-score", "{score}", "nerve_health"),
    196: Measured("electrodermal-activity", "uS", "nerve_health"),
    197: Measured("left-foot-electrodermal-activity", "uS", "nerve_health"),
    198: Measured("right-foot-electrodermal-activity", "uS", "nerve_health"),
    229: Measured("electrochemical-skin-conductance", "uS", "nerve_health"),
    91: Measured("77196-4", "m/s", "pulse_wave_velocity"),
    155: Measured("vascular-age", "a", "vascular_age"),
    123: Measured("94122-9", "mL/min/kg", "fitness"),
    73: Measured("61008-9", "Cel", "skin_temperature"),
}
# By type and `position`; the whole body is in types of its own.
_SEGMENTS = {2: "right-arm", 3: "left-arm", 10: "left-leg", 11: "right-leg", 12: "trunk"}
_MASSES = {173: "fat-free-mass", 174: "fat-mass", 175: "muscle-mass"}
SEGMENTS = {
    (kind, position): Measured(f"{segment}-{mass}", "kg", "body")
    for kind, mass in _MASSES.items()
    for position, segment in _SEGMENTS.items()
}
# Types that belong to an ECG where one was taken with them.
OF_AN_ECG = frozenset({RHYTHM, 135, 136, 137, 138})


def measured(measure: Row) -> Measured | None:
    """Give how a measure stands; None when it does not."""
    kind = measure["type"]
    return TYPES.get(kind) or SEGMENTS.get((kind, measure.get("position", -1)))


def said(measure: Row, rule: Measured) -> Said | None:
    """Give what a measure says; None for a code that nobody knows."""
    value = number(measure["value"])
    if value is None:
        return None
    exact = value.scaleb(measure["unit"])
    if rule.words is None:
        return Amount(exact.scaleb(rule.shift), rule.unit)
    word = rule.words.get(int(exact)) if exact == int(exact) else None
    return Word(word) if word else None


def by_type(measures: Any) -> dict[int, list[tuple[Measured, Said]]]:
    """Give what measures say by their type, in the vendor's order."""
    found: dict[int, list[tuple[Measured, Said]]] = {}
    for measure in measures:
        rule = measured(measure)
        one = said(measure, rule) if rule else None
        if rule and one is not None:
            found.setdefault(measure["type"], []).append((rule, one))
    return found
